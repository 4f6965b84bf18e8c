"""What every categorical consolidator promises, whatever its model."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from groundswell.consolidation import (
    BCC,
    GLAD,
    MACE,
    Consolidator,
    DawidSkene,
    EnhancedBCC,
    MajorityVote,
    ModifiedDawidSkene,
    OneCoin,
    OrdinalConsolidator,
    Votes,
    WeightedVote,
    consolidator_named,
)
from groundswell.consolidation.base import CategoricalConsolidator
from groundswell.domain.errors import InvalidInput, InvalidVotes
from random_examples import examples

Make = Callable[[], CategoricalConsolidator]

EVERY: dict[str, Make] = {
    "majority-vote": MajorityVote,
    "dawid-skene": DawidSkene,
    "weighted-vote": WeightedVote,
    "one-coin": OneCoin,
    "modified-dawid-skene": ModifiedDawidSkene,
    "glad": GLAD,
    "mace": MACE,
    "ordinal": OrdinalConsolidator,
    "bcc": BCC,
    "enhanced-bcc": EnhancedBCC,
    "consolidator": Consolidator,
}

every = pytest.mark.parametrize("make", list(EVERY.values()), ids=list(EVERY))


def crowd(
    *, n_objects: int = 150, n_workers: int = 12, n_labels: int = 3, each: int = 5, seed: int = 0
) -> tuple[dict[str, list[Any]], list[int]]:
    """Annotations of a simulated crowd, accurate to 0.55..0.95, and the truth."""
    random = np.random.default_rng(seed)
    truth = random.integers(n_labels, size=n_objects)
    skill = random.uniform(0.55, 0.95, n_workers)
    task = np.repeat(np.arange(n_objects), each)
    worker = np.concatenate([random.permutation(n_workers)[:each] for _ in range(n_objects)])
    other = (truth[task] + random.integers(1, n_labels, task.size)) % n_labels
    label = np.where(random.random(task.size) < skill[worker], truth[task], other)
    return {"task": task.tolist(), "worker": worker.tolist(), "label": label.tolist()}, truth.tolist()


@every
def test_rows_are_probabilities(make: Make) -> None:
    model = make().fit(Votes.from_columns(**crowd()[0]))
    for rows in (model.posterior_, model.prior_, model.confusion_):
        assert np.all(np.isfinite(rows)) and np.all(rows >= 0)
        assert np.allclose(rows.sum(axis=-1), 1)
    assert model.skill_.shape == (12,) and np.all((model.skill_ >= 0) & (model.skill_ <= 1))
    assert np.allclose(model.confidence_, model.posterior_.max(axis=1))
    assert model.labels_.tolist() == model.votes_.labels[model.label_index_].tolist()


@every
def test_unanimity_wins(make: Make) -> None:
    columns: dict[str, list[Any]] = {"task": [], "worker": [], "label": []}
    for n in range(30):
        for w in range(3):
            columns["task"].append(n)
            columns["worker"].append(w)
            columns["label"].append("abc"[n % 3])
    model = make().fit(Votes.from_columns(**columns, labels=["a", "b", "c"]))
    assert model.labels_.tolist() == ["abc"[n % 3] for n in range(30)]
    assert np.all(model.confidence_ > 0.5)


@every
def test_order_of_rows_changes_nothing(make: Make) -> None:
    columns, _ = crowd()
    order = np.random.default_rng(1).permutation(len(columns["task"]))
    shuffled = {name: [values[m] for m in order] for name, values in columns.items()}
    ours, theirs = (make().fit(Votes.from_columns(**c)) for c in (columns, shuffled))
    assert np.allclose(ours.posterior_, theirs.posterior_, atol=1e-5)


@every
def test_names_change_nothing(make: Make) -> None:
    """New names that also reverse the order of objects, workers and classes."""
    columns, _ = crowd()
    renamed = {name: [-value for value in values] for name, values in columns.items()}
    ours, theirs = (make().fit(Votes.from_columns(**c)) for c in (columns, renamed))
    assert np.allclose(ours.posterior_, theirs.posterior_[::-1, ::-1], atol=1e-4)
    assert np.allclose(ours.confusion_, theirs.confusion_[::-1, ::-1, ::-1], atol=1e-3)
    assert np.allclose(ours.skill_, theirs.skill_[::-1], atol=1e-3)


@every
def test_objective_never_falls(make: Make) -> None:
    for labels in (2, 4):
        model = make().fit(Votes.from_columns(**crowd(n_labels=labels)[0]))
        steps = np.diff(model.objective_)
        assert np.all(steps >= -1e-7 * np.abs(model.objective_).max(initial=1.0))
        assert len(model.objective_) == model.n_iter_


@every
def test_same_input_same_bytes_and_inputs_untouched(make: Make) -> None:
    votes = Votes.from_columns(**crowd()[0])
    arrays = (votes.object, votes.worker, votes.label, votes.offsets)
    before = [array.tobytes() for array in arrays]
    first, second = make().fit(votes), make().fit(votes)
    assert first.posterior_.tobytes() == second.posterior_.tobytes()
    assert first.confusion_.tobytes() == second.confusion_.tobytes()
    assert [array.tobytes() for array in arrays] == before


@every
@pytest.mark.parametrize("labels", [2, 3, 5])
def test_recovers_a_simulated_crowd(make: Make, labels: int) -> None:
    columns, truth = crowd(n_labels=labels, n_objects=300, each=7, seed=3)
    model = make().fit(Votes.from_columns(**columns))
    assert np.mean(model.label_index_ == truth) > 0.9


@every
def test_one_annotation(make: Make) -> None:
    model = make().fit(Votes.from_columns(task=["t"], worker=["w"], label=["b"], labels=["a", "b"]))
    assert model.labels_.tolist() == ["b"] and model.confidence_[0] >= 0.5


@every
def test_no_annotation_of_an_object_gives_the_prior(make: Make) -> None:
    columns, _ = crowd(n_labels=2)
    model = make().fit(Votes.from_columns(**columns, objects=[999]))
    n = model.votes_.object_positions[999]
    assert np.allclose(model.posterior_[n], model.prior_, atol=1e-3)


@every
def test_no_annotations_at_all(make: Make) -> None:
    model = make().fit(Votes.from_columns(task=[], worker=[], label=[], labels=["a", "b"], objects=[1, 2]))
    assert model.posterior_.tolist() == [[0.5, 0.5]] * 2 and model.labels_.tolist() == ["a", "a"]


@pytest.mark.parametrize("make", [Consolidator, DawidSkene, OneCoin])
@pytest.mark.parametrize("rates", [{"a": 9, "b": 1, "none gave it": 5}, [0.9, 0.1]])
def test_given_class_rates_hold_where_nobody_answered(make: Any, rates: Any) -> None:
    votes = Votes.from_columns(task=[], worker=[], label=[], labels=["a", "b"], objects=[1, 2])
    model = make(class_rates=rates).fit(votes, gold={2: "b"})
    assert np.allclose(model.posterior_, [[0.9, 0.1], [0.0, 1.0]]) and np.allclose(model.prior_, [0.9, 0.1])


@pytest.mark.parametrize("make", [Consolidator, DawidSkene, OneCoin])
@pytest.mark.parametrize("rates", ["uniform", {"a": "much"}, {0: 1.0}, [1.0], [1, 1, 0], [1, 1, float("nan")], 3])
def test_class_rates_without_meaning_are_refused(make: Any, rates: Any) -> None:
    with pytest.raises(InvalidVotes, match=r"each of the classes \[0, 1, 2\] a rate above 0"):
        make(class_rates=rates).fit(Votes.from_columns(**crowd()[0]))


@every
def test_one_class(make: Make) -> None:
    model = make().fit(Votes.from_columns(task=[1, 2], worker=[1, 1], label=["a", "a"]))
    assert model.posterior_.tolist() == [[1.0], [1.0]] and model.confusion_.tolist() == [[[1.0]]]


@every
def test_one_worker(make: Make) -> None:
    model = make().fit(Votes.from_columns(task=list(range(20)), worker=["w"] * 20, label=["a", "b"] * 10))
    assert model.labels_.tolist() == ["a", "b"] * 10


@every
def test_gold_pins_the_truth(make: Make) -> None:
    columns, truth = crowd(n_labels=2)
    wrong = {0: 1 - truth[0], 1: 1 - truth[1]}
    model = make().fit(Votes.from_columns(**columns), gold=wrong)
    assert [model.labels_[0], model.labels_[1]] == list(wrong.values())
    assert model.confidence_[0] == pytest.approx(1) and model.confidence_[1] == pytest.approx(1)


@every
def test_history_counts_for_a_worker(make: Make) -> None:
    """A worker known to be right nearly always has more skill than the same worker unknown."""
    columns, _ = crowd(n_labels=2, n_objects=30)
    votes = Votes.from_columns(**columns)
    worst = int(np.argmin(make().fit(votes).skill_))
    name = votes.workers[worst]
    plain, known = make().fit(votes), make().fit(votes, worker_history={name: (990, 10)})
    assert known.skill_[worst] > plain.skill_[worst]


@every
def test_ties_go_to_the_earliest_class(make: Make) -> None:
    votes = Votes.from_columns(task=[1, 1], worker=["u", "v"], label=["b", "a"], labels=["b", "a"])
    assert make().fit(votes).labels_.tolist() == ["b"]


FITTED = ("labels_", "confidence_", "posterior_", "belief_", "prior_", "confusion_", "skill_", "objective_", "naming_")


def fitted(model: CategoricalConsolidator) -> dict[str, Any]:
    """Every fitted attribute that the model has, and whether it converged."""
    found = {name: getattr(model, name).tolist() for name in FITTED if hasattr(model, name)}
    return {**found, "ended": (model.converged_, model.n_iter_)}


@every
@pytest.mark.parametrize("read", [True, False], ids=["tables read before", "tables not read"])
def test_fitting_again_forgets_what_was_fitted_before(make: Make, read: bool) -> None:
    many, few, alike = (
        Votes.from_columns(**crowd()[0]),
        Votes.from_columns(**crowd(n_labels=2, n_objects=30, seed=5)[0]),
        Votes.from_columns(task=[1, 2], worker=["u", "u"], label=["a", "a"]),
    )
    model = make()
    for votes in (many, few, alike, many):
        model.fit(votes)
        if read:
            assert fitted(model) == fitted(make().fit(votes))
    assert fitted(model) == fitted(make().fit(many))


@every
@pytest.mark.parametrize("copied", [lambda model: pickle.loads(pickle.dumps(model)), copy.deepcopy, copy.copy])
@pytest.mark.parametrize("read", [True, False], ids=["tables read before", "tables not read"])
def test_copies_and_pickles_hold_all_that_was_fitted(make: Make, copied: Callable[[Any], Any], read: bool) -> None:
    model = make().fit(Votes.from_columns(**crowd()[0]))
    before = fitted(model) if read else None
    again = copied(model)
    assert fitted(again) == (before or fitted(model))
    few = Votes.from_columns(**crowd(n_labels=2, n_objects=30, seed=5)[0])
    assert fitted(again.fit(few)) == fitted(make().fit(few)) and model.votes_.n_labels == 3


@every
@pytest.mark.parametrize("name", ["labels_", "posterior_", "confusion_", "belief_", "skill_"])
def test_what_is_not_fitted_says_so(make: Make, name: str) -> None:
    with pytest.raises(AttributeError, match=rf"no attribute '{name}' before fit\(votes\) makes it"):
        getattr(make(), name)
    assert not hasattr(make().fit(Votes.from_columns(**crowd()[0])), "no_such_thing_")


@pytest.mark.parametrize(
    ("method", "option"),
    [
        *((name, {"max_iter": 0}) for name in EVERY if name not in ("majority-vote", "dawid-skene")),
        ("consolidator", {"naming": -1.0}),
        ("weighted-vote", {"imagined": -1.0}),
        ("one-coin", {"right": -1.0}),
        ("mace", {"habit": 0.0}),
        ("glad", {"ability_variance": 0.0}),
        ("ordinal", {"imagined": 0.0}),
        ("bcc", {"diagonal": 0.0}),
        ("bcc", {"anchor": 0.0}),
        ("bcc", {"anchor": float("nan")}),
        ("enhanced-bcc", {"strength": 0.0}),
        ("enhanced-bcc", {"subtypes": 0}),
        ("modified-dawid-skene", {"accuracy": 0.0}),
    ],
)
def test_options_without_meaning_are_refused(method: str, option: dict[str, Any]) -> None:
    model = consolidator_named(method, **option)
    with pytest.raises(InvalidInput, match=next(iter(option))):
        model.fit(Votes.from_columns(**crowd()[0]))


@pytest.mark.parametrize("history", [3, "abc", [[1, 2], [3]], (1, -1), (1, float("nan"))])
@every
def test_history_that_is_no_counts_is_refused(make: Make, history: Any) -> None:
    with pytest.raises(InvalidVotes, match="history of worker 0 must be"):
        make().fit(Votes.from_columns(**crowd()[0]), worker_history={0: history})


@st.composite
def small_jobs(draw: st.DrawFn) -> tuple[Votes, dict[int, str], dict[int, tuple[float, float]]]:
    """Few annotations of any shape, objects nobody annotated, abstentions, gold, and workers' histories."""
    objects, workers, names = draw(st.integers(0, 8)), draw(st.integers(1, 5)), "abcde"[: draw(st.integers(1, 5))]
    cell = st.tuples(st.integers(0, max(objects - 1, 0)), st.integers(0, workers - 1), st.sampled_from([*names, None]))
    rows = draw(st.lists(cell, max_size=30)) if objects else []
    task, worker, label = zip(*rows, strict=True) if rows else ((), (), ())
    votes = Votes.from_columns(task=task, worker=worker, label=label, labels=list(names), objects=range(objects))
    gold = draw(st.dictionaries(st.integers(0, objects - 1), st.sampled_from(names), max_size=3)) if objects else {}
    counts = st.floats(0, 100, allow_subnormal=False)
    return votes, gold, draw(st.dictionaries(st.integers(0, workers), st.tuples(counts, counts), max_size=3))


@every
@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.too_slow])
@given(job=small_jobs())
def test_any_small_job_gives_probabilities(make: Make, job: Any) -> None:
    votes, gold, history = job
    with np.errstate(all="raise", under="ignore"):
        model = make().fit(votes, gold=gold, worker_history=history)
    for rows in (model.posterior_, model.belief_, model.prior_, model.confusion_):
        assert np.all(np.isfinite(rows)) and np.all(rows >= 0) and np.allclose(rows.sum(axis=-1), 1)
    for chances in (model.skill_, model.confidence_):
        assert np.all((chances >= 0) & (chances <= 1))
    steps = np.diff(model.objective_)
    assert np.all(steps >= -1e-7 * (1.0 + np.abs(model.objective_).max(initial=0.0)))
    assert {n: model.labels_[model.votes_.object_positions[n]] for n in gold} == gold
