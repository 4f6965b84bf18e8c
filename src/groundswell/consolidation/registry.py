"""The live consolidation of every kind of answer by name: what task types ask for. Loads a kind when first asked."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from groundswell.consolidation.estimates import LiveConsolidation
from groundswell.domain.errors import InvalidInput

# kind -> module, class, whether the classes of the job are given to it
_STRUCTURED = {
    "multi-label": ("multilabel", "MultiLabelConsolidator", True),
    "boxes": ("boxes", "BoxConsolidator", True),
    "polygons": ("polygons", "PolygonConsolidator", True),
    "polylines": ("polylines", "PolylineConsolidator", True),
    "lines": ("polylines", "PolylineConsolidator", True),
    "keypoints": ("keypoints", "KeypointConsolidator", True),
    "semantic-masks": ("masks", "SemanticMaskConsolidator", True),
    "instance-masks": ("instance_masks", "InstanceMaskConsolidator", True),
    "spans": ("spans", "SpanConsolidator", True),
    "ranking": ("ranking", "RankingConsolidator", False),
    "pairwise": ("pairwise", "PairwiseConsolidator", False),
    "transcription": ("transcriptions", "TranscriptionConsolidator", False),
    "numeric": ("numeric", "NumericConsolidator", False),
    "question-answers": ("question_answers", "QuestionAnswersConsolidator", False),
    "passthrough": ("passthrough", "PassthroughConsolidator", False),
}
_PACKED = {"semantic-masks": "plane", "instance-masks": "instances"}
_FORMS = {"semantic-masks": "plane", "instance-masks": "instances", "ranking": "ranks", "pairwise": "comparison"}
_ROOM = "groundswell.consolidation"

KINDS = ("classification", "verification", *_STRUCTURED)


def create_live(
    kind: str, *, labels: Sequence[str] | None = None, method: str | None = None, **options: Any
) -> LiveConsolidation:
    """A new live consolidation.

    Parameters
    ----------
    kind : one of `KINDS`.
    labels : the job's classes, in order; None or empty where the kind has none or any will do.
    method : of `methods.py`, for classification and verification; other kinds have one method each.
    options : the constructor arguments of the kind's consolidator.
    Raises: InvalidInput, for an unknown kind, or a kind that needs labels without them.
    """
    if kind in ("classification", "verification"):
        return _classification(kind, labels, method, options)
    if kind not in _STRUCTURED:
        raise InvalidInput(f"a kind of answer is one of {', '.join(KINDS)}; given was {kind!r}", field="kind")
    consolidator = _structured(kind, labels, options)
    live = import_module(f"{_ROOM}.live_objects")
    made: LiveConsolidation = live.PerObjectConsolidation(consolidator, **_packing(kind), **_forming(kind))
    return made


def _packing(kind: str) -> dict[str, Any]:
    """How answers of a kind are kept, where not as they are."""
    if kind not in _PACKED:
        return {}
    planes = import_module(f"{_ROOM}.planes")
    return {"pack": getattr(planes, f"pack_{_PACKED[kind]}"), "unpack": getattr(planes, f"unpack_{_PACKED[kind]}")}


def _forming(kind: str) -> dict[str, Any]:
    """What answers to one object must have in common, where anything."""
    return {"form": getattr(import_module(f"{_ROOM}.forms"), f"{_FORMS[kind]}_form")} if kind in _FORMS else {}


def _structured(kind: str, labels: Sequence[str] | None, options: dict[str, Any]) -> Any:
    module, name, takes_labels = _STRUCTURED[kind]
    if kind == "semantic-masks" and not labels:
        raise InvalidInput("masks need the job's labels, in the order of their indices; give labels=", field="labels")
    if takes_labels:
        options = {"labels": list(labels) if labels else None, **options}
    return getattr(import_module(f"{_ROOM}.{module}"), name)(**options)


def _classification(
    kind: str, labels: Sequence[str] | None, method: str | None, options: dict[str, Any]
) -> LiveConsolidation:
    if not labels:
        raise InvalidInput(f"{kind} needs the job's labels; give labels=", field="labels")
    live = import_module(f"{_ROOM}.live")
    classification: LiveConsolidation = live.LiveClassification(
        list(labels), **({} if method is None else {"method": method}), **options
    )
    if kind == "classification":
        return classification
    verified: LiveConsolidation = import_module(f"{_ROOM}.verification").LiveVerification(classification)
    return verified
