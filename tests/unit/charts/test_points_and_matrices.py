"""Plots as SVG: what is written in them, and that nothing leaves them."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from groundswell.charts.drawing import STYLES, tail
from groundswell.charts.matrices import heat_map
from groundswell.charts.points import reliability, scatter


def texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def places(svg: str, attribute: str) -> list[float]:
    return [float(value) for value in re.findall(rf'<circle[^>]* {attribute}="([-0-9.]+)"', svg)]


def test_a_name_is_written_only_where_it_can_be_read() -> None:
    points = [("beside", 10.0, 0.51), ("lowest", 10.0, 0.5), ("apart", 10.0, 0.9), ("unnamed", 5.0, 0.1)]
    written = texts(scatter(points, x="annotations", y="skill", named={"lowest", "beside", "apart"}))
    assert "lowest" in written and "apart" in written
    assert "beside" not in written and "unnamed" not in written


@pytest.mark.parametrize(
    ("highest", "last_tick"),
    [(0.016, "0.02"), (1.2, "2"), (3.0, "5"), (0.5, "0.5"), (0.0, "1"), (7.0, "10")],
)
def test_a_linear_axis_ends_at_a_round_number(highest: float, last_tick: str) -> None:
    svg = scatter([("w", highest, 1.0), ("v", 0.0, 0.0)], x="false alarms", y="missed", log=False)
    assert texts(svg)[-2] == last_tick
    assert all(44 <= x <= 460 for x in places(svg, "cx"))


@pytest.mark.parametrize("log", [True, False])
def test_scatter_of_nothing_and_of_one(log: bool) -> None:
    assert "<svg" in scatter([], x="x", y="y", log=log)
    assert "nan" not in scatter([("w", 1.0, 1.0)], x="x", y="y", log=log)


def test_heat_maps_name_rows_and_columns() -> None:
    svg = heat_map([[0.9, 0.1], [0.2, 0.8]], ["cat", "dog"], side=420)
    assert texts(svg).count("cat") == 2 and texts(svg).count("dog") == 2
    assert "cat answered as dog: 10.0%" in svg


def test_ids_of_one_workforce_are_cut_at_their_beginning() -> None:
    assert tail("public.us-east-1.ABCDEFGHIJKLMN") == "…ABCDEFGHIJKLMN"
    assert tail("short") == "short"


def test_charts_are_said_in_a_sentence() -> None:
    dots = ElementTree.fromstring(str(scatter([("ann", 10.0, 0.9), ("b<b", 2.0, 0.25)], x="annotations", y="skill")))
    assert dots.get("aria-label") == "skill by annotations of 2; lowest skill: b<b with 25%"
    cells = ElementTree.fromstring(str(heat_map([[0.9, 0.1], [0.3, 0.7]], ["cat", "dog"])))
    assert str(cells.get("aria-label")).endswith("2 classes; most confused: dog answered as cat, 30%")
    stated = ElementTree.fromstring(str(reliability([("before", [(0.5, 0.6, 4)]), ("after", [(0.6, 0.6, 4)])])))
    assert stated.get("aria-label") == "share of right labels by stated confidence: before, after"
    assert len(list(stated.iter("circle"))) == 2


def test_every_class_that_charts_draw_has_its_look_in_the_pages_colours() -> None:
    styles = STYLES.read_text("utf-8")
    drawn = scatter([("a", 1.0, 0.5)], x="x", y="y", guide=0.5) + heat_map([[1.0, 0.0], [0.0, 1.0]], ["a", "b"])
    for name in {name for names in re.findall(r'class="([^"]+)"', drawn) for name in names.split()}:
        assert f".{name}" in styles
    assert set(re.findall(r"var\((--[a-z]+)", styles)) == {"--gs"}  # tokens alone, so that dark pages have dark charts
    assert "#" not in styles
