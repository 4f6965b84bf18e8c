"""Live consolidation of structured answers: any consolidator of `answers.py` behind the protocol of `live.py`.

New annotations change the estimates of their objects at once, with the workers as last fitted; `refit` estimates the
workers again from everything. Elsewhere: single-class labels, whose workers are re-estimated with every annotation
(`live.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, overload

from groundswell.consolidation.answers import Answers, StructuredConsolidator, skill_by_worker
from groundswell.consolidation.columns import sort_ids
from groundswell.consolidation.estimates import Answer, Estimate
from groundswell.consolidation.forms import Form, misfits


def _as_it_is(value: Any) -> Any:
    return value


class PerObjectConsolidation:
    """A `LiveConsolidation` that keeps the answers of each object and consolidates an object when asked.

    Parameters
    ----------
    consolidator : estimates workers and consolidates objects.
    pack, unpack : how answers are kept and taken out again; masks keep them compressed.
    form : what answers to one object must have in common. One in another form than most is set aside, see `forms.py`;
        `details["set_aside"]` then names its worker.
    """

    def __init__(
        self,
        consolidator: StructuredConsolidator,
        *,
        pack: Callable[[Any], Any] = _as_it_is,
        unpack: Callable[[Any], Any] = _as_it_is,
        form: Callable[[Any], Form] = lambda value: {},
    ) -> None:
        self.consolidator = consolidator
        self._pack = pack
        self._unpack = unpack
        self._form = form
        self._answers: dict[int, dict[str, Any]] = {}  # object -> worker -> packed value
        self._forms: dict[int, dict[str, Form]] = {}  # object -> worker -> form of the answer
        self._set_aside: dict[int, set[str]] = {}  # object -> workers

    def absorb(self, annotations: Sequence[Answer]) -> None:
        """See `LiveConsolidation.absorb`. Raises: InvalidVotes, for a value no answer can have; nothing counts then."""
        for annotation in annotations:
            if annotation.value is not None:
                where = f"object {annotation.object}, worker {annotation.worker!r}"
                self.consolidator.check(annotation.value, where=where)
        for annotation in annotations:
            answers = self._answers.setdefault(annotation.object, {})
            if annotation.value is not None:
                answers[annotation.worker] = self._pack(annotation.value)
                self._note_form(annotation)

    def estimate(self, objects: Iterable[int]) -> list[Estimate]:
        """See `LiveConsolidation.estimate`."""
        return self.begin_estimate(objects)()

    def begin_estimate(self, objects: Iterable[int]) -> Callable[[], list[Estimate]]:
        """See `EstimatesApart.begin_estimate`."""
        wanted = list(objects)
        return partial(_estimate, self.consolidator, self._unpacked(wanted), [self._counted(n) for n in wanted])

    def refit(self) -> None:
        """See `LiveConsolidation.refit`. Objects and workers are taken in order, whatever order they came in."""
        self.take_fit(self.begin_fit()())

    def begin_fit(self) -> Callable[[], StructuredConsolidator]:
        """See `FitsApart.begin_fit`."""
        return partial(_fit, self.consolidator, self._unpacked(sorted(self._answers)))

    def take_fit(self, fitted: StructuredConsolidator) -> None:
        """See `FitsApart.take_fit`."""
        self.consolidator = fitted

    def worker_skill(self) -> dict[str, float]:
        """See `LiveConsolidation.worker_skill`; empty before the first `refit`."""
        return skill_by_worker(self.consolidator)

    def _note_form(self, annotation: Answer) -> None:
        form = self._form(annotation.value)
        if form:
            forms = self._forms.setdefault(annotation.object, {})
            forms[annotation.worker] = form
            self._set_aside[annotation.object] = misfits(forms)

    def _counted(self, n: int) -> dict[str, Any]:
        aside = sort_ids(self._set_aside.get(n, ()))
        return {"annotations": len(self._answers.get(n, ())), **({"set_aside": aside} if aside else {})}

    def _unpacked(self, objects: Sequence[int]) -> _Unpacked:
        return _Unpacked(self._answers, self._set_aside, objects, self._unpack)


def _estimate(
    consolidator: StructuredConsolidator, answers: _Unpacked, counted: Sequence[Mapping[str, Any]]
) -> list[Estimate]:
    results = consolidator.consolidate_all(answers)
    return [
        Estimate(n, r.value, r.confidence, {**r.details, **said})
        for n, r, said in zip(answers.objects, results, counted, strict=True)
    ]


def _fit(consolidator: StructuredConsolidator, answers: _Unpacked) -> StructuredConsolidator:
    return consolidator.fit(answers)


class _Unpacked(Sequence[Answers]):
    """Answers of some objects, taken out one object at a time."""

    def __init__(
        self,
        answers: dict[int, dict[str, Any]],
        set_aside: dict[int, set[str]],
        objects: Sequence[int],
        unpack: Callable[[Any], Any],
    ) -> None:
        self._answers = answers
        self._set_aside = set_aside
        self.objects = objects
        self._unpack = unpack

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled with these objects' answers alone."""
        answers = {n: self._answers[n] for n in self.objects if n in self._answers}
        aside = {n: self._set_aside[n] for n in self.objects if n in self._set_aside}
        return _Unpacked, (answers, aside, self.objects, self._unpack)

    def __len__(self) -> int:
        return len(self.objects)

    @overload
    def __getitem__(self, index: int) -> Answers: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Answers]: ...
    def __getitem__(self, index: int | slice) -> Answers | Sequence[Answers]:
        if isinstance(index, slice):
            return _Unpacked(self._answers, self._set_aside, self.objects[index], self._unpack)
        n = self.objects[index]
        answers, aside = self._answers.get(n, {}), self._set_aside.get(n, ())
        return {worker: self._unpack(answers[worker]) for worker in sort_ids(answers) if worker not in aside}

    def __iter__(self) -> Iterator[Answers]:
        return (self[i] for i in range(len(self)))
