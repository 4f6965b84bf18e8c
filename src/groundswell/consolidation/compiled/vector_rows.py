"""Rows of a table as vectors in registers: what numba does not make of loops over a handful of classes by itself.

All operations read row numbers `row[start:stop]` of a C-contiguous table (R, size) whose `size` is a constant of the
calling function, a power of two, and work on whole rows with the processor's vector instructions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_WORD = ir.IntType(64)
_ALIGN = 8  # rows start at any number, not at multiples of a vector


def _reduce_rows(operation: str) -> Any:
    """`reduce(first, table, row, start, stop, result, size)`: result = first and all rows combined; returns its sum."""

    def typed(
        typing_context: Any, first: Any, table: Any, row: Any, start: Any, stop: Any, result: Any, size: Any
    ) -> Any:
        if not isinstance(size, types.IntegerLiteral):
            return None
        length = size.literal_value

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            at = _Vectors(context, builder, signature, arguments, length)
            running = cgutils.alloca_once(builder, at.kind)  # type: ignore[no-untyped-call]
            builder.store(at.load(at.pointer(0)), running)
            combine = getattr(builder, operation)
            with at.rows(2, 3, 4) as number:
                builder.store(combine(builder.load(running), at.load(at.pointer(1, number))), running)
            combined = builder.load(running)
            at.store(combined, at.pointer(5))
            return _sum(builder, combined, length)

        return types.float64(first, table, row, types.intp, types.intp, result, size), generate

    return intrinsic(prefer_literal=True)(typed)


def _add_to_rows(
    typing_context: Any,
    vector: Any,
    scale: Any,
    table: Any,
    row: Any,
    start: Any,
    stop: Any,
    also: Any,
    size: Any,
) -> Any:
    """`add_to_rows(vector, scale, table, row, start, stop, also, size)`: add vector * scale to rows and to `also`."""
    if not isinstance(size, types.IntegerLiteral):
        return None
    length = size.literal_value

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        at = _Vectors(context, builder, signature, arguments, length)
        one = builder.insert_element(ir.Constant(at.kind, ir.Undefined), arguments[1], _WORD(0))
        lanes = ir.Constant(ir.VectorType(ir.IntType(32), length), [0] * length)
        added = builder.fmul(at.load(at.pointer(0)), builder.shuffle_vector(one, one, lanes))
        at.store(builder.fadd(at.load(at.pointer(6)), added), at.pointer(6))
        with at.rows(3, 4, 5) as number:
            place = at.pointer(2, number)
            at.store(builder.fadd(at.load(place), added), place)
        return context.get_dummy_value()

    arguments = (vector, types.float64, table, row, types.intp, types.intp, also, size)
    return types.void(*arguments), generate


def _sum(builder: Any, vector: Any, length: int) -> Any:
    """The sum of a vector whose length is a power of two, by halves."""
    while length > 1:
        length //= 2
        nothing = ir.Constant(vector.type, ir.Undefined)
        low, high = (
            builder.shuffle_vector(vector, nothing, ir.Constant(ir.VectorType(ir.IntType(32), length), list(lanes)))
            for lanes in (range(length), range(length, 2 * length))
        )
        vector = builder.fadd(low, high)
    return builder.extract_element(vector, _WORD(0))


class _Vectors:
    """Loads, stores and the loop over rows, for one call."""

    def __init__(self, context: Any, builder: Any, signature: Any, arguments: Any, length: int) -> None:
        self.context, self.builder, self.signature, self.arguments = context, builder, signature, arguments
        self.length = length
        self.kind = ir.VectorType(ir.DoubleType(), length)

    def _data(self, argument: int) -> Any:
        array = self.context.make_array(self.signature.args[argument])
        return array(self.context, self.builder, self.arguments[argument]).data

    def pointer(self, argument: int, number: Any = None) -> Any:
        """Where a row of an array argument starts."""
        offset = _WORD(0) if number is None else self.builder.mul(number, _WORD(self.length))
        return self.builder.bitcast(self.builder.gep(self._data(argument), [offset]), self.kind.as_pointer())

    def load(self, pointer: Any) -> Any:
        """A whole row."""
        return self.builder.load(pointer, align=_ALIGN)

    def store(self, vector: Any, pointer: Any) -> None:
        """A whole row."""
        self.builder.store(vector, pointer, align=_ALIGN)

    @contextmanager
    def rows(self, row: int, start: int, stop: int) -> Iterator[Any]:
        """A loop over the numbers in row[start:stop]."""
        numbers = self._data(row)
        span = (self.arguments[start], self.arguments[stop], _WORD(1))
        with cgutils.for_range_slice(self.builder, *span) as (i, _):
            yield self.builder.sext(self.builder.load(self.builder.gep(numbers, [i])), _WORD)


multiply_rows: Any = _reduce_rows("fmul")
sum_rows: Any = _reduce_rows("fadd")
add_to_rows: Any = intrinsic(prefer_literal=True)(_add_to_rows)
