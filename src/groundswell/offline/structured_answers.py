"""The rows of a table of structured answers, by object and worker."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from groundswell.consolidation.columns import sort_ids
from groundswell.domain.errors import InvalidVotes
from groundswell.offline.annotation_files import AnnotationTable
from groundswell.offline.answer_kinds import AnswerKind
from groundswell.offline.consolidation_runs import RunOptions, reading_of
from groundswell.tasktypes.file_forms import Reading


@dataclass(frozen=True)
class StructuredAnswers:
    """The rows of a table by object and worker; values are read when asked for, so that masks need not stay open."""

    table: AnnotationTable
    kind: AnswerKind
    reading: Reading
    tasks: Sequence[Any]  # sorted, so that the order of rows changes nothing
    rows: Sequence[Mapping[str, Sequence[int]]]  # of each task: worker -> rows, the ones that count
    replaced: int
    abstentions: int

    @classmethod
    def of(cls, table: AnnotationTable, kind: AnswerKind, options: RunOptions) -> StructuredAnswers:
        """Group a table. Raises: InvalidVotes, for a missing task or worker."""
        tasks, workers, labels = table.lists()
        found: dict[Any, dict[str, list[int]]] = {}
        replaced = abstentions = 0
        for row, (task, worker, label) in enumerate(zip(tasks, workers, labels, strict=True)):
            if _is_missing(task) or _is_missing(worker):
                raise InvalidVotes(f"{table.place(row)}: a task and a worker must be given")
            answers = found.setdefault(task, {})
            if _is_missing(label) or label == "":
                abstentions += 1
                continue
            earlier = answers.setdefault(str(worker), [])
            if earlier and not kind.form.several_rows:
                replaced += 1
                earlier.clear()
            earlier.append(row)
        order = sort_ids(found)
        return cls(
            AnnotationTable(tasks, workers, labels, table.place, table.folder),
            kind,
            reading_of(table, options.labels),
            order,
            [dict(sorted(found[task].items())) for task in order],
            replaced,
            abstentions,
        )

    def of_object(self, n: int) -> dict[str, Any]:
        """Worker -> value of one object."""
        return {worker: self._value(rows) for worker, rows in self.rows[n].items()}

    def place(self, n: int, worker: str) -> str:
        """Where a worker's answer to an object stands, for messages."""
        return self.table.place(self.rows[n][worker][-1])

    def _value(self, rows: Sequence[int]) -> Any:
        values = [self.kind.value(self.table.label[row], self.reading, self.table.place(row)) for row in rows]
        return values[0] if len(values) == 1 else list(dict.fromkeys(item for value in values for item in value))


def _is_missing(value: Any) -> bool:
    """Null, or NaN in a column of numbers, as `Votes` has it."""
    return value is None or (isinstance(value, float) and math.isnan(value))
