"""What a label is, for each `--task-type`: its form in files, who decodes Ground Truth's answers, who consolidates.

Everything of a kind of task is a member of its `TaskType`; here are only the kinds of answer that no task type has.
Names are those of job specifications, and shorter ones. Elsewhere: the forms (`tasktypes/file_forms.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from groundswell.consolidation.estimates import LiveConsolidation
from groundswell.consolidation.registry import create_live
from groundswell.domain.errors import InvalidAnnotation, InvalidInput, InvalidVotes
from groundswell.offline.worker_responses import Response, form_answers
from groundswell.tasktypes import file_forms, registry
from groundswell.tasktypes.base import DecodeContext, TaskType
from groundswell.tasktypes.file_forms import FileForm, Reading


@dataclass(frozen=True)
class AnswerKind:
    """One kind of label."""

    name: str  # the `--task-type` asked for
    live: str  # as `consolidation.registry` names it; "classification" for one class
    form: FileForm
    task_type: TaskType | None = None  # whose reader decodes Ground Truth's answers; None: a form of one's own

    def value(self, label: Any, reading: Reading, where: str) -> Any:
        """The value of one label of a file or a worker-response folder. Raises: InvalidVotes naming the place."""
        if isinstance(label, Response):
            return self._decoded(label.content, reading, where)
        return self.form.read(label if self.form.is_text else file_forms.from_json(label, where), reading, where)

    def consolidation(self, labels: Sequence[str]) -> LiveConsolidation:
        """What answers of this kind are consolidated with."""
        if self.task_type is not None and not self.task_type.kind_of_answer:
            return self.task_type.consolidation(labels, None, {})
        return create_live(self.live, labels=labels or None)

    def _decoded(self, content: Mapping[str, Any], reading: Reading, where: str) -> Any:
        if self.task_type is None:
            return self._of_form(content, reading, where)
        try:
            return self.task_type.decode(content, DecodeContext(reading.labels))
        except InvalidAnnotation as error:
            if self.live == "classification":
                return only_answer(form_answers(content), where)
            raise InvalidVotes(f"{where}: {error}; the task type read is {self.name}") from error

    def _of_form(self, content: Mapping[str, Any], reading: Reading, where: str) -> Any:
        if self.live == "passthrough":
            return content
        answers = form_answers(content)
        if self.live == "question-answers":
            return answers
        return self.form.read(only_answer(answers, where), reading, where)


def only_answer(answers: Mapping[str, Any], where: str) -> Any:
    """The answer of a form with one question."""
    given = [answer for answer in answers.values() if answer is not None]
    if len(given) == 1 and not isinstance(given[0], (list, Mapping)):
        return given[0]
    raise InvalidVotes(
        f"{where}: expected an answer with one class, but found {dict(answers)!r:.160}; say what the answers are with "
        "task_type= (custom: a form with several questions)"
    )


_OF_NO_TASK_TYPE = (
    AnswerKind("custom", "question-answers", FileForm('{"question":answer,...}')),
    AnswerKind("pairwise", "pairwise", FileForm("left, right or tie")),
    AnswerKind("numeric", "numeric", FileForm("a number", file_forms.number)),
    AnswerKind("passthrough", "passthrough", FileForm("anything: the commonest answer wins")),
)


def kinds() -> Mapping[str, AnswerKind]:
    """Every kind of label by its name: task types, other packages' too, and what has none; short names first."""
    of_types = {
        kind.name: AnswerKind(kind.name, kind.kind_of_answer or kind.name, kind.file_form, kind)
        for _, shown in registry.gallery()
        for kind in shown
    }
    short = {kind.form.alias: kind for kind in reversed(of_types.values()) if kind.form.alias}
    aliases = {alias: AnswerKind(alias, kind.live, kind.form, kind.task_type) for alias, kind in short.items()}
    return {**dict(reversed(aliases.items())), **of_types, **{kind.name: kind for kind in _OF_NO_TASK_TYPE}}


def kind_named(name: str) -> AnswerKind:
    """The kind of label a `--task-type` means. Raises: InvalidInput."""
    if name not in kinds():
        raise InvalidInput(f"task_type= is one of {', '.join(kinds())}; given was {name!r}", field="task-type")
    return kinds()[name]
