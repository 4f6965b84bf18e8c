"""Model files: whole, exact, readable by others, and nothing that could run code."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundswell.autolabel.learner import ModelState
from groundswell.autolabel.model_files import pack, unpack
from groundswell.domain.errors import InvalidInput

STATE = ModelState(
    "tfidf-ridge", {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.array([True, False])}, {"gamma": 0.5}
)


def test_a_state_comes_back_as_it_was() -> None:
    again = unpack(pack(STATE))
    assert (again.learner, again.facts) == (STATE.learner, STATE.facts)
    assert all(np.array_equal(again.arrays[name], STATE.arrays[name]) for name in STATE.arrays)
    assert pack(again) == pack(STATE)


@pytest.mark.parametrize("start", [b"\x80\x02", b"\x80\x04"])
def test_a_header_whose_length_looks_like_a_pickle_is_read(start: bytes) -> None:
    length = int.from_bytes(start, "little")
    fill = length - int.from_bytes(pack(ModelState("x", {}, {"a": ""}))[:8], "little")
    data = pack(ModelState("x", {}, {"a": "-" * fill}))
    assert data[:2] == start
    assert unpack(data).learner == "x"


def test_a_pickle_is_never_read() -> None:
    with pytest.raises(InvalidInput, match="can run code"):
        unpack(pickle.dumps({"a": 1}))


@given(st.integers(0, len(pack(STATE)) - 1))
def test_a_part_of_a_file_is_refused(length: int) -> None:
    with pytest.raises(InvalidInput):
        unpack(pack(STATE)[:length])


def test_a_header_that_lies_is_refused() -> None:
    data = pack(STATE).replace(b'"shape":[2,3]', b'"shape":[9,3]')
    with pytest.raises(InvalidInput, match="24 bytes, expected 108"):
        unpack(data)
