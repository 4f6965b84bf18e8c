"""Transcriptions of many workers into one text: aligned word by word, each place put to a weighted vote.

Texts are aligned into a row of places, each holding a word or nothing from every worker, starting from the text most
like the others; each further text joins by the alignment of least cost. At a place, worker w is right with
probability a_w, and the word of highest posterior wins; a place where nothing wins disappears. a_w is one minus the
worker's expected share of wrong places, re-estimated from the votes.
Texts without spaces are aligned by character, with the marks that combine with it. Words are aligned and voted on
without case and punctuation, and given back as most of their workers wrote them; a mark between words is a word by
itself. Characters that Unicode calls canonically equivalent are one (normal form C).
Source: ROVER, Fiscus 1997, doi:10.1109/ASRU.1997.659110, with workers' accuracies as one-coin Dawid & Skene.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Self
from unicodedata import category, combining, normalize

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.alignment import PLACE_ONLY, WORD_ONLY, cheapest_path, distances_to_all
from groundswell.consolidation.answers import Answers, Consolidated, leaning_accuracy, require, sorted_workers
from groundswell.consolidation.columns import sort_ids
from groundswell.consolidation.fast import for_each_object

Floats = NDArray[np.float64]
Place = dict[str, str]  # worker -> word as written; "" where the worker has none

_FIRST_ACCURACY = 0.85
_STRENGTH = 10.0  # pseudo-places with which a worker's accuracy leans on the crowd's
_BOUNDS = 0.2, 0.99
_WRONG_WORDS = 3.0  # words a wrong place falls on, about: two who agree are seldom both wrong
_FIRST_GAIN = float(np.log(_FIRST_ACCURACY * _WRONG_WORDS / (1.0 - _FIRST_ACCURACY)))
_ROUNDS = 3


class TranscriptionConsolidator:
    """Consolidates texts.

    unit : "word", "character", or "auto" (characters where no text of the object has a space).
    Confidence is the mean over places of the winning word's posterior, so about one minus the expected word error
    rate. `details["confidences"]` has one for every word kept. Fitted: `workers_`, `skill_` (W,) chance that a word is
    right.
    """

    _judged: Floats | None = None  # the skill that `_gains` were made of
    _gains: dict[str, float]

    def __init__(self, *, unit: str = "auto") -> None:
        self.unit = unit

    def check(self, value: Any, *, where: str) -> None:
        """Raises: InvalidVotes, unless the value is a text."""
        require(isinstance(value, str), f"an answer must be a text, but {where} has {value!r}")

    @for_each_object
    def fit(self, objects: Sequence[Answers]) -> Self:
        """Estimate the workers. Raises: InvalidVotes."""
        require(self.unit in ("auto", "word", "character"), f"unit is auto, word or character, not {self.unit!r}")
        for n, answers in enumerate(objects):
            self._check_all(answers, n)
        self.workers_ = sorted_workers(objects)
        position = {worker: w for w, worker in enumerate(self.workers_)}
        aligned = [align(self._texts(answers)) for answers in objects if len(answers) > 1]
        self.skill_ = np.full(len(self.workers_), _FIRST_ACCURACY)
        for _ in range(_ROUNDS):
            right, trials = np.zeros(len(self.workers_)), np.zeros(len(self.workers_))
            for place in (place for places in aligned for place in places):
                posterior = self._posterior(place)
                for worker, word in place.items():
                    right[position[worker]] += posterior[plain(word)]
                    trials[position[worker]] += 1.0
            self.skill_ = leaning_accuracy(right, trials, usual=_FIRST_ACCURACY, strength=_STRENGTH, bounds=_BOUNDS)
        return self

    def consolidate(self, answers: Answers) -> Consolidated:
        """One object's text; None when nobody answered. Raises: InvalidVotes."""
        return self.consolidate_all([answers])[0]

    @for_each_object
    def consolidate_all(self, objects: Sequence[Answers]) -> list[Consolidated]:
        """Every object's text, in the order given. Raises: InvalidVotes."""
        if not hasattr(self, "workers_"):
            self.workers_, self.skill_ = [], np.zeros(0)
        return [self._label(answers, n) for n, answers in enumerate(objects)]

    def _label(self, answers: Answers, n: int) -> Consolidated:
        self._check_all(answers, n)
        if not answers:
            return Consolidated(None, 0.0, {"confidences": []})
        winners = []
        for place in align(self._texts(answers)):
            posterior = self._posterior(place)
            top = max(posterior.values())
            given = [plain(word) for word in place.values()]
            # Equals: the word most workers gave, then the first in the alphabet, and a word before none.
            best = max(
                (word for word, p in posterior.items() if p > top - 1e-9),
                key=lambda word: (given.count(word), word != "", [-ord(c) for c in word]),
            )
            winners.append((self._as_written(place, best), posterior[best]))
        kept = [(word, p) for word, p in winners if word]
        separator = "" if self._by_character(answers) else " "
        value = separator.join(word for word, _ in kept)
        if len(set(answers.values())) == 1:
            value = next(iter(answers.values()))  # as written, spaces and all
        confidence = float(np.mean([p for _, p in winners])) if winners else self._agreement_on_nothing(answers)
        return Consolidated(value, confidence, {"confidences": [p for _, p in kept]})

    def _as_written(self, place: Place, word: str) -> str:
        """The spelling of most workers who gave the word, better ones counting more; of equals the first as sorted."""
        weight: dict[str, float] = {}
        for worker in sort_ids(place):
            if plain(place[worker]) == word:
                weight[place[worker]] = weight.get(place[worker], 0.0) + self._gain(worker)
        return min(weight, key=lambda written: (-round(weight[written], 9), written))

    def _agreement_on_nothing(self, answers: Answers) -> float:
        return self._posterior(dict.fromkeys(answers, ""))[""]

    def _posterior(self, place: Place) -> dict[str, float]:
        """Chance of each word given at a place, without case and punctuation."""
        scores: dict[str, float] = {}
        for worker in sort_ids(place):
            word = plain(place[worker])
            scores[word] = scores.get(word, 0.0) + self._gain(worker)
        top = max(scores.values())
        weight = {word: float(np.exp(score - top)) for word, score in scores.items()}
        # Words nobody gave share what is left: each has score 0.
        total = sum(weight.values()) + (_WRONG_WORDS - 1.0) * float(np.exp(-top))
        return {word: w / total for word, w in weight.items()}

    def _gain(self, worker: str) -> float:
        """What a worker's word adds to its log odds."""
        if self._judged is not self.skill_:  # once for all words, not for each
            self._judged = self.skill_
            gains = np.log(self.skill_ * _WRONG_WORDS / (1.0 - self.skill_))
            self._gains = dict(zip(self.workers_, gains.tolist(), strict=True))
        return self._gains.get(worker, _FIRST_GAIN)

    def _check_all(self, answers: Answers, n: int) -> None:
        for worker, value in answers.items():
            self.check(value, where=f"object {n}, worker {worker!r}")

    def _by_character(self, answers: Answers) -> bool:
        return self.unit == "character" or (
            self.unit == "auto" and not any(" " in text.strip() for text in answers.values())
        )

    def _texts(self, answers: Answers) -> dict[str, list[str]]:
        """Worker -> words, in an order that does not depend on workers' names."""
        by_character = self._by_character(answers)
        rows = sorted(((w, normalize("NFC", answers[w])) for w in sort_ids(answers)), key=lambda row: row[1])
        return {worker: _characters(value.strip()) if by_character else value.split() for worker, value in rows}


