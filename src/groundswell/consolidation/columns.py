"""Columns of ids of any common kind, as codes into a sorted list of distinct ids.

Lists, NumPy, Arrow, pandas and Polars are read without importing any of the last three: whoever holds such a column
has them imported already. Integers, and columns that are dictionaries already, never become Python objects.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.domain.errors import InvalidVotes

_SPREAD = 8  # integers lying in a range up to this many times their number are counted instead of sorted


@dataclass(frozen=True)
class Column:
    """M codes into distinct ids; -1 where the value is missing."""

    codes: NDArray[np.int32]  # (M,)
    ids: NDArray[Any]  # distinct ids, sorted by type, then value; as declared where `ordered`
    ordered: bool = False  # the column itself declares the order of its ids: an ordered categorical

    def __len__(self) -> int:
        return len(self.codes)

    def extended(self, other: Column) -> Column:
        """The same rows over the ids of both columns."""
        position = _positions(self.ids)
        both = [*self.ids.tolist(), *(key for key in other.ids.tolist() if key not in position)]
        order = sort_ids(both)
        return Column(_recode(self.codes, order, both), as_ids(order))

    def reordered(self, ids: list[Any]) -> Column:
        """The same rows over the same ids in another order."""
        return replace(self, codes=_recode(self.codes, ids, self.ids.tolist()), ids=as_ids(ids))

    def restricted(self, allowed: Column) -> Column:
        """The same rows over the allowed ids in the order they were given. Raises: InvalidVotes, for any other id."""
        ordered = list(dict.fromkeys(allowed.ids[allowed.codes].tolist()))
        known = set(ordered)
        for code, key in enumerate(self.ids.tolist()):
            if key not in known:
                row = int(np.argmax(self.codes == code))
                raise InvalidVotes(
                    f"every label must be one of {ordered!r}, but row {row} has {key!r}; "
                    "correct the row, or add the class to labels=",
                    row=row,
                    field="label",
                )
        return Column(_recode(self.codes, ordered, self.ids.tolist()), as_ids(ordered))


def read_column(values: Any, name: str) -> Column:
    """Codes and ids of one column. Raises: InvalidVotes, for values that cannot be ids, such as lists."""
    values = _unwrap(values)
    if isinstance(values, Column):
        of_classes = name in ("label", "labels")  # the others' ids are those that occur, in an order of their own
        return values if of_classes or not values.ordered else _from_codes(values.codes, values.ids.tolist())
    if not isinstance(values, np.ndarray):
        return _from_objects(_as_list(values, name), name)
    if values.ndim != 1:
        raise InvalidVotes(f"{name} must be a flat column, not an array of shape {values.shape}", field=name)
    if values.dtype.kind in "iub":
        return _from_integers(values)
    if values.dtype.kind == "f":
        return _from_floats(values)
    return _from_objects(values.tolist(), name)


def as_ids(ids: list[Any]) -> NDArray[Any]:
    """Ids as an array: of integers, booleans or floats where all are such, else of Python objects."""
    kinds = {type(key) for key in ids}
    if kinds in ({int}, {bool}, {float}):
        array = np.asarray(ids)
        if array.dtype.kind in "ibf":
            return array
    array = np.empty(len(ids), object)
    array[:] = ids
    return array


def sort_ids(ids: Iterable[Any]) -> list[Any]:
    """Numbers, then strings, then other types by name; within a type by value, or as text if they have no order."""
    groups: dict[str, list[Any]] = {}
    for key in ids:
        groups.setdefault(_kind(key), []).append(key)
    ordered: list[Any] = []
    for kind in sorted(groups):
        try:
            ordered += sorted(groups[kind])
        except TypeError:
            ordered += sorted(groups[kind], key=repr)
    return ordered


def _kind(key: Any) -> str:
    if isinstance(key, (int, float)):
        return "0 number"
    return "1 text" if isinstance(key, str) else f"2 {type(key).__qualname__}"


def _positions(ids: NDArray[Any]) -> dict[Any, int]:
    return {key: i for i, key in enumerate(ids.tolist())}


def _recode(codes: NDArray[np.int32], ordered: list[Any], ids: list[Any]) -> NDArray[np.int32]:
    """Codes into `ids` as codes into `ordered`."""
    position = {key: i for i, key in enumerate(ordered)}
    table = np.array([*(position[key] for key in ids), -1], np.int32)  # the last entry serves code -1
    return table[codes]


def _unwrap(values: Any) -> Any:
    """A foreign column as a Column (when it is a dictionary already), a NumPy array or a list."""
    library = type(values).__module__.partition(".")[0]
    if library == "pandas":
        return _from_pandas(values)
    if library == "polars":
        return _from_polars(values)
    if library == "pyarrow":
        return _from_arrow(values)
    return values


def _from_pandas(series: Any) -> Any:
    if series.dtype.kind in "iubf" and isinstance(series.dtype, np.dtype):
        return series.to_numpy()
    if getattr(series.dtype, "ordered", False):
        series = sys.modules["pandas"].Series(series)  # also of a bare Categorical
        return _declared(np.asarray(series.cat.codes), series.cat.categories.tolist())
    codes, uniques = sys.modules["pandas"].factorize(series, use_na_sentinel=True)
    return _from_codes(np.asarray(codes), np.asarray(uniques, dtype=object).tolist())


def _from_polars(series: Any) -> Any:
    polars = sys.modules["polars"]
    if series.null_count() == 0 and series.dtype.is_numeric():
        return series.to_numpy()
    if series.dtype == polars.Enum:
        physical = series.to_physical().cast(polars.Int64).fill_null(-1)
        return _declared(physical.to_numpy(), series.dtype.categories.to_list())
    if series.dtype == polars.String:
        series = series.cast(polars.Categorical)
    if series.dtype == polars.Categorical:
        codes = series.to_physical()
        used = codes.drop_nulls().unique().sort()
        place = polars.Series(np.arange(len(used), dtype=np.int32))
        dense = codes.replace_strict(used, place, default=None, return_dtype=polars.Int32).fill_null(-1).to_numpy()
        first = polars.DataFrame({"code": codes, "value": series.cast(polars.String)}).drop_nulls().unique("code")
        return _from_codes(dense, first.sort("code")["value"].to_list())
    return series.to_list()


def _from_arrow(array: Any) -> Any:
    arrow = sys.modules["pyarrow"]
    if isinstance(array, arrow.ChunkedArray):
        array = array.combine_chunks() if array.num_chunks != 1 else array.chunk(0)
        if isinstance(array, arrow.ChunkedArray):
            array = arrow.concat_arrays(array.chunks) if array.num_chunks else arrow.array([], array.type)
    if array.null_count == 0 and (arrow.types.is_integer(array.type) or arrow.types.is_floating(array.type)):
        return array.to_numpy(zero_copy_only=False)
    if not arrow.types.is_dictionary(array.type):
        if not (arrow.types.is_string(array.type) or arrow.types.is_large_string(array.type)):
            return array.to_pylist()
        array = array.dictionary_encode()
    codes = array.indices.cast(arrow.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
    values = array.dictionary.to_pylist()
    distinct = len(set(values)) == len(values) and not any(map(is_missing, values))
    return _declared(codes, values) if array.type.ordered and distinct else _from_codes(codes, values)


def _declared(codes: NDArray[Any], values: list[Any]) -> Column:
    """Codes into a list of distinct values whose order is a declared one; those that do not occur stay."""
    return Column(codes.astype(np.int32, copy=False), as_ids(values), ordered=True)


def _from_codes(codes: NDArray[Any], values: list[Any]) -> Column:
    """Codes into a list of values (perhaps unused, repeated or missing) as codes into sorted, used, distinct ids."""
    codes = codes.astype(np.int32, copy=False)
    used = np.bincount(codes + 1, minlength=len(values) + 1)[1:] > 0
    ids = sort_ids({v for v, in_use in zip(values, used, strict=True) if in_use and not is_missing(v)})
    position = {key: i for i, key in enumerate(ids)}
    table = [-1 if is_missing(v) or not in_use else position[v] for v, in_use in zip(values, used, strict=True)]
    return Column(np.array([*table, -1], np.int32)[codes], as_ids(ids))


def _as_list(values: Any, name: str) -> list[Any]:
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise InvalidVotes(f"{name} must be a column of values, not {type(values).__name__} {values!r}", field=name)
    return [v.item() if isinstance(v, np.generic) else v for v in values]


def is_missing(value: Any) -> bool:
    """Whether a value stands for no answer: None, NaN, and the nulls of pandas."""
    return value is None or (isinstance(value, float) and value != value) or type(value).__name__ in _NULLS


_NULLS = frozenset({"NAType", "NaTType"})


def _from_objects(values: list[Any], name: str) -> Column:
    try:
        distinct = set(values)
        ids = sort_ids(v for v in distinct if not is_missing(v))
        position = {v: -1 for v in distinct if is_missing(v)} | {key: i for i, key in enumerate(ids)}
    except TypeError:
        row = next(i for i, v in enumerate(values) if not _is_hashable(v))
        raise InvalidVotes(
            f"{name} must hold plain values such as text or numbers, but row {row} has a {type(values[row]).__name__}",
            row=row,
            field=name,
        ) from None
    # Every NaN is a key of its own, found by identity.
    codes = np.fromiter(map(position.__getitem__, values), np.int32, len(values))
    return Column(codes, as_ids(ids))


def _is_hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _from_floats(values: NDArray[Any]) -> Column:
    present = ~np.isnan(values)
    ids, inverse = np.unique(values[present], return_inverse=True)
    codes = np.full(values.size, -1, np.int32)
    codes[present] = inverse
    whole = bool(ids.size) and bool(np.all(ids == np.floor(ids))) and bool(np.all(np.abs(ids) < 2**53))
    # A column of integers with gaps arrives from data frames as floats; its ids are integers again.
    return Column(codes, ids.astype(np.int64) if whole and not present.all() else ids)


def _from_integers(values: NDArray[Any]) -> Column:
    if values.size == 0 or values.dtype.kind == "b":
        ids, inverse = np.unique(values, return_inverse=True)
        return Column(inverse.astype(np.int32), ids)
    low, high = int(values.min()), int(values.max())
    if high - low >= _SPREAD * values.size + 1024:
        ids, inverse = np.unique(values, return_inverse=True)
        return Column(inverse.astype(np.int32), ids)
    shifted = values if low == 0 else values.astype(np.int64) - low  # wide: differences overflow small types
    used = np.zeros(high - low + 1, np.bool_)
    used[shifted] = True
    if used.all():
        return Column(shifted.astype(np.int32, copy=False), np.arange(low, high + 1, dtype=values.dtype))
    ids = np.flatnonzero(used)
    position = np.cumsum(used, dtype=np.int32) - 1
    return Column(position[shifted], (ids + low).astype(values.dtype))
