"""Algorithms for classes, by the names that specifications and the command line use. Other answers: `registry.py`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from groundswell.domain.errors import InvalidInput

if TYPE_CHECKING:  # names are listed where no algorithm is needed: algorithms bring compiled code with them
    from groundswell.consolidation.base import CategoricalConsolidator

DEFAULT_METHOD = "consolidator"

_METHODS = {
    "consolidator": ("consolidator", "Consolidator"),
    "majority-vote": ("majority_vote", "MajorityVote"),
    "dawid-skene": ("dawid_skene", "DawidSkene"),
    "weighted-vote": ("weighted_vote", "WeightedVote"),
    "one-coin": ("one_coin", "OneCoin"),
    "modified-dawid-skene": ("modified_dawid_skene", "ModifiedDawidSkene"),
    "glad": ("glad", "GLAD"),
    "mace": ("mace", "MACE"),
    "ordinal": ("ordinal", "OrdinalConsolidator"),
    "bcc": ("bcc", "BayesianClassifierCombination"),
    "enhanced-bcc": ("enhanced_bcc", "EnhancedBCC"),
}

METHOD_NAMES = tuple(_METHODS)
ORDINAL_METHODS = ("ordinal",)
"""Those that take the order of the classes for a scale."""


def consolidator_named(name: str, **options: Any) -> CategoricalConsolidator:
    """A new estimator. Raises: InvalidInput, for a name that is no method."""
    if name not in _METHODS:
        raise InvalidInput(
            f"a consolidation method is one of {', '.join(METHOD_NAMES)}; given was {name!r}", field="method"
        )
    module, attribute = _METHODS[name]
    made: CategoricalConsolidator = getattr(import_module(f"groundswell.consolidation.{module}"), attribute)(**options)
    return made
