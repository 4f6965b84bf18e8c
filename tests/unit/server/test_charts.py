"""Charts: SVG that parses, with the numbers where they belong, and a sentence for those who cannot see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundswell.server.console.charts import (
    annotations_per_minute,
    confidence_histogram,
    labels_over_time,
    nice_ticks,
    short_number,
)

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
    svg = ElementTree.fromstring(str(confidence_histogram([0] * 15 + [2, 0, 3, 0, 5], low=0.8)))
    columns = [column.get("class") for column in svg.iter("rect")]
    assert columns.count("column low") == 16 and columns.count("column") == 4
    assert svg.get("aria-label") == "Confidence of 10 labels; 2 are below 80%"


def test_nothing_to_draw_is_nothing() -> None:
    assert labels_over_time([]) == labels_over_time([(START, 1, 0)]) == ""
    assert confidence_histogram([0] * 20, low=0.8) == "" and annotations_per_minute([(START, 1)]) == ""


def test_a_quiet_hour_is_drawn_flat() -> None:
    counts = [(START + timedelta(minutes=i), 0) for i in range(60)]
    ElementTree.fromstring(str(annotations_per_minute(counts)))