def align(texts: dict[str, list[str]]) -> list[Place]:
    """Places in order, each with every worker's word; texts equal but for case and marks align with themselves.

    texts : worker -> words as written.
    """
    if not texts:
        return []
    distinct: dict[tuple[str, ...], list[str]] = {}
    for worker, words in texts.items():
        distinct.setdefault(tuple(map(plain, words)), []).append(worker)
    apart = dict(zip(distinct, distances_to_all(list(distinct), [len(w) for w in distinct.values()]), strict=True))
    order = sorted(distinct, key=lambda words: (apart[words], words))
    places: list[Place] = [dict.fromkeys(distinct[order[0]], word) for word in order[0]]
    joined = list(distinct[order[0]])
    for other in order[1:]:
        places = _join(places, joined, list(other), distinct[other])
        joined += distinct[other]
    written = {worker: iter(words) for worker, words in texts.items()}
    return [{worker: next(written[worker]) if word else "" for worker, word in place.items()} for place in places]


@lru_cache(maxsize=100_000)
def plain(word: str) -> str:
    """A word without case and punctuation; a mark that stands alone is itself."""
    return "".join(c for c in word.casefold() if not category(c).startswith("P")) or word


def _join(places: list[Place], joined: Sequence[str], words: list[str], workers: Sequence[str]) -> list[Place]:
    """The places with one more text aligned to them at least cost."""
    found: list[Place] = []
    old, new = iter(places), iter(words)
    for move in cheapest_path([_shares(place, len(joined)) for place in places], words):
        before = dict.fromkeys(joined, "") if move == WORD_ONLY else next(old)
        found.append({**before, **dict.fromkeys(workers, "" if move == PLACE_ONLY else next(new))})
    return found


def _characters(text: str) -> list[str]:
    """The text's characters, marks that combine together with what they stand on."""
    found: list[str] = []
    for character in text:
        if found and combining(character):
            found[-1] += character
        else:
            found.append(character)
    return found


def _shares(place: Place, size: int) -> dict[str, float]:
    shares: dict[str, float] = {}
    for word in place.values():
        shares[word] = shares.get(word, 0.0) + 1.0 / size
    return shares
