"""Arrow columns as ids of one type, by the rules of `column_types.py`; numbers never become Python objects.

Imported where a column of Arrow is at hand, so that nothing else needs pyarrow.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from groundswell.offline.column_types import MISSING_WORDS, Facts, Spelling, cell

Column: TypeAlias = "pa.Array | pa.ChunkedArray"
_INEXACT, _BIG = 2.0**53, 2.0**63


def facts_of(column: Column, keep: Collection[str] = ()) -> Facts:
    """What the values of a column are."""
    kind = column.type
    if pa.types.is_integer(kind):
        ends = pc.min_max(column).as_py()
        return Facts.of(ends.values(), keep)
    if pa.types.is_floating(kind):
        return _facts_of_floats(_floats(column))
    found = Facts()
    for chunk in chunks_of(column):
        found |= Facts.of(values_of(_distinct(chunk)), keep)
    return found


def with_ids(column: Column, spelling: Spelling) -> pa.Array:
    """The ids of a column: texts, whole numbers or floats, null where missing."""
    facts = spelling.facts
    if facts.text or not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        parts = [_spelled(chunk, spelling) for chunk in chunks_of(column)]
        return pa.concat_arrays(parts) if parts else pa.array([], id_type(facts))
    if pa.types.is_integer(column.type):
        return _one_array(column).cast(id_type(facts))
    values = _floats(column)
    return pa.array(values, mask=np.isnan(values)).cast(id_type(facts))


def spelling_of(columns: Iterable[Column], keep: Collection[str] = ()) -> Spelling:
    """How parts of one column are spelled."""
    facts = Facts()
    for column in columns:
        facts |= facts_of(column, keep)
    return Spelling(facts, keep)


def one_id_for_each(columns: Sequence[Column], keep: Collection[str] = ()) -> pa.ChunkedArray:
    """Parts of one column, of whatever types, as ids of one type."""
    spelling = spelling_of(columns, keep)
    return pa.chunked_array([with_ids(column, spelling) for column in columns], id_type(spelling.facts))


def id_type(facts: Facts) -> pa.DataType:
    """What ids of such a column are."""
    return pa.string() if facts.text else pa.float64() if facts.fractions else pa.int64()


def declared_order(column: Any) -> list[str] | None:
    """The classes of an ordered categorical column in its order; None for another column.

    Parts may know different classes; the longest list of them holds where the others keep its order.
    """
    if not (pa.types.is_dictionary(getattr(column, "type", pa.null())) and column.type.ordered):
        return None
    lists = [[str(cell(value, MISSING_WORDS)) for value in chunk.dictionary.to_pylist()] for chunk in chunks_of(column)]
    longest = max(lists, key=len, default=[])
    return longest if all(_within(shorter, longest) for shorter in lists) else None


def _within(shorter: Sequence[str], longer: Sequence[str]) -> bool:
    """Whether a list is another with gaps."""
    rest = iter(longer)
    return all(value in rest for value in shorter)


def chunks_of(column: Column) -> list[pa.Array]:
    """The arrays a column consists of."""
    return column.chunks if isinstance(column, pa.ChunkedArray) else [column]


def values_of(column: Column) -> list[Any]:
    """The values as Python has them; floats of 32 bits as they are written, 0.1 and not 0.10000000149011612."""
    if pa.types.is_float32(column.type) or pa.types.is_float16(column.type):
        return [None if value is None else float(str(value)) for value in column.to_numpy(zero_copy_only=False)]
    return column.to_pylist()  # type: ignore[no-any-return]


def _distinct(chunk: pa.Array) -> pa.Array:
    return chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk.unique()


def _spelled(chunk: pa.Array, spelling: Spelling) -> pa.Array:
    if spelling.plain_texts and pa.types.is_string(chunk.type):
        return _trimmed(chunk, spelling)
    encoded = chunk if pa.types.is_dictionary(chunk.type) else chunk.dictionary_encode()
    ids = pa.array(spelling.ids_of(values_of(encoded.dictionary)), id_type(spelling.facts))
    return ids.take(encoded.indices)


def _trimmed(chunk: pa.Array, spelling: Spelling) -> pa.Array:
    """Texts in which there is nothing to spell: the array itself where all are ids already."""
    trimmed = pc.utf8_trim_whitespace(chunk)
    missing = pc.is_in(trimmed, value_set=pa.array(sorted(spelling.missing), pa.string()))
    if pc.any(missing).as_py():
        return pc.if_else(missing, None, trimmed)
    return chunk if trimmed.equals(chunk) else trimmed


def _one_array(column: Column) -> pa.Array:
    return pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) and column.chunks else column


def _floats(column: Column) -> NDArray[np.float64]:
    """The values as floats of 64 bits, NaN where missing."""
    if pa.types.is_float64(column.type):
        return np.concatenate([np.empty(0), *(chunk.to_numpy(zero_copy_only=False) for chunk in chunks_of(column))])
    return np.array([np.nan if value is None else value for value in values_of(column)], np.float64)


def _facts_of_floats(values: NDArray[np.float64]) -> Facts:
    there = values[~np.isnan(values)]
    finite = there[np.isfinite(there)]
    whole = np.abs(finite[finite == np.floor(finite)])
    return Facts(
        numbers=bool(finite.size),
        fractions=whole.size < finite.size,
        inexact=bool((whole >= _INEXACT).any()),
        big=bool((whole >= _BIG).any()),
        words=finite.size < there.size,
    )
