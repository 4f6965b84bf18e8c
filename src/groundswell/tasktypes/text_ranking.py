"""Rank several responses to a prompt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from groundswell.consolidation.estimates import Estimate
from groundswell.domain.errors import InvalidAnnotation
from groundswell.tasktypes import file_forms, live, metadata, pictures, simulated
from groundswell.tasktypes.answers import items_of, member_of, part, shown, text_of, whole_of
from groundswell.tasktypes.base import DecodeContext, EncodeContext, EncodedLabel, Gallery, TaskType

MANIFEST_TYPE = "groundtruth/text-ranking"
_MEMBER = "ordinalRankingDimensions"
Ranks = dict[str, list[int]]


def decode(content: Mapping[str, Any], context: DecodeContext) -> Ranks:
    """The ranks of the responses by dimension, 1 the best. Raises InvalidAnnotation.

    Answers are not nested under the element's name, as Ground Truth's; nested ones are read as well.
    """
    responses = context.manifest_line.get("responses")
    count = len(responses) if isinstance(responses, list) else None
    return _dimensions(part(content, ("crowd-text-ranking",), _MEMBER)[_MEMBER], count)


def encode(estimate: Estimate, context: EncodeContext) -> EncodedLabel:
    """The same form as workers' answers, with a confidence for each dimension."""
    ties = _allowed_ties(context)
    sure = estimate.details.get("confidences", {})
    dimensions = [
        {"name": name, "allowTie": ties.get(name, True), "responseRankings": [int(rank) for rank in ranks]}
        for name, ranks in estimate.value.items()
    ]
    said = {
        "dimensions": [
            {"name": name, "confidence": metadata.confidence(sure.get(name, estimate.confidence), context)}
            for name in estimate.value
        ]
    }
    return EncodedLabel({_MEMBER: dimensions}, said | metadata.common(context, MANIFEST_TYPE))


def read_label(value: Any, said: Mapping[str, Any], labels: Sequence[str]) -> Ranks:
    """The ranks of a manifest's label. Raises InvalidAnnotation."""
    return _dimensions(member_of(value, _MEMBER, "label"), None)


def _dimensions(given: Any, count: int | None) -> Ranks:
    found: Ranks = {}
    for index, item in enumerate(items_of(given, _MEMBER)):
        where = f"{_MEMBER}[{index}]"
        name = text_of(member_of(item, "name", where), f"{where}.name")
        ranks = member_of(item, "responseRankings", where)
        if not isinstance(ranks, list) or not ranks or (count is not None and len(ranks) != count):
            expected = "a rank for each response" if count is None else f"{count} ranks, one for each response"
            raise InvalidAnnotation(
                f"{where}.responseRankings: expected {expected}, got {shown(ranks)}", field=f"{where}.responseRankings"
            )
        found[name] = [
            whole_of(rank, f"{where}.responseRankings[{i}]", least=1, most=len(ranks)) for i, rank in enumerate(ranks)
        ]
    if not found:
        raise InvalidAnnotation(f"{_MEMBER}: expected at least one dimension, got none", field=_MEMBER)
    return found


def _allowed_ties(context: EncodeContext) -> dict[str, bool]:
    for content in context.answers:
        given = part(content, ("crowd-text-ranking",), _MEMBER)[_MEMBER]
        return {str(item.get("name")): bool(item.get("allowTie", True)) for item in given}
    return {}


TASK_TYPE = TaskType(
    name="text-ranking",
    title="Text ranking",
    summary="Rank several responses to a prompt.",
    modality="text",
    manifest_type=MANIFEST_TYPE,
    template="text-ranking.liquid.html",
    min_labels=0,
    max_labels=1_000,
    default_per_object=3,
    default_time_limit_s=3_600,
    decode=decode,
    consolidation=live.structured("ranking"),
    encode=encode,
    read_label=read_label,
    kind_of_answer="ranking",
    file_form=file_forms.RANKING,
    recognised_by=("ordinalRankingDimensions",),
    simulate=simulated.rankings,
    gallery=Gallery(
        "Texts",
        4,
        pictures.drawing(
            pictures.PAPER,
            '<rect x="18" y="8" width="154" height="20" rx="4" fill="#fff" stroke="#d8d1c1"/>'
            '<circle cx="32" cy="18" r="7" fill="#0b6e5f"/>'
            '<rect x="18" y="32" width="154" height="20" rx="4" fill="#fff" stroke="#d8d1c1"/>'
            '<circle cx="32" cy="42" r="7" fill="#6aa89c"/>'
            '<rect x="18" y="56" width="154" height="20" rx="4" fill="#fff" stroke="#d8d1c1"/>'
            '<circle cx="32" cy="66" r="7" fill="#bcd6cf"/><g fill="#b9b2a3">'
            '<rect x="46" y="15" width="100" height="6" rx="3"/>'
            '<rect x="46" y="39" width="80" height="6" rx="3"/>'
            '<rect x="46" y="63" width="110" height="6" rx="3"/></g>',
        ),
    ),
)
