"""Charts: SVG that parses, with the numbers where they belong, and a sentence for those who cannot see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundswell.charts.bars import bars, histogram
from groundswell.charts.drawing import nice_ticks, short_number
from groundswell.charts.times import annotations_per_minute, labels_over_time

START = datetime(2026, 11, 23, 12, tzinfo=UTC)


@given(st.floats(0.1, 1e9))
def test_ticks_begin_at_0_rise_evenly_and_reach_the_top(top: float) -> None:
    ticks = nice_ticks(top)
    assert ticks[0] == 0 and ticks[-1] >= top * 0.999
    assert 2 <= len(ticks) <= 5
    assert len({round(b - a, 6) for a, b in pairwise(ticks)}) == 1


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (950, "950"), (1_200, "1.2 k"), (10_000, "10 k"), (3_000_000, "3 M")]
)
def test_axis_numbers_are_short(value: float, text: str) -> None:
    assert short_number(value) == text


def test_labels_over_time_stacks_the_model_on_people() -> None:
    points = [(START + timedelta(minutes=i), 10 * i, 5 * i) for i in range(4)]
    svg = ElementTree.fromstring(str(labels_over_time(points)))
    assert [path.get("class") for path in svg.iter("path") if path.get("class") != "axis"] == ["people", "model"]
    assert svg.get("aria-label") == "Labels over time: 30 by people and 15 by the model so far"


def test_without_a_model_there_is_no_area_for_it() -> None:
    points = [(START, 0, 0), (START + timedelta(minutes=1), 3, 0)]
    assert 'class="model"' not in labels_over_time(points)


def test_the_histogram_marks_what_is_low() -> None:
    words = [f"{i / 20:.0%}" for i in range(20)]
    drawn = histogram([0] * 15 + [2, 0, 3, 0, 5], words, said="Confidence of 10 labels", unit="labels", low=16)
    svg = ElementTree.fromstring(str(drawn))
    columns = [column.get("class") for column in svg.iter("rect")]
    assert columns.count("mark low") == 16 and columns.count("mark") == 4
    assert svg.get("aria-label") == "Confidence of 10 labels" and svg.get("role") == "img"
    titles = [title.text for title in svg.iter("title")]
    assert titles[19] == "95%: 5 labels"


def test_bars_say_which_is_most_and_hold_any_name() -> None:
    svg = ElementTree.fromstring(str(bars(["a<b", "cat & dog", "c" * 50], [1, 12_345, 0], unit="objects")))
    assert svg.get("aria-label") == "objects by 3 names; most: cat & dog with 12.3 k"
    assert next(title.text for title in svg.iter("title")) == "a<b: 1 objects"
    assert ElementTree.fromstring(str(bars([], [], unit="objects"))).get("aria-label") == "objects by 0 names"


def test_nothing_to_draw_is_nothing() -> None:
    assert labels_over_time([]) == labels_over_time([(START, 1, 0)]) == ""
    assert annotations_per_minute([(START, 1)]) == ""


def test_a_quiet_hour_is_drawn_flat() -> None:
    counts = [(START + timedelta(minutes=i), 0) for i in range(60)]
    ElementTree.fromstring(str(annotations_per_minute(counts)))
