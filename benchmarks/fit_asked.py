"""Fits what it is asked for on stdin, a name a line, and writes the milliseconds of processor time to stdout.

For bench_fit_time.py, which has two versions answer by turns: run by its path, with a version's folders on PYTHONPATH.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from benchmarks.simulated_votes import columns
from groundswell.consolidation import BCC, Consolidator, DawidSkene, TranscriptionConsolidator, Votes, WeightedVote

WORDS = "the quick brown fox jumps over a lazy dog while seven small birds sing of rain and wind".split()


@cache
def votes(n_annotations: int, n_labels: int) -> Votes:
    """A simulated crowd's."""
    task, worker, label = columns(n_annotations, n_labels)
    return Votes.from_arrays(task, worker, label, n_objects=int(task[-1]) + 1, n_workers=1000, n_labels=n_labels)


@cache
def texts(n_objects: int) -> list[dict[str, str]]:
    """Five workers of sixty write down what was said; one word in ten is another."""
    rng = np.random.default_rng(4)
    found = []
    for _ in range(n_objects):
        said = rng.choice(WORDS, 12)
        heard = [np.where(rng.random(12) < 0.1, rng.choice(WORDS, 12), said) for _ in range(5)]
        who = rng.choice(60, 5, replace=False)
        found.append({f"w{w}": " ".join(words) for w, words in zip(who, heard, strict=True)})
    return found


def fit_texts(n_objects: int) -> None:
    """Estimate and label."""
    TranscriptionConsolidator().fit(texts(n_objects)).consolidate_all(texts(n_objects))


CASES: dict[str, Callable[[], Any]] = {
    "default, 20,000 answers, 10 classes": lambda: Consolidator().fit(votes(20_000, 10)),
    "default, 200,000 answers, 5 classes": lambda: Consolidator().fit(votes(200_000, 5)),
    "default, 1,000,000 answers, 5 classes": lambda: Consolidator().fit(votes(1_000_000, 5)),
    "bcc, 200,000 answers, 5 classes": lambda: BCC().fit(votes(200_000, 5)),
    "weighted vote, 1,000,000 answers, 5 classes": lambda: WeightedVote().fit(votes(1_000_000, 5)),
    "dawid-skene, 200,000 answers, 5 classes": lambda: DawidSkene().fit(votes(200_000, 5)),
    "texts, 300 objects": lambda: fit_texts(300),
}


def main() -> None:
    """Answer until stdin ends."""
    for line in sys.stdin:
        used = time.process_time()
        CASES[line.strip()]()
        print((time.process_time() - used) * 1000, flush=True)


if __name__ == "__main__":
    main()
