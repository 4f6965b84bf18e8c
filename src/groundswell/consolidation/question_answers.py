"""Forms with several questions: each question's answers are consolidated by what they are.

An answer is {question: value}. Numbers are consolidated as numbers (`numeric.py`), lists of texts as sets of labels
(`multilabel.py`); texts and yes-or-no values as classes, every worker with one accuracy over all questions of the form:

    P(worker w answers l | truth k) = a_w if l = k else (1 - a_w) / max(C - 1, 1)

with C the number of distinct answers the question got in the job. A question whose answers are of different types is
taken as texts. Source: one-coin Dawid & Skene 1979, doi:10.2307/2346806.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.answers import (
    Answers,
    Consolidated,
    leaning_accuracy,
    read_number,
    require,
    sorted_workers,
)
from groundswell.consolidation.columns import sort_ids
from groundswell.consolidation.multilabel import MultiLabelConsolidator
from groundswell.consolidation.numeric import MOST, NumericConsolidator

Floats = NDArray[np.float64]

_FIRST_ACCURACY = 0.75
_STRENGTH = 8.0  # pseudo-answers with which a worker's accuracy leans on the crowd's
_BOUNDS = 0.3, 0.98
_ROUNDS = 10
_Part = NumericConsolidator | MultiLabelConsolidator


class QuestionAnswersConsolidator:
    """Consolidates forms {question: value}.

    `details["confidences"]` has one for each question; the confidence of a form is their mean. Fitted: `workers_`,
    `skill_` (W,) the accuracy on class-like questions, `kinds_` {question: "class", "number" or "labels"}.
    """

    def check(self, value: Any, *, where: str) -> None:
        """Raises: InvalidVotes, unless the value maps questions to texts, numbers, truth values or lists of texts."""
        require(isinstance(value, Mapping), f"an answer must map questions to answers, but {where} has {value!r}")
        for question, answer in value.items():
            if isinstance(answer, (int, float)) and not isinstance(answer, bool):
                read_number(answer, name=f"the answer to {question!r}", where=where, least=-MOST, most=MOST)
            simple = answer is None or isinstance(answer, (str, bool, int, float))
            listed = isinstance(answer, list | tuple) and all(isinstance(item, str) for item in answer)
            require(
                simple or listed,
                f"the answer to {question!r} must be a text, a number, true or false, or a list of texts, but {where} "
                f"has {answer!r}",
                field=str(question),
            )

    def fit(self, objects: Sequence[Answers]) -> Self:
        """Estimate the workers. Raises: InvalidVotes."""
        for n, answers in enumerate(objects):
            for worker, value in answers.items():
                self.check(value, where=f"object {n}, worker {worker!r}")
        self.workers_ = sorted_workers(objects)
        self.kinds_ = _kinds(objects)
        self.parts_: dict[str, _Part] = {}
        for question, kind in self.kinds_.items():
            if kind != "class":
                part: _Part = NumericConsolidator() if kind == "number" else MultiLabelConsolidator()
                self.parts_[question] = part.fit([_column(answers, question) for answers in objects])
        self.choices_ = {
            question: len({_key(v) for answers in objects for v in _column(answers, question).values()})
            for question in self.kinds_
        }
        self._fit_accuracy(objects)
        return self

    def consolidate(self, answers: Answers) -> Consolidated:
        """One object's form. Raises: InvalidVotes."""
        return self.consolidate_all([answers])[0]

    def consolidate_all(self, objects: Sequence[Answers]) -> list[Consolidated]:
        """Every object's form, in the order given. Raises: InvalidVotes."""
        if not hasattr(self, "workers_"):
            self.workers_, self.skill_ = [], np.zeros(0)
            self.kinds_, self.parts_, self.choices_ = {}, {}, {}
        for n, answers in enumerate(objects):
            for worker, value in answers.items():
                self.check(value, where=f"object {n}, worker {worker!r}")
        return [self._form(answers) for answers in objects]

    def _form(self, answers: Answers) -> Consolidated:
        value, confidences = {}, {}
        kinds = {**_kinds([answers]), **self.kinds_}
        for question in dict.fromkeys(question for worker in sort_ids(answers) for question in answers[worker]):
            column = _column(answers, question)
            if not column:
                continue
            value[question], confidences[question] = self._answer(question, kinds[question], column)
        confidence = float(np.mean(list(confidences.values()))) if confidences else 0.0
        return Consolidated(value, confidence, {"confidences": confidences})

    def _answer(self, question: str, kind: str, column: dict[str, Any]) -> tuple[Any, float]:
        if kind == "class" or _kind_of(column.values()) != kind:
            posterior = self._posterior(question, column)
            top = max(posterior.values())
            best = min(key for key, p in posterior.items() if p > top - 1e-9)
            # Of texts that differ in blanks around them, the first in the order of their characters.
            return min((v for v in column.values() if _key(v) == best), key=repr), posterior[best]
        part = self.parts_.get(question) or (NumericConsolidator() if kind == "number" else MultiLabelConsolidator())
        result = part.consolidate(column)
        return result.value, result.confidence

    def _posterior(self, question: str, column: Mapping[str, Any]) -> dict[str, float]:
        known = dict(zip(self.workers_, self.skill_.tolist(), strict=True))
        given = {worker: _key(value) for worker, value in column.items()}
        choices = max(self.choices_.get(question, 0), len(set(given.values())), 2)
        scores = dict.fromkeys(sorted(set(given.values())), 0.0)
        for worker in sort_ids(given):
            accuracy = known.get(worker, _FIRST_ACCURACY)
            scores[given[worker]] += float(np.log(accuracy * (choices - 1) / (1.0 - accuracy)))
        top = max(scores.values())
        total = sum(float(np.exp(s - top)) for s in scores.values()) + (choices - len(scores)) * float(np.exp(-top))
        return {key: float(np.exp(score - top)) / total for key, score in scores.items()}

    def _fit_accuracy(self, objects: Sequence[Answers]) -> None:
        position = {worker: w for w, worker in enumerate(self.workers_)}
        columns = [
            (question, column)
            for answers in objects
            for question, kind in self.kinds_.items()
            if kind == "class" and len(column := _column(answers, question)) > 1
        ]
        self.skill_ = np.full(len(self.workers_), _FIRST_ACCURACY)
        for _ in range(_ROUNDS if columns else 0):
            right, trials = np.zeros(len(self.workers_)), np.zeros(len(self.workers_))
            for question, column in columns:
                posterior = self._posterior(question, column)
                for worker, value in column.items():
                    right[position[worker]] += posterior[_key(value)]
                    trials[position[worker]] += 1.0
            self.skill_ = leaning_accuracy(right, trials, usual=_FIRST_ACCURACY, strength=_STRENGTH, bounds=_BOUNDS)


def _kinds(objects: Sequence[Answers]) -> dict[str, str]:
    """Question -> what its answers are over all objects; questions sorted."""
    given: dict[str, list[Any]] = {}
    for answers in objects:
        for form in answers.values():
            for question, value in form.items():
                if value is not None:
                    given.setdefault(question, []).append(value)
    return {question: _kind_of(given[question]) for question in sort_ids(given)}


def _kind_of(values: Any) -> str:
    values = list(values)
    if all(isinstance(v, list | tuple) for v in values):
        return "labels"
    if all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values):
        return "number"
    return "class"


def _column(answers: Answers, question: str) -> dict[str, Any]:
    """Worker -> answer to one question; unanswered ones left out."""
    return {worker: form[question] for worker, form in answers.items() if form.get(question) is not None}


def _key(value: Any) -> str:
    """Answers are equal when they read the same but for blanks around them."""
    return repr(value.strip()) if isinstance(value, str) else repr(value)
