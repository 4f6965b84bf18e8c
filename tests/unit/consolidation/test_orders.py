"""Rankings and comparisons: known medians, and scales recovered better than the field's library does."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundswell.consolidation.bradley_terry import OUTCOMES, BradleyTerry
from groundswell.consolidation.pairwise import PairwiseConsolidator
from groundswell.consolidation.ranking import RankingConsolidator
from groundswell.domain.errors import InvalidVotes


def ranked(**ranks: list[int]) -> dict[str, Any]:
    return {worker: {"best": given} for worker, given in ranks.items()}


def test_the_median_ranking_wins() -> None:
    # Condorcet's example: pairs are won 2 to 1 by response 0, then 1, then 2, though 2 is first once.
    answers = ranked(a=[1, 2, 3], b=[1, 2, 3], c=[2, 3, 1])
    assert RankingConsolidator().consolidate(answers).value == {"best": [1, 2, 3]}


def test_ties_stay_ties() -> None:
    result = RankingConsolidator().consolidate(ranked(a=[1, 1, 2], b=[1, 1, 2], c=[1, 2, 3]))
    assert result.value == {"best": [1, 1, 2]}
    assert 0.5 < result.confidence < 1.0


def test_long_rankings_are_climbed() -> None:
    rng = np.random.default_rng(0)
    size = 12
    answers = {
        f"w{w}": {"best": (np.argsort(np.argsort(np.arange(size) + rng.normal(0, 1.5, size))) + 1).tolist()}
        for w in range(9)
    }
    ranks = RankingConsolidator().consolidate(answers).value["best"]
    wrong = sum(ranks[i] > ranks[j] for i, j in combinations(range(size), 2))
    assert wrong <= 5  # of 66


@pytest.mark.parametrize("ranks", [[1, 1, 2, 3, 4, 5, 6, 7], [1] * 9, [3, 1, 2, 2, 1, 3, 1]])
def test_ties_in_long_rankings_stay_ties(ranks: list[int]) -> None:
    assert RankingConsolidator().consolidate(ranked(a=ranks, b=ranks)).value == {"best": ranks}
    other = list(range(1, len(ranks) + 1))
    assert RankingConsolidator().consolidate(ranked(a=ranks, b=ranks, c=ranks, d=other)).value == {"best": ranks}


def thurstone(rng: np.random.Generator, size: int) -> tuple[list[dict[str, Any]], list[list[int]]]:
    """300 objects ranked by 3 of 12 workers who misjudge every response by normal errors, and the true ranks."""
    noise = rng.uniform(0.05, 1.5, 12)
    objects, truth = [], []
    for _ in range(300):
        quality = rng.normal(0, 1, size)
        truth.append((np.argsort(np.argsort(quality)) + 1).tolist())
        seen = {f"w{w}": quality + rng.normal(0, noise[w], size) for w in rng.choice(12, 3, replace=False).tolist()}
        objects.append({w: {"best": (np.argsort(np.argsort(v)) + 1).tolist()} for w, v in seen.items()})
    return objects, truth


@pytest.mark.parametrize("size", [3, 4])
def test_confidences_of_rankings_are_near_the_share_of_right_ones(size: int) -> None:
    objects, truth = thurstone(np.random.default_rng(1), size)
    results = RankingConsolidator().fit(objects).consolidate_all(objects)
    right = np.mean([r.value["best"] == t for r, t in zip(results, truth, strict=True)])
    assert np.mean([r.confidence for r in results]) == pytest.approx(right, abs=0.08)


def test_rankings_of_different_lengths_are_refused() -> None:
    with pytest.raises(InvalidVotes, match="must have 3 ranks"):
        RankingConsolidator().consolidate(ranked(a=[1, 2, 3], b=[1, 2]))


def simulated_comparisons() -> tuple[dict[str, list[Any]], np.ndarray[Any, Any]]:
    rng = np.random.default_rng(0)
    score = rng.normal(0, 1.5, 20)
    sharpness = np.array([1.5, 1.0, 1.0, 0.5, 0.0, -1.0])
    columns: dict[str, list[Any]] = {"left": [], "right": [], "worker": [], "winner": []}
    for _ in range(2000):
        i, j = rng.choice(20, 2, replace=False).tolist()
        w = int(rng.integers(6))
        weight = np.exp(np.array([1, 0, -1]) * sharpness[w] * (score[i] - score[j]) / 2) * [1, 0.3, 1]
        outcome = OUTCOMES[int(rng.choice(3, p=weight / weight.sum()))]
        for name, value in zip(columns, (i, j, f"w{w}", outcome), strict=True):
            columns[name].append(value)
    return columns, score


def test_scores_and_workers_are_recovered_better_than_by_crowd_kit() -> None:
    pandas = pytest.importorskip("pandas")
    aggregation = pytest.importorskip("crowdkit.aggregation")
    columns, score = simulated_comparisons()
    model = BradleyTerry().fit(**columns)
    assert (np.diff(model.objective_) > -1e-8).all()
    assert model.skill_.argsort()[:2].tolist() == [5, 4]  # the confused one, then the random one
    frame = pandas.DataFrame({key: columns[key] for key in ("worker", "left", "right")})
    wins = zip(columns["left"], columns["right"], columns["winner"], strict=True)
    frame["label"] = [a if winner == "left" else b for a, b, winner in wins]
    theirs = aggregation.NoisyBradleyTerry(n_iter=50).fit_predict(frame)
    ours = np.corrcoef(score[model.items_], model.scores_)[0, 1]
    assert ours > 0.985
    assert ours > np.corrcoef(score[model.items_], theirs[model.items_])[0, 1]


def test_comparisons_lean_on_the_scale() -> None:
    # b beats a in many comparisons by many workers; one new worker says otherwise.
    objects = [{f"w{k}": {"left": "a", "right": "b", "winner": "right"} for k in range(3)}] * 8
    model = PairwiseConsolidator().fit(objects)
    result = model.consolidate({"new": {"left": "a", "right": "b", "winner": "left"}})
    assert result.value["winner"] == "left"  # one worker alone is believed
    assert result.confidence < model.consolidate({"new": {"left": "a", "right": "b", "winner": "right"}}).confidence


def test_workers_may_see_the_things_on_either_side() -> None:
    p, q = ({"left": "p", "right": "q", "winner": w} for w in ("left", "right"))
    p_mirrored = {"left": "q", "right": "p", "winner": "right"}
    result = PairwiseConsolidator().consolidate({"a": p, "b": p_mirrored, "c": q})
    assert result.value == p
    assert result == PairwiseConsolidator().consolidate({"a": p, "b": p, "c": q})


def test_confidences_of_comparisons_are_honest() -> None:
    rng = np.random.default_rng(3)
    score, sharpness = rng.normal(0, 1.5, 25), rng.uniform(0.3, 2.0, 12)
    objects, best = [], []
    for _ in range(600):
        i, j = rng.choice(25, 2, replace=False).tolist()
        best.append("left" if score[i] > score[j] else "right")
        answers = {}
        for w in rng.choice(12, 3, replace=False).tolist():
            left = rng.random() < 1.0 / (1.0 + np.exp(-sharpness[w] * (score[i] - score[j])))
            answers[f"w{w}"] = {"left": f"i{i}", "right": f"i{j}", "winner": "left" if left else "right"}
        objects.append(answers)
    results = PairwiseConsolidator().fit(objects).consolidate_all(objects)
    right = np.mean([r.value["winner"] == b for r, b in zip(results, best, strict=True)])
    assert right > 0.91  # each comparison by its own three answers: 0.82
    assert np.mean([r.confidence for r in results]) == pytest.approx(right, abs=0.03)


def test_new_answers_count_before_the_next_fit_and_old_ones_once() -> None:
    pair = {"left": "a", "right": "b"}
    model = PairwiseConsolidator().fit([{"w1": {**pair, "winner": "left"}, "w2": {**pair, "winner": "right"}}] * 6)
    fitted = {"w1": {**pair, "winner": "left"}}
    known = model.consolidate(fitted)
    assert known.confidence == pytest.approx(0.5, abs=0.01)  # nothing that the scale does not know already
    assert model.consolidate({**fitted, "new": {**pair, "winner": "left"}}).confidence > known.confidence + 0.05


def test_a_tie_is_no_outcome_where_nobody_ties() -> None:
    result = PairwiseConsolidator().consolidate({"a": "left", "b": "left", "c": "right"})
    assert result.confidence == pytest.approx(0.75)  # 3 to 1 for each answer
    assert result.details["posterior"]["tie"] == 0.0


@pytest.mark.parametrize("things", [("a", "a"), ("a", None), (["a"], ["b"])])
def test_things_compared_are_two_and_named(things: tuple[Any, Any]) -> None:
    answer = {"left": things[0], "right": things[1], "winner": "left"}
    with pytest.raises(InvalidVotes, match="object 0, worker 'ann'"):
        PairwiseConsolidator().consolidate({"ann": answer})


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"left": ["a"], "right": ["a"], "worker": ["w"], "winner": ["left"]}, "with itself"),
        ({"left": ["a"], "right": ["b"], "worker": ["w"], "winner": ["a"]}, "a winner is one of"),
        ({"left": ["a"], "right": ["b"], "worker": [], "winner": ["left"]}, "of one length"),
    ],
)
def test_bad_comparisons_are_named(columns: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidVotes, match=message):
        BradleyTerry().fit(**columns)


def four_before_and_six_ties() -> dict[str, Any]:
    return ranked(**{f"w{w}": [1, 2] if w < 4 else [1, 1] for w in range(10)})


@pytest.mark.parametrize("fitted_to", [0, 1, 30])
def test_ties_outvote_no_order_that_nobody_contradicts(fitted_to: int) -> None:
    model = RankingConsolidator()
    if fitted_to:
        model.fit([four_before_and_six_ties()] * fitted_to)
    assert model.consolidate(four_before_and_six_ties()).value == {"best": [1, 2]}


@pytest.mark.parametrize("ties", [1, 2, 5])
def test_a_tie_is_no_evidence_for_the_reversed_order(ties: int) -> None:
    for first, last in [(1, 0), (2, 0), (2, 1), (3, 1), (1, 2), (0, 3)]:
        given = [[1, 2]] * first + [[2, 1]] * last
        for level in (0, ties):
            answers = ranked(**{f"w{w}": ranks for w, ranks in enumerate(given + [[1, 1]] * level)})
            one, two = RankingConsolidator().consolidate(answers).value["best"]
            assert (one - two) * (last - first) >= 0  # the order most give, or a tie


def coarse(rng: np.random.Generator, levels: int, workers: int) -> tuple[list[dict[str, Any]], list[list[int]]]:
    """150 objects of four different responses, each rated in a few levels, so that ranks are full of ties."""
    edges, noise = np.linspace(-1.0, 1.0, levels + 1)[1:-1], rng.uniform(0.3, 1.0, 12)
    objects, truth = [], []
    for _ in range(150):
        quality = rng.normal(0, 1, 4)
        truth.append((np.argsort(np.argsort(-quality)) + 1).tolist())
        chosen = rng.choice(12, workers, replace=False).tolist()
        rated = {w: np.digitize(quality + rng.normal(0, noise[w], 4), edges) for w in chosen}
        objects.append(
            {f"w{w:02d}": {"best": (np.unique(-r, return_inverse=True)[1] + 1).tolist()} for w, r in rated.items()}
        )
    return objects, truth


def agreement(ranks: Any, truth: list[int]) -> int:
    """Pairs in the right order less those reversed."""
    return sum(int(np.sign((ranks[i] - ranks[j]) * (truth[i] - truth[j]))) for i, j in combinations(range(4), 2))


@pytest.mark.parametrize(("levels", "workers"), [(2, 5), (3, 5), (5, 5), (2, 10)])
def test_rankings_full_of_ties_are_ordered_as_well_as_by_mean_ranks(levels: int, workers: int) -> None:
    ours = borda = 0
    for seed in range(3):
        objects, truth = coarse(np.random.default_rng(seed), levels, workers)
        results = RankingConsolidator().fit(objects).consolidate_all(objects)
        for result, answers, true in zip(results, objects, truth, strict=True):
            means = np.round(np.mean([answer["best"] for answer in answers.values()], axis=0), 9)
            ours += agreement(result.value["best"], true)
            borda += agreement(means.tolist(), true)
    assert ours >= borda


def test_how_often_each_worker_ties_is_learnt() -> None:
    rng = np.random.default_rng(4)
    objects = []
    for _ in range(60):
        order = (rng.permutation(4) + 1).tolist()
        loose = [(rank + 1) // 2 for rank in order]  # the two best level, and the two others
        objects.append(ranked(a=order, b=order, c=order, d=loose))
    model = RankingConsolidator().fit(objects)
    assert model.tie_rate_[3] > 0.25 > 3 * max(model.tie_rate_[:3])
    assert model.skill_[3] > 0.9  # a tie is no mistake


def four_left_and_six_ties() -> dict[str, Any]:
    return {f"w{w}": "left" if w < 4 else "tie" for w in range(10)}


@pytest.mark.parametrize("fitted_to", [0, 1, 30])
def test_ties_outvote_no_winner_that_nobody_contradicts(fitted_to: int) -> None:
    model = PairwiseConsolidator()
    if fitted_to:
        model.fit([four_left_and_six_ties()] * fitted_to)
    result = model.consolidate(four_left_and_six_ties())
    assert result.value == "left" and result.confidence == result.details["posterior"]["left"]


@settings(max_examples=40, deadline=None)
@given(left=st.integers(0, 6), right=st.integers(0, 6), ties=st.integers(1, 8), fitted=st.booleans())
def test_a_tie_is_no_evidence_for_the_loser(left: int, right: int, ties: int, fitted: bool) -> None:
    given_ = ["left"] * left + ["right"] * right + ["tie"] * ties
    answers = {f"w{w}": winner for w, winner in enumerate(given_)}
    model = PairwiseConsolidator().fit([answers] * 3) if fitted else PairwiseConsolidator()
    chance = model.consolidate(answers).details["posterior"]
    assert (chance["left"] - chance["right"]) * (left - right) >= 0.0


def test_comparisons_of_workers_who_tie_much_are_told_apart() -> None:
    ours, most, stated, rates = [], [], [], []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        accuracy, tie = rng.uniform(0.65, 0.95, 10), rng.uniform(0.05, 0.7, 10)
        truth = rng.choice(3, 150, p=[0.45, 0.1, 0.45])
        objects = []
        for true in truth.tolist():
            answers = {}
            for w in rng.choice(10, 5, replace=False).tolist():
                tied = rng.random() < (0.9 if true == 1 else tie[w])
                said = 2 * int(rng.integers(2)) if true == 1 else true if rng.random() < accuracy[w] else 2 - true
                answers[f"w{w}"] = OUTCOMES[1 if tied else said]
            objects.append(answers)
        model = PairwiseConsolidator().fit(objects)
        results = model.consolidate_all(objects)
        ours.append(np.mean([OUTCOMES.index(one.value) == true for one, true in zip(results, truth, strict=True)]))
        votes = [[list(answers.values()).count(outcome) for outcome in OUTCOMES] for answers in objects]
        most.append(np.mean(np.argmax(votes, axis=1) == truth))
        stated.append(np.mean([one.confidence for one in results]))
        rates.append(np.corrcoef(model.tie_rate_, tie)[0, 1])
    assert np.mean(ours) > np.mean(most) + 0.15 and np.mean(rates) > 0.85
    assert np.mean(stated) == pytest.approx(np.mean(ours), abs=0.05)
