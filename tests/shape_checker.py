"""What checks arrays against their annotations while tests run: `contract/test_shapes.py` says how.

Annotations are jaxtyping's, such as Float64[Floats, "N K"]: the same letter is the same number in one call. Modules
import their names for type checkers only, so that nothing but tests needs the packages; here they are put where strings
of annotations are looked up last.
"""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Callable
from typing import Any

import jaxtyping
from beartype import BeartypeConf, beartype

NAMES = ("Bool", "Float64", "Int32", "Int64", "UInt8")
_ARRAYS = re.compile(r"\b(NDArray|Floats|Index|Offsets|Ints|Mask|Plane|Numbers|Moves|Bool|Float64|Int32|Int64|UInt8)\b")

# An int will do for a float.
_CHECK: Callable[[Callable[..., Any]], Callable[..., Any]] = beartype(conf=BeartypeConf(is_pep484_tower=True))

sys.modules["numba"] = None  # type: ignore[assignment]  # what is compiled cannot be checked; its twins are

for _name in NAMES:
    setattr(builtins, _name, getattr(jaxtyping, _name))


def checked(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with its arguments and result checked at every call, where it takes or gives arrays."""
    hints = [str(hint) for hint in function.__annotations__.values()]
    if not any(map(_ARRAYS.search, hints)) or any("Self" in hint for hint in hints):
        return function
    return _CHECK(function)
