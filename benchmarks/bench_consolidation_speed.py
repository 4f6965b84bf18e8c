"""How fast Dawid and Skene's model is fitted: against crowd-kit on the same data in the same run, and by itself.

Asked: at 10^6 annotations, K=5, 20 iterations at least 35 times the speed of crowd-kit with the same answer; at 10^7
at least 70 M annotations per second and iteration for K=5, 7 M for K=100 within 1 GB; two threads nearly twice that; a
live job of 10^6 annotations absorbs one more and answers in under 5 ms.

    python -m benchmarks.bench_consolidation_speed
"""

from __future__ import annotations

import json
import multiprocessing
import os
import platform
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.simulated_votes import columns
from groundswell.compute.backends import Serial, Threads
from groundswell.compute.sharded_fit import HeldShard, _expect, split
from groundswell.consolidation import Consolidator, DawidSkene, Votes
from groundswell.consolidation.dawid_skene import ConfusionPrior, Parameters, Priors, Shard, maximize
from groundswell.consolidation.estimates import Answer
from groundswell.consolidation.known import gold_index
from groundswell.consolidation.live import LiveClassification

RESULTS = Path(__file__).parent / "results"
ITERATIONS = 20


def main() -> None:
    """Print the table and write `results/consolidation_speed.json`."""
    figures = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
        **_apart(against_crowd_kit),
        **_apart(rate, 10**7, 5),
        **_apart(rate, 10**7, 100),
        **_apart(live),
        **_apart(default),
    }
    for name, value in figures.items():
        print(f"{name:58} {value:.4g}" if isinstance(value, float) else f"{name:58} {value}")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "consolidation_speed.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")


