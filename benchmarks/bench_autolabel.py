"""Automated labeling: how much is labeled by machine, whether the promise holds, and what it costs in time.

    python -m benchmarks autolabel              # 20 seeds a set
    AUTOLABEL_SEEDS=200 python -m benchmarks autolabel

The sets are those beside the checkout (`shared/data/auto`); set AUTOLABEL_DATA for another folder of
`<name>/labeled.manifest`. The rival is the usual recipe made honest, with the same learner: a hold-out set and a
Clopper-Pearson bound corrected for every round and threshold. The null test audits labels of which exactly the smallest
violating number is wrong, and looks after every draw.
"""

from __future__ import annotations

import json
import math
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.autolabel.evidence import Evidence
from groundswell.autolabel.learner import Learner, Model
from groundswell.autolabel.price import expected_audits
from groundswell.autolabel.registry import default_for
from groundswell.autolabel.selection import least_sure, next_batch
from groundswell.offline.backtest import BacktestSettings, features_for, replay
from groundswell.offline.labeled_manifest import LabeledManifest, read_labeled_manifest

HERE = Path(__file__).parent
SETS = ("mnist5k", "stackoverflow10k")
TARGET, DELTA, BATCH = 0.95, 0.05, 200
ROUNDS, THRESHOLDS = 10, 20
NULL_RUNS = 1_500


def main() -> None:
    """Print the tables and store them."""
    seeds = int(os.environ.get("AUTOLABEL_SEEDS", "20"))
    results: dict[str, Any] = {"null": null_test()}
    print(f"null at the boundary: {results['null']:.3f} of {NULL_RUNS:,} runs certified (at most 0.062)", flush=True)
    print("| set | share | least | accuracy, worst | broken | people | hold-out share | features s | replay s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for name in SETS:
        path = folder() / name / "labeled.manifest"
        if not path.exists():
            print(f"| {name} | not here: {path} |")
            continue
        results[name] = one_set(read_labeled_manifest(path, None), seeds)
        row = results[name]
        print(
            f"| {name} | {row['share']:.3f} | {row['least_share']:.3f} | {row['worst']:.4f} | {row['broken']} of "
            f"{seeds} "
            f"| {row['people']:.0f} | {row['hold_out']:.3f} | {row['features_s']:.1f} | {row['replay_s']:.2f} |",
            flush=True,
        )
    results["selection_s"], results["selection_gb"] = selection_of_a_million()
    print(f"choosing 1,000 of 1,000,000 objects: {results['selection_s']:.1f} s, {results['selection_gb']:.1f} GB")
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / "autolabel.json").write_text(json.dumps(results, indent=2))


def folder() -> Path:
    """Where the sets are."""
    beside = HERE.parent.parent / "shared" / "data" / "auto"
    return Path(os.environ.get("AUTOLABEL_DATA", beside))


def one_set(manifest: LabeledManifest, seeds: int) -> dict[str, Any]:
    """Replays with every seed, and the rival with five; processor seconds."""
    learner = default_for(manifest.modality)
    settings = BacktestSettings(TARGET, 1 - DELTA, batch=BATCH, seeds=seeds)
    began = time.process_time()
    features = features_for(manifest, learner, seeds)
    ready = time.process_time()
    found = [replay(manifest, learner, features, settings, seed) for seed in range(seeds)]
    done = time.process_time()
    accuracies = [one.machine_accuracy for one in found if one.machine_accuracy is not None]
    shares = [one.machine_labeled / one.objects for one in found]
    return {
        "share": float(np.mean(shares)),
        "least_share": min(shares),
        "worst": min(accuracies, default=1.0),
        "broken": sum(one.broken for one in found),
        "people": float(np.mean([one.human_labeled for one in found])),
        "hold_out": float(np.mean([hold_out(manifest, learner, features, seed) for seed in range(min(seeds, 5))])),
        "features_s": ready - began,
        "replay_s": (done - ready) / seeds,
    }


def hold_out(manifest: LabeledManifest, learner: Learner, features: Any, seed: int) -> float:
    """The honest plain recipe with the same learner: its share at the best round, known only afterwards.

    A tenth of the objects is held out at random; after each round every threshold's error among them has an upper
    bound at delta / (rounds * thresholds).
    """
    truth, rng = manifest.labels, np.random.default_rng(seed)
    order = rng.permutation(len(truth))
    held, rest = order[: len(truth) // 10], order[len(truth) // 10 :]
    train, model, best = rest[:BATCH], None, 0.0
    level = DELTA / (ROUNDS * THRESHOLDS)
    for _ in range(ROUNDS):
        fitted: Model = learner.fit(
            features, train, truth[train], classes=len(manifest.class_names), rng=rng, previous=model
        )
        model, scores = fitted, fitted.score(features)
        pool = np.setdiff1d(rest, train)
        for threshold in np.quantile(scores.margin[held], np.linspace(0, 0.95, THRESHOLDS)):
            sure = held[scores.margin[held] >= threshold]
            wrong = int((scores.best[sure] != truth[sure]).sum())
            if upper_bound(wrong, len(sure), level) <= 1 - TARGET:
                best = max(best, float((scores.margin[pool] >= threshold).sum() / len(truth)))
        drawn, chosen = next_batch(least_sure(scores, pool), rng.permutation(pool), BATCH)
        train = np.concatenate([train, drawn, chosen])
    return best


def upper_bound(wrong: int, of: int, level: float) -> float:
    """Clopper and Pearson's upper bound of a rate: the rate at which so few errors have the chance `level`."""
    low, high = wrong / max(of, 1), 1.0
    for _ in range(40):
        middle = (low + high) / 2
        logs = [
            math.lgamma(of + 1)
            - math.lgamma(k + 1)
            - math.lgamma(of - k + 1)
            + k * math.log(max(middle, 1e-300))
            + (of - k) * math.log(max(1 - middle, 1e-300))
            for k in range(wrong + 1)
        ]
        low, high = (middle, high) if sum(map(math.exp, logs)) > level else (low, middle)
    return high


def null_test() -> float:
    """Share of audits at the boundary whose evidence ever reaches 1 / 0.05, looked at after each of 400 draws."""
    crossed = 0
    for run in range(NULL_RUNS):
        rng = np.random.default_rng(run)
        wrong: NDArray[np.bool_] = np.zeros(1_000, bool)
        wrong[rng.choice(1_000, 51, replace=False)] = True
        evidence = Evidence([1_000], [51.0])
        for place in rng.permutation(1_000)[:400]:
            evidence.observe(int(place), float(wrong[place]))
            if evidence.crossed(0.05)[0]:
                crossed += 1
                break
    return crossed / NULL_RUNS


def selection_of_a_million() -> tuple[float, float]:
    """(seconds, largest memory in GB) to score a million objects by cached features and to choose who is asked."""
    import resource

    from groundswell.autolabel.learner import Scores

    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((1_000_000, 256), dtype=np.float32).astype(np.float16)
    weights = rng.standard_normal((256, 10)).astype(np.float32)
    order = rng.permutation(1_000_000)
    expected_audits(1_000, 0.01, 0.05, 0.04)
    began = time.perf_counter()
    outputs = np.concatenate(
        [vectors[a : a + 50_000].astype(np.float32) @ weights for a in range(0, 1_000_000, 50_000)]
    )
    scores = Scores.of_outputs(outputs)
    next_batch(least_sure(scores, np.arange(1_000_000)), order, 1_000)
    return time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


if __name__ == "__main__":
    main()
