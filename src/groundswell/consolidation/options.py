"""Limits of estimators' options, checked when they fit: a constructor only stores.

Elsewhere: options of structured kinds, which those check themselves (`require` in `answers.py`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from groundswell.domain.errors import InvalidInput

_NOTHING: Mapping[str, float] = {}


def require_options(
    model: object, *, at_least: Mapping[str, float] = _NOTHING, above: Mapping[str, float] = _NOTHING
) -> None:
    """Refuse numbers with which a model has no meaning, such as negative pseudocounts.

    at_least, above : attribute of the model to its limit, which itself is allowed or not.
    Raises: InvalidInput, for a number beyond its limit, or one that is not finite.
    """
    for name, limit in (*at_least.items(), *above.items()):
        value = getattr(model, name)
        if not math.isfinite(value) or value < limit or (name in above and value == limit):
            words = "above" if name in above else "at least"
            raise InvalidInput(
                f"{name} of {type(model).__name__} must be a finite number {words} {limit:g}; given was {value!r}",
                field=name,
            )
