"""`--out-of-core`: files of annotations as Parquet files and the one type that each column has in all of them.

CSV and JSON Lines are turned into Parquet, a batch at a time; Parquet files are read where they lie, and only as far as
their types leave open what their values are. Elsewhere: the fit (`out_of_core.py`), types (`column_types.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from groundswell.domain.errors import InvalidVotes
from groundswell.offline import arrow_columns
from groundswell.offline.annotation_files import parts_of, require_plain
from groundswell.offline.annotation_rows import JsonRows, open_rows
from groundswell.offline.column_types import MISSING_WORDS, Facts, Spelling, cell, distinct
from groundswell.offline.consolidation_runs import as_class
from groundswell.offline.csv_rows import COLUMNS, CsvRows, places_of

BATCH_ROWS = 1 << 18  # turned into Parquet, or read from it, at once
Show = Callable[[str, int | None], Callable[[int], None]]


@dataclass(frozen=True)
class ParquetInput:
    """Annotations as Parquet files."""

    files: Sequence[Path]
    names: tuple[str, str, str]  # of the columns task, worker and label
    spellings: Mapping[str, Spelling]  # column name -> the ids of its values
    order: Sequence[str] | None = None  # of the classes, where an ordered categorical column declares it

    def ids(self, name: str, column: pa.Array) -> pa.Array:
        """A batch of a column as ids."""
        return arrow_columns.with_ids(column, self.spellings[name])


def parquet_input(
    source: Path, columns: Mapping[str, str], scratch: Path, *, keep: Collection[str], progress: Show
) -> ParquetInput:
    """The annotations of a file or of a folder of parts.

    columns : this input's names for "task", "worker" and "label".    scratch : a folder for files made on the way.
    keep : classes, also where their names are among `MISSING_WORDS`.
    Raises: InvalidVotes, naming the file at fault; FileNotFoundError.
    """
    if not source.exists():
        raise FileNotFoundError(f"there is no file {source}")
    files = parts_of(source) if source.is_dir() else [source]
    kept = {columns["task"]: MISSING_WORDS, columns["worker"]: MISSING_WORDS, columns["label"]: keep}
    if files[0].suffix.lower() == ".parquet":
        return _as_they_lie(files, columns, kept)
    facts = dict.fromkeys(COLUMNS, Facts())
    made = []
    for number, file in enumerate(files):
        rows = open_rows(file, columns, progress(f"Reading {file.name}", file.stat().st_size))
        if rows is None:
            raise InvalidVotes(
                f"out_of_core= reads .parquet, .csv, .tsv, .jsonl, or a folder of such; given was {source}"
            )
        path = scratch / f"part-{number:05d}.parquet"
        found = _write_parquet(rows, path, [kept[columns[role]] for role in COLUMNS])
        facts = {role: facts[role] | more for role, more in zip(COLUMNS, found, strict=True)}
        made.append(path)
    return ParquetInput(made, COLUMNS, {role: Spelling(facts[role], kept[columns[role]]) for role in COLUMNS})


def _as_they_lie(
    files: Sequence[Path], columns: Mapping[str, str], kept: Mapping[str, Collection[str]]
) -> ParquetInput:
    task, worker, label = names = (columns["task"], columns["worker"], columns["label"])
    for file in files:
        schema = parquet.read_schema(file)
        places_of(schema.names, columns, file)
        require_plain(file, task=schema.field(task), worker=schema.field(worker), label=schema.field(label))
    spellings = {name: Spelling(_facts_of(files, name, kept[name]), kept[name]) for name in dict.fromkeys(names)}
    return ParquetInput(files, names, spellings, _declared_order(files[0], label))


def _facts_of(files: Sequence[Path], name: str, keep: Collection[str]) -> Facts:
    """The facts of a column, read only until nothing new can come."""
    kinds = [parquet.read_schema(file).field(name).type for file in files]
    if all(pa.types.is_signed_integer(kind) for kind in kinds):
        return Facts(numbers=True)
    found = Facts(booleans=any(pa.types.is_boolean(kind) for kind in kinds))
    for file in files:
        with parquet.ParquetFile(file) as opened:
            for batch in opened.iter_batches(BATCH_ROWS, columns=[name]):
                if found.words:  # ids are texts whatever comes, and no number among them is to be spelled otherwise
                    break
                found |= arrow_columns.facts_of(batch[name], keep)
    numbers = any(pa.types.is_integer(kind) or pa.types.is_floating(kind) for kind in kinds)
    return replace(found, numbers=found.numbers or (found.words and numbers))


def _declared_order(file: Path, label: str) -> Sequence[str] | None:
    with parquet.ParquetFile(file) as opened:
        batch = next(opened.iter_batches(BATCH_ROWS, columns=[label]), None)
        return None if batch is None else arrow_columns.declared_order(batch[label])


def _write_parquet(rows: CsvRows | JsonRows, path: Path, kept: Sequence[Collection[str]]) -> list[Facts]:
    """Rows as a Parquet file of texts, a batch at a time; the facts of the values they were."""
    schema = pa.schema([(role, pa.string()) for role in COLUMNS])
    found = [Facts() for _ in COLUMNS]
    given = iter(rows)
    with parquet.ParquetWriter(path, schema) as writer:
        while batch := list(islice(given, BATCH_ROWS)):
            tasks, workers, labels = zip(*batch, strict=True)
            values = [tasks, workers, [as_class(k) if isinstance(k, (list, dict)) else k for k in labels]]
            found = [
                facts | Facts.of(distinct(column), keep)
                for facts, column, keep in zip(found, values, kept, strict=True)
            ]
            texts = [_texts(column, keep) for column, keep in zip(values, kept, strict=True)]
            writer.write_table(pa.table(texts, schema=schema))
    return found


def _texts(column: Sequence[Any], keep: Collection[str]) -> Sequence[str | None]:
    """Values on their way to Parquet; a `Spelling` reads such texts as it reads the values themselves."""
    if set(map(type, column)) <= {str, type(None)}:
        return column
    plain = (cell(value, keep) for value in column)
    return [str(value).lower() if isinstance(value, bool) else None if value is None else str(value) for value in plain]
