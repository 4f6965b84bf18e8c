"""The methods for single-class labels by the names that specifications and the command line use."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from groundswell.consolidation.base import CategoricalConsolidator
from groundswell.domain.errors import InvalidInput

DEFAULT_METHOD = "consolidator"

_METHODS = {
    "consolidator": ("dawid_skene", "DawidSkene"),
    "majority-vote": ("majority_vote", "MajorityVote"),
    "dawid-skene": ("dawid_skene", "DawidSkene"),
}

METHOD_NAMES = tuple(_METHODS)


def consolidator_named(name: str, **options: Any) -> CategoricalConsolidator:
    """A new estimator. Raises: InvalidInput, for a name that is no method."""
    if name not in _METHODS:
        raise InvalidInput(
            f"a consolidation method is one of {', '.join(METHOD_NAMES)}; given was {name!r}", field="method"
        )
    module, attribute = _METHODS[name]
    made = getattr(import_module(f"groundswell.consolidation.{module}"), attribute)(**options)
    assert isinstance(made, CategoricalConsolidator)
    return made
