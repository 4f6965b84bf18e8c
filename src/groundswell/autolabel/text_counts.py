"""How often each text of a pool has each word and each run of characters: what text features are stored as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from numpy.typing import NDArray

from groundswell.autolabel.learner import Progress
from groundswell.autolabel.tfidf import Sparse, character_counts, joined, word_counts

_STEP = 500
_PARTS = ("start", "columns", "values")


@dataclass(frozen=True)
class TextCounts:
    """Counts of N texts."""

    words: Sparse
    characters: Sparse

    def arrays(self) -> dict[str, NDArray[Any]]:
        """By name, for storage."""
        found = {f"words_{part}": getattr(self.words, part) for part in _PARTS}
        return found | {f"characters_{part}": getattr(self.characters, part) for part in _PARTS}

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The counts again."""
        return cls(*(Sparse(*(arrays[f"{family}_{part}"] for part in _PARTS)) for family in ("words", "characters")))


def count_texts(texts: Sequence[str | None], progress: Progress | None = None) -> TextCounts:
    """Count; `progress` is told how many texts are done."""
    words, characters = [], []
    for start in range(0, max(len(texts), 1), _STEP):
        some = texts[start : start + _STEP]
        words.append(word_counts(some))
        characters.append(character_counts(some))
        if progress is not None:
            progress(min(start + _STEP, len(texts)))
    return TextCounts(joined(words), joined(characters))
