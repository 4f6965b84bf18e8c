"""Files that a consolidation leaves behind: labels as CSV, JSON Lines or Parquet, workers as CSV, a page."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from groundswell.domain.errors import InvalidInput
from groundswell.offline.results import Consolidation, LabelRow, WorkerRow
from groundswell.offline.spreadsheets import shown_as_text

LABEL_KINDS = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
_HEADER = ("task", "label", "confidence")


@dataclass(frozen=True)
class Outputs:
    """Files to write; None for what was not asked for."""

    labels: Path | None = None
    workers: Path | None = None
    report: Path | None = None

    def check(self) -> None:
        """Refuse what cannot be written before any work is done. Raises: InvalidInput."""
        if self.labels is not None and self.labels.suffix.lower() not in LABEL_KINDS:
            raise InvalidInput(
                f"output= is a file that ends in {', '.join(LABEL_KINDS)}; given was {self.labels}", field="output"
            )
        for option, path in (("output", self.labels), ("workers_output", self.workers), ("report", self.report)):
            if path is not None and not path.absolute().parent.is_dir():
                raise InvalidInput(f"{option}=: there is no folder {path.absolute().parent}; make it first")
            if path is not None and path.is_dir():
                raise InvalidInput(f"{option}= is a file, but {path} is a folder; name a file in it")

    def write(self, found: Consolidation) -> None:
        """Write everything that was asked for."""
        if self.labels is not None and found.written_to is None:
            write_labels(self.labels, found.labels)
        if self.workers is not None:
            with self.workers.open("w", newline="", encoding="utf-8") as file:
                _write_csv(file, WorkerRow._fields, found.workers)
        if self.report is not None and found.report is not None:
            self.report.write_text(found.report, encoding="utf-8")


def print_labels(file: TextIO, rows: Iterable[LabelRow]) -> None:
    """Labels as CSV to an open file."""
    _write_csv(file, _HEADER, _as_text(rows))


def write_labels(path: Path, rows: Iterable[LabelRow]) -> None:
    """Labels to a file of the kind its name says."""
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        _write_parquet(path, rows)
        return
    with path.open("w", newline="", encoding="utf-8") as file:
        if suffix in (".jsonl", ".ndjson"):
            file.writelines(as_json(row) + "\n" for row in as_mappings(rows))
        else:
            _write_csv(file, _HEADER, _as_text(rows), delimiter="\t" if suffix == ".tsv" else ",")


def _write_parquet(path: Path, rows: Iterable[LabelRow]) -> None:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise InvalidInput("writing Parquet needs pyarrow: pip install 'groundswell[parquet]'") from error
    kept = list(rows)
    tasks = [row.task for row in kept]
    if len({type(task) for task in tasks}) > 1:
        tasks = [str(task) for task in tasks]  # a column has one type
    labels = [_label_text(row.label) or None for row in kept]
    confidence = [row.confidence for row in kept]
    columns = {"task": tasks, "label": pa.array(labels, pa.string()), "confidence": pa.array(confidence, pa.float64())}
    parquet.write_table(pa.table(columns), path)


def _write_csv(file: TextIO, header: Sequence[str], rows: Iterable[Sequence[Any]], *, delimiter: str = ",") -> None:
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([shown_as_text(cell) for cell in row] for row in rows)


def _as_text(rows: Iterable[LabelRow]) -> Iterator[tuple[Any, str, str]]:
    for row in rows:
        yield row.task, _label_text(row.label), f"{row.confidence:.6g}"


def _label_text(label: Any) -> str:
    """A label in a cell: text as it is, nothing where nobody answered, the rest as JSON."""
    if label is None or isinstance(label, str):
        return label or ""
    return as_json(label)


def as_json(value: Any) -> str:
    """One line of JSON; ids that JSON has no form for, such as dates, as text."""
    return json.dumps(value, ensure_ascii=False, default=str)


def as_mappings(rows: Iterable[LabelRow]) -> Iterator[dict[str, Any]]:
    """Labels as JSON Lines have them."""
    for row in rows:
        yield {"task": row.task, "label": row.label, "confidence": round(row.confidence, 6), **row.more}
