"""Annotations from files, for the offline tools: CSV, Parquet and JSON Lines, one file or a folder of parts.

Every reader gives the same table of three columns, which knows where each row came from; tasks and workers have one
type in all parts. Text from CSV stays text: tasks "1" and "01" are two. Elsewhere: rows of CSV and JSON Lines
(`annotation_rows.py`), types of columns (`column_types.py`), Ground Truth's worker-response folders
(`worker_responses.py`), what a label means (`answer_kinds.py`).
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import accumulate
from pathlib import Path
from typing import Any

from groundswell.domain.errors import InvalidVotes
from groundswell.offline.annotation_rows import open_rows
from groundswell.offline.column_types import MISSING_WORDS, cell, one_id_for_each, same_id
from groundswell.offline.csv_rows import COLUMNS, CsvRows, Progress, Row, places_of

STANDARD_INPUT = Path("-")
PART_KINDS = (".parquet", ".csv", ".tsv", ".jsonl", ".ndjson")  # of files in a folder of parts


@dataclass(frozen=True)
class AnnotationTable:
    """M annotations as columns: lists, or Arrow arrays from Parquet."""

    task: Any
    worker: Any
    label: Any  # None where the worker abstained
    place: Callable[[int], str] = "row {}".format  # of a row, for messages: "votes.csv line 7"
    folder: Path = Path()  # what paths in labels are relative to
    task_type: str | None = None  # what the input itself says its labels are

    def __len__(self) -> int:
        return len(self.task)

    def lists(self) -> tuple[list[Any], list[Any], list[Any]]:
        """The columns as lists."""
        task, worker, label = (
            column.to_pylist() if hasattr(column, "to_pylist") else column
            for column in (self.task, self.worker, self.label)
        )
        return task, worker, label


def read_annotations(path: Path, columns: Mapping[str, str], progress: Progress = lambda done: None) -> AnnotationTable:
    """Read a file by its kind, all parts in a folder, or CSV from standard input (`-`).

    columns : this file's names for "task", "worker" and "label".    progress : told the bytes read so far.
    Raises: InvalidVotes, naming the line at fault; FileNotFoundError.
    """
    if path == STANDARD_INPUT:
        data = sys.stdin.buffer.read()
        rows = CsvRows("standard input", lambda: BytesIO(data), columns)
        return _joined([replace(as_table(rows), place=rows.place)], Path())
    if path.is_dir():
        return _joined([_read_file(part, columns, lambda done: None) for part in parts_of(path)], path)
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}")
    return _joined([_read_file(path, columns, progress)], path.parent)


def parts_of(folder: Path) -> list[Path]:
    """The files of a folder of parts, in order of their names; empty ones are passed over where there are others.

    Raises: InvalidVotes, when they are of several kinds.
    """
    parts = sorted(_parts_in(folder))
    kinds = sorted({part.suffix.lower() for part in parts})
    if len(kinds) != 1:
        found = f"{' and '.join(kinds)} files" if kinds else "neither"
        raise InvalidVotes(
            f"a folder holds parts of one kind ({', '.join(PART_KINDS)}), or Ground Truth's answers "
            f"iteration-<N>/<object>/<time>.json, but {folder} has {found}"
        )
    return [part for part in parts if part.stat().st_size] or parts


def any_parts(folder: Path) -> bool:
    """Whether a folder holds parts of a table."""
    return next(_parts_in(folder), None) is not None


def _parts_in(folder: Path) -> Iterator[Path]:
    """Files whose names begin with a dot or an underscore are notes of the programs that wrote the parts."""
    files = (file for file in folder.rglob("*") if not file.name.startswith((".", "_")))
    return (file for file in files if file.suffix.lower() in PART_KINDS and file.is_file())


def _read_file(path: Path, columns: Mapping[str, str], progress: Progress) -> AnnotationTable:
    if path.suffix.lower() == ".parquet":
        return _read_parquet(path, columns, progress)
    rows = open_rows(path, columns, progress)
    if rows is None:
        raise InvalidVotes(
            f"annotations are a .csv, .tsv, .parquet or .jsonl file, a folder of such files, a worker-response folder, "
            f"or - for CSV from standard input; given was {path}"
        )
    return replace(as_table(rows), place=rows.place, folder=path.parent)


def read_gold(path: Path, columns: Mapping[str, str]) -> dict[Any, Any]:
    """Known labels by task, from a file with at least a task and a label column.

    Raises: InvalidVotes, when it has two labels for one task.
    """
    wanted = {role: columns[role] for role in ("task", "label")}
    table = read_annotations(path, {**wanted, "worker": columns["task"]})
    task, _, label = table.lists()
    gold: dict[Any, Any] = {}
    for row, (t, k) in enumerate(zip(task, label, strict=True)):
        k = cell(k)
        if k is not None and same_id(gold.setdefault(t, k)) != same_id(k):
            raise InvalidVotes(
                f"{table.place(row)}: gold has one label for each task, but task {t!r} has {gold[t]!r} and {k!r}; keep "
                "the right one",
                field="gold",
            )
    return gold


def _read_parquet(path: Path, columns: Mapping[str, str], progress: Progress) -> AnnotationTable:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError as error:
        raise InvalidVotes("reading Parquet needs pyarrow: pip install 'groundswell[parquet]'") from error
    try:
        places_of(parquet.read_schema(path).names, columns, path)
        table = parquet.read_table(path, columns=sorted(set(columns.values())))
    except ArrowException as error:
        raise InvalidVotes(f"{path}: expected a Parquet file, but {error}") from error
    progress(path.stat().st_size)
    task, worker, label = (table[columns[role]] for role in COLUMNS)
    require_plain(path, task=task, worker=worker)
    return AnnotationTable(task, worker, label, lambda row: f"{path} row {row}", path.parent)


def require_plain(path: Path, **columns: Any) -> None:
    """Refuse Arrow columns (or fields) of lists, structures and bytes. Raises: InvalidVotes."""
    for role, column in columns.items():
        kind = str(column.type)
        if "list" in kind or "struct" in kind or "map" in kind or "binary" in kind:
            hint = "; say what the labels are with task_type=" if role == "label" else ""
            raise InvalidVotes(
                f"{path}: the {role} column must hold texts or numbers, but it holds {kind:.80}{hint}", field=role
            )


def _joined(tables: Sequence[AnnotationTable], folder: Path) -> AnnotationTable:
    """All parts as one table; rows of the same task and worker keep the order of the files' names."""
    task, worker = (_one_type([getattr(table, role) for table in tables]) for role in ("task", "worker"))
    label = _one_column([table.label for table in tables])
    starts = [0, *accumulate(len(table) for table in tables)]

    def place(row: int) -> str:
        part = bisect_right(starts, row) - 1
        return tables[part].place(row - starts[part])

    return AnnotationTable(task, worker, label, place, folder)