def _apart(function: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """Run in a process of its own, so that its peak memory is its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def against_crowd_kit() -> dict[str, Any]:
    """10^6 annotations, K=5, 20 iterations from the same table; compiled before, as crowd-kit's NumPy is."""
    from crowdkit.aggregation import DawidSkene as CrowdKit

    warnings.simplefilter("ignore")
    task, worker, label = columns(10**6, 5)
    frame = pd.DataFrame({"task": task, "worker": worker, "label": label})
    model = DawidSkene.maximum_likelihood(max_iter=ITERATIONS, tol=-1.0)
    model.fit(Votes.from_frame(frame.head(1000)))
    ours, votes_s, fit_s = [], [], []
    for _ in range(5):
        started = time.perf_counter()
        votes = Votes.from_frame(frame)
        read = time.perf_counter()
        model.fit(votes)
        ended = time.perf_counter()
        ours.append(ended - started)
        votes_s.append(read - started)
        fit_s.append(ended - read)
    theirs_s = []
    for _ in range(2):
        started = time.perf_counter()
        theirs = CrowdKit(n_iter=ITERATIONS, tol=-1e9).fit(frame)
        theirs_s.append(time.perf_counter() - started)
    assert theirs.probas_ is not None
    difference = np.abs(theirs.probas_.sort_index()[list(range(5))].to_numpy() - model.posterior_).max()
    return {
        "1e6 K=5 x20: crowd-kit, s": min(theirs_s),
        "1e6 K=5 x20: Groundswell, table to labels, s": float(np.median(ours)),
        "1e6 K=5 x20: of which reading the table, s": float(np.median(votes_s)),
        "1e6 K=5 x20: times faster, table to labels": min(theirs_s) / float(np.median(ours)),
        "1e6 K=5 x20: times faster, fit alone": min(theirs_s) / float(np.median(fit_s)),
        "1e6 K=5 x20: largest difference of a posterior": float(difference),
    }


def rate(n_annotations: int, n_labels: int) -> dict[str, Any]:
    """Annotations per second and iteration, one thread and two, and the peak memory of a whole fit."""
    task, worker, label = columns(n_annotations, n_labels)
    sizes = {"n_objects": int(task[-1]) + 1, "n_workers": 1000, "n_labels": n_labels}
    votes = Votes.from_arrays(task, worker, label, **sizes)
    del task, worker, label
    model = DawidSkene(max_iter=6, tol=-1.0).fit(votes)
    peak = _peak_mb()
    shard = Shard.of(votes, gold_index(votes, None))
    priors = Priors(ConfusionPrior().answers(n_labels)[None], 1.0)
    parameters = Parameters(model.prior_, np.ascontiguousarray(model.confusion_.transpose(0, 2, 1)), exact=priors.exact)
    cpu, wall = [], []
    for _ in range(5):
        started, used = time.perf_counter(), time.process_time()
        maximize(shard.expect(parameters), priors)
        cpu.append(time.process_time() - used)
        wall.append(time.perf_counter() - started)
    faster, dearer = _two_threads(split(shard, 2), parameters)
    name = f"{n_annotations:.0e} K={n_labels}".replace("e+0", "e")
    return {
        f"{name}: M annotations/s and iteration (processor time)": n_annotations / min(cpu) / 1e6,
        f"{name}: the same, median": n_annotations / float(np.median(cpu)) / 1e6,
        f"{name}: the same, wall time, median": n_annotations / float(np.median(wall)) / 1e6,
        f"{name}: two threads, times one thread's speed": faster,
        f"{name}: two threads, times one thread's processor time": dearer,
        f"{name}: peak memory with data, MB": peak,
    }


def _two_threads(halves: list[HeldShard], parameters: Parameters) -> tuple[float, float]:
    """How much faster both halves are done at once, and how much more processor time that takes (1 is ideal).

    Measured in turns. On a machine that others keep busy only the second says what two free cores would do.
    """
    faster, dearer = [], []
    with Threads(2) as two, Serial() as one:
        for _ in range(5):
            started, used = time.perf_counter(), time.process_time()
            one.map(_expect, halves, parameters)
            between, used_between = time.perf_counter(), time.process_time()
            two.map(_expect, halves, parameters)
            faster.append((between - started) / (time.perf_counter() - between))
            dearer.append((time.process_time() - used_between) / (used_between - used))
    return float(np.median(faster)), float(np.median(dearer))


def live() -> dict[str, Any]:
    """One more annotation in a live job of 10^6."""
    task, worker, label = columns(10**6, 5)
    names = [f"class {k}" for k in range(5)]
    job = LiveClassification(names, "dawid-skene")
    rows = zip(task.tolist(), worker.tolist(), label.tolist(), strict=True)
    job.absorb([Answer(n, f"worker {w}", names[k]) for n, w, k in rows])
    started = time.perf_counter()
    job.refit()
    refit_s = time.perf_counter() - started
    times = []
    for n in range(1000):
        started = time.perf_counter()
        job.absorb([Answer(n * 199, "late worker", names[n % 5])])
        job.estimate([n * 199])
        times.append(time.perf_counter() - started)
    return {
        "1e6 live: one more annotation and its estimate, median ms": 1e3 * float(np.median(times)),
        "1e6 live: slowest of 1,000, ms": 1e3 * max(times),
        "1e6 live: full refit, s": refit_s,
    }


def default() -> dict[str, Any]:
    """The default method on 10^6 annotations, compiled before."""
    task, worker, label = columns(10**6, 5)
    Consolidator().fit(Votes.from_arrays(task[:5000], worker[:5000], label[:5000], **_sizes(task[:5000])))
    votes = Votes.from_arrays(task, worker, label, **_sizes(task))
    started = time.perf_counter()
    Consolidator().fit(votes)
    return {
        "1e6 K=5: the default method, s": time.perf_counter() - started,
        "1e6 K=5: the default method, peak MB": _peak_mb(),
    }


def _sizes(task: Any) -> dict[str, int]:
    return {"n_objects": int(task[-1]) + 1, "n_workers": 1000, "n_labels": 5}


def _peak_mb() -> float:
    """This process's own highest resident memory; getrusage would count the parent's from before it was started."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return float("nan")


if __name__ == "__main__":
    main()
