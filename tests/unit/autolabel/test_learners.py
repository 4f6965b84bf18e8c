"""Every learner: learns, says what it would have said without a label, grows as if fitted anew, loads as it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from groundswell.autolabel import registry
from groundswell.autolabel.gram_of_all import gram_of_all
from groundswell.autolabel.images import ImageLearner
from groundswell.autolabel.learner import Learner
from groundswell.autolabel.model_files import pack, unpack
from groundswell.autolabel.pictures import is_drawing, upright
from groundswell.autolabel.text import TextLearner
from groundswell.domain.errors import InvalidInput
from unit.autolabel.made_objects import images, texts

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module", params=["tfidf-ridge", "patch-ridge"])
def made(request: pytest.FixtureRequest) -> tuple[Learner, list[Any], np.ndarray, Any]:
    learner = registry.get(request.param)
    objects, labels = texts(240) if learner.modality == "text" else images(240)
    return learner, list(objects), labels, learner.features(objects)


Made = tuple[Learner, list[Any], np.ndarray, Any]


def fit(made: Made, count: int, previous: Any = None) -> Any:
    learner, _, labels, features = made
    return learner.fit(features, np.arange(count), labels[:count], classes=3, rng=RNG, previous=previous)


def outputs(model: Any, features: Any) -> np.ndarray:
    found = model.score(features).outputs
    assert isinstance(found, np.ndarray)
    return found


def test_it_learns_from_sixty_labels(made: Made) -> None:
    scores = fit(made, 60).score(made[3])
    assert np.mean(scores.best[60:] == made[2][60:]) > 0.85
    assert len(scores) == 240
    assert scores.margin.min() >= 0


def test_left_out_outputs_are_those_of_a_model_without_the_object(made: Made) -> None:
    learner, _, labels, features = made
    model = fit(made, 30)
    without = learner.fit(features, np.arange(1, 30), labels[1:30], classes=3, rng=RNG)
    if without.fit.ridge == model.fit.ridge:  # type: ignore[attr-defined]
        expected = without.score(features).outputs
        found = model.left_out.outputs
        assert expected is not None and found is not None
        assert np.allclose(found[0], expected[0], atol=2e-4)


def test_going_on_from_the_last_round_is_the_same_as_fitting_anew(made: Made) -> None:
    grown = fit(made, 70, previous=fit(made, 50))
    anew = fit(made, 70)
    if grown.fit.ridge == anew.fit.ridge:
        assert np.allclose(outputs(grown, made[3]), outputs(anew, made[3]), atol=1e-2)  # single precision over lambda
    assert np.mean(grown.score(made[3]).best == anew.score(made[3]).best) > 0.95


def test_a_stored_model_scores_new_objects_alike(made: Made) -> None:
    learner = made[0]
    model = fit(made, 60)
    again = learner.load(unpack(pack(model.state())))
    fresh, labels = texts(60, seed=9) if learner.modality == "text" else images(60, seed=9)
    features = learner.features(fresh)
    assert np.allclose(outputs(again, features), outputs(model, features), atol=1e-3)
    assert np.mean(again.score(features).best == labels) > 0.8


def test_stored_features_are_the_same_features(made: Made) -> None:
    learner, _, labels, features = made
    again = learner.load_features(unpack(pack(features.state())))
    model = learner.fit(again, np.arange(60), labels[:60], classes=3, rng=RNG)
    assert np.allclose(outputs(model, again), outputs(fit(made, 60), features), atol=1e-3)


def test_objects_without_content_are_never_sure(made: Made) -> None:
    learner, objects, labels, _ = made
    spoiled: list[Any] = [*objects[:80], None, "" if learner.modality == "text" else b"no image"]
    features = learner.features(spoiled)
    scores = learner.fit(features, np.arange(60), labels[:60], classes=3, rng=RNG).score(features)
    assert scores.margin[80:].max() <= np.quantile(scores.margin[:80], 0.05) + 1e-6


def test_one_class_and_one_object_are_enough_to_fit(made: Made) -> None:
    learner, _, _, features = made
    model = learner.fit(features, np.array([3]), np.array([0]), classes=1, rng=RNG)
    assert (model.score(features).best == 0).all()
    with pytest.raises(InvalidInput, match="at least one labeled object"):
        learner.fit(features, np.array([], np.int64), np.array([], np.int64), classes=2, rng=RNG)


def test_all_kernel_values_at_once_are_those_one_by_one() -> None:
    features = TextLearner().features(texts(90)[0])
    rows = np.arange(90)
    one_by_one = features.gram(rows, rows)
    assert np.allclose(gram_of_all(*features.rows), one_by_one, atol=1e-5)
    assert np.allclose(one_by_one.diagonal(), 1, atol=0.05)  # two terms may share a column


def test_a_slanted_figure_is_set_upright() -> None:
    slanted = np.zeros((32, 32), np.float32)
    for row in range(6, 26):
        slanted[row, 8 + row // 2 : 11 + row // 2] = 1
    assert is_drawing(slanted)
    columns = upright(slanted).sum(axis=0)
    assert columns.argmax() in (15, 16)
    assert columns[12:20].sum() > 0.9 * columns.sum()


def test_unknown_learners_are_named() -> None:
    with pytest.raises(InvalidInput, match="minilm-ridge, patch-ridge, tfidf-ridge"):
        registry.get("magic")
    assert isinstance(registry.default_for("image"), ImageLearner)