def _one_type(parts: Sequence[Any]) -> Any:
    """Parts of a column of ids as one column of one type; every word is an id here, also such as "NA"."""
    if all(hasattr(part, "chunks") for part in parts):
        from groundswell.offline import arrow_columns

        return arrow_columns.one_id_for_each(parts, MISSING_WORDS)
    return one_id_for_each(_one_column(parts), MISSING_WORDS)


def _one_column(parts: Sequence[Any]) -> Any:
    """Arrow columns of one type stay in Arrow; others become one list."""
    if all(hasattr(part, "chunks") and part.type == parts[0].type for part in parts):
        from pyarrow import chunked_array

        return chunked_array([chunk for part in parts for chunk in part.chunks], parts[0].type)
    return [value for part in parts for value in (_values(part) if hasattr(part, "chunks") else part)]


def _values(column: Any) -> list[Any]:
    from groundswell.offline import arrow_columns

    return arrow_columns.values_of(column)


def as_table(rows: Iterable[Row]) -> AnnotationTable:
    """A table from rows (task, worker, label)."""
    task: list[Any] = []
    worker: list[Any] = []
    label: list[Any] = []
    for t, w, k in rows:
        task.append(t)
        worker.append(w)
        label.append(k)
    return AnnotationTable(task, worker, label)
