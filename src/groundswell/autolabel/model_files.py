"""Models and features as bytes: safetensors, which holds arrays and facts and can run nothing.

The layout is eight bytes with the length of a JSON header, the header, the arrays one after the other. Reading checks
every length, type and offset before it makes an array; nothing here ever unpickles.
Source: https://huggingface.co/docs/safetensors (format).
"""

from __future__ import annotations

import json
import math
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.autolabel.learner import ModelState
from groundswell.domain.errors import InvalidInput

_TYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "|i1",
    "U8": "|u1",
    "U16": "<u2",
    "U32": "<u4",
    "BOOL": "|b1",
}
_NAMES = {np.dtype(kind): name for name, kind in _TYPES.items()}
_FORMAT = "groundswell/1"
_MOST_HEADER = 10_000_000


def pack(state: ModelState) -> bytes:
    """A state as a safetensors file; the same state gives the same bytes."""
    facts = {"format": _FORMAT, "learner": state.learner, "facts": json.dumps(state.facts, sort_keys=True)}
    header: dict[str, Any] = {"__metadata__": facts}
    parts, offset = [], 0
    for name in sorted(state.arrays):
        array = np.ascontiguousarray(state.arrays[name])
        kind = _NAMES.get(array.dtype.newbyteorder("<"))
        if kind is None:
            raise InvalidInput(f"array {name!r} has type {array.dtype}, expected one of {', '.join(_TYPES)}")
        raw = array.astype(_TYPES[kind], copy=False).tobytes()
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [offset, offset + len(raw)]}
        parts.append(raw)
        offset += len(raw)
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    return b"".join([struct.pack("<Q", len(head)), head, *parts])


def unpack(data: bytes) -> ModelState:
    """The state again. Raises: InvalidInput, for anything but a whole file that `pack` could have made."""
    header, body = _header(data)
    facts = header.pop("__metadata__", None)
    if not isinstance(facts, dict) or facts.get("format") != _FORMAT:
        raise InvalidInput(
            f"expected a model file of Groundswell ({_FORMAT}), got a safetensors file of something else"
        )
    arrays = {str(name): _array(str(name), entry, body) for name, entry in header.items()}
    try:
        return ModelState(str(facts["learner"]), arrays, json.loads(facts["facts"]))
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput("the model file's facts cannot be read; make the file again") from error


def _header(data: bytes) -> tuple[dict[str, Any], memoryview]:
    # A length may begin with the same bytes as a pickle or a zip; what follows it tells them apart.
    if data[8:9] != b"{" and data[:2] in (b"PK", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"):
        raise InvalidInput(
            "expected a safetensors file, got a pickle or a zip: such files can run code and are not read"
        )
    length = struct.unpack_from("<Q", data)[0] if len(data) >= 8 else 0
    if not 0 < length <= min(_MOST_HEADER, len(data) - 8):
        raise InvalidInput("expected a safetensors file, got something else or a part of one; make the file again")
    try:
        header = json.loads(data[8 : 8 + length])
    except ValueError as error:
        raise InvalidInput("the header of the model file is no JSON; make the file again") from error
    if not isinstance(header, dict):
        raise InvalidInput("the header of the model file is no JSON object; make the file again")
    return header, memoryview(data)[8 + length :]


def _array(name: str, entry: Any, body: memoryview) -> NDArray[Any]:
    try:
        kind, shape = np.dtype(_TYPES[entry["dtype"]]), tuple(int(size) for size in entry["shape"])
        start, end = (int(place) for place in entry["data_offsets"])
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(f"the model file describes array {name!r} wrongly; make the file again") from error
    if min(shape, default=0) < 0 or not 0 <= start <= end <= len(body):
        raise InvalidInput(f"array {name!r} reaches beyond the model file; make the file again")
    if end - start != math.prod(shape) * kind.itemsize:
        raise InvalidInput(f"array {name!r} is {end - start} bytes, expected {math.prod(shape) * kind.itemsize}")
    return np.frombuffer(body[start:end], kind).reshape(shape).copy()
