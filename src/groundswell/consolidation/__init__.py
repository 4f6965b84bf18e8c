"""Annotations to labels: one algorithm per file, useful alone, without a server.

Here: votes, estimators, live consolidation. Elsewhere: agreement and spam signals (`groundswell.quality`), where heavy
fits run (`groundswell.compute`), reading files (`groundswell.offline`). Names load their module when first used, so
that importing this room costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOMES = {
    "votes": ("Votes",),
    "majority_vote": ("MajorityVote",),
    "dawid_skene": ("DawidSkene", "ConfusionPrior"),
    "bcc": ("BayesianClassifierCombination", "BCC"),
    "enhanced_bcc": ("EnhancedBCC",),
    "weighted_vote": ("WeightedVote",),
    "one_coin": ("OneCoin",),
    "modified_dawid_skene": ("ModifiedDawidSkene",),
    "glad": ("GLAD",),
    "mace": ("MACE",),
    "ordinal": ("OrdinalConsolidator",),
    "consolidator": ("Consolidator",),
    "adaptive": ("AdaptiveRedundancy", "expected_information"),
    "estimates": ("Answer", "Estimate", "LiveConsolidation"),
    "live": ("LiveClassification",),
    "methods": ("DEFAULT_METHOD", "METHOD_NAMES", "consolidator_named"),
    "boxes": ("BoxConsolidator",),
    "polygons": ("PolygonConsolidator",),
    "polylines": ("PolylineConsolidator",),
    "keypoints": ("KeypointConsolidator",),
    "spans": ("SpanConsolidator",),
    "masks": ("SemanticMaskConsolidator",),
    "instance_masks": ("InstanceMaskConsolidator",),
    "multilabel": ("MultiLabelConsolidator",),
    "numeric": ("NumericConsolidator",),
    "ranking": ("RankingConsolidator",),
    "bradley_terry": ("BradleyTerry",),
    "pairwise": ("PairwiseConsolidator",),
    "transcriptions": ("TranscriptionConsolidator",),
    "question_answers": ("QuestionAnswersConsolidator",),
    "verification": ("AdjustmentConsolidator",),
    "answers": ("Consolidated", "StructuredConsolidator"),
    "live_objects": ("PerObjectConsolidation",),
    "registry": ("create_live",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

if TYPE_CHECKING:
    from groundswell.consolidation.adaptive import AdaptiveRedundancy as AdaptiveRedundancy
    from groundswell.consolidation.adaptive import expected_information as expected_information
    from groundswell.consolidation.answers import Consolidated as Consolidated
    from groundswell.consolidation.answers import StructuredConsolidator as StructuredConsolidator
    from groundswell.consolidation.bcc import BCC as BCC
    from groundswell.consolidation.bcc import BayesianClassifierCombination as BayesianClassifierCombination
    from groundswell.consolidation.boxes import BoxConsolidator as BoxConsolidator
    from groundswell.consolidation.bradley_terry import BradleyTerry as BradleyTerry
    from groundswell.consolidation.consolidator import Consolidator as Consolidator
    from groundswell.consolidation.dawid_skene import ConfusionPrior as ConfusionPrior
    from groundswell.consolidation.dawid_skene import DawidSkene as DawidSkene
    from groundswell.consolidation.enhanced_bcc import EnhancedBCC as EnhancedBCC
    from groundswell.consolidation.estimates import Answer as Answer
    from groundswell.consolidation.estimates import Estimate as Estimate
    from groundswell.consolidation.estimates import LiveConsolidation as LiveConsolidation
    from groundswell.consolidation.glad import GLAD as GLAD
    from groundswell.consolidation.instance_masks import InstanceMaskConsolidator as InstanceMaskConsolidator
    from groundswell.consolidation.keypoints import KeypointConsolidator as KeypointConsolidator
    from groundswell.consolidation.live import LiveClassification as LiveClassification
    from groundswell.consolidation.live_objects import PerObjectConsolidation as PerObjectConsolidation
    from groundswell.consolidation.mace import MACE as MACE
    from groundswell.consolidation.majority_vote import MajorityVote as MajorityVote
    from groundswell.consolidation.masks import SemanticMaskConsolidator as SemanticMaskConsolidator
    from groundswell.consolidation.methods import DEFAULT_METHOD as DEFAULT_METHOD
    from groundswell.consolidation.methods import METHOD_NAMES as METHOD_NAMES
    from groundswell.consolidation.methods import consolidator_named as consolidator_named
    from groundswell.consolidation.modified_dawid_skene import ModifiedDawidSkene as ModifiedDawidSkene
    from groundswell.consolidation.multilabel import MultiLabelConsolidator as MultiLabelConsolidator
    from groundswell.consolidation.numeric import NumericConsolidator as NumericConsolidator
    from groundswell.consolidation.one_coin import OneCoin as OneCoin
    from groundswell.consolidation.ordinal import OrdinalConsolidator as OrdinalConsolidator
    from groundswell.consolidation.pairwise import PairwiseConsolidator as PairwiseConsolidator
    from groundswell.consolidation.polygons import PolygonConsolidator as PolygonConsolidator
    from groundswell.consolidation.polylines import PolylineConsolidator as PolylineConsolidator
    from groundswell.consolidation.question_answers import QuestionAnswersConsolidator as QuestionAnswersConsolidator
    from groundswell.consolidation.ranking import RankingConsolidator as RankingConsolidator
    from groundswell.consolidation.registry import create_live as create_live
    from groundswell.consolidation.spans import SpanConsolidator as SpanConsolidator
    from groundswell.consolidation.transcriptions import TranscriptionConsolidator as TranscriptionConsolidator
    from groundswell.consolidation.verification import AdjustmentConsolidator as AdjustmentConsolidator
    from groundswell.consolidation.votes import Votes as Votes
    from groundswell.consolidation.weighted_vote import WeightedVote as WeightedVote

__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME_OF})
