"""Plots as SVG: what is written in them, and that nothing leaves them."""

from __future__ import annotations

import re

import pytest

from groundswell.offline import plots


def texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def places(svg: str, attribute: str) -> list[float]:
    return [float(value) for value in re.findall(rf'<circle[^>]* {attribute}="([-0-9.]+)"', svg)]


def test_a_name_is_written_only_where_it_can_be_read() -> None:
    points = [("beside", 10.0, 0.51), ("lowest", 10.0, 0.5), ("apart", 10.0, 0.9), ("unnamed", 5.0, 0.1)]
    written = texts(plots.scatter(points, x="annotations", y="skill", named={"lowest", "beside", "apart"}))
    assert "lowest" in written and "apart" in written
    assert "beside" not in written and "unnamed" not in written


@pytest.mark.parametrize(
    ("highest", "last_tick"),
    [(0.016, "0.02"), (1.2, "2"), (3.0, "5"), (0.5, "0.5"), (0.0, "1"), (7.0, "10")],
)
def test_a_linear_axis_ends_at_a_round_number(highest: float, last_tick: str) -> None:
    svg = plots.scatter([("w", highest, 1.0), ("v", 0.0, 0.0)], x="false alarms", y="missed", log=False)
    assert texts(svg)[-2] == last_tick
    assert all(44 <= x <= 460 for x in places(svg, "cx"))


@pytest.mark.parametrize("log", [True, False])
def test_scatter_of_nothing_and_of_one(log: bool) -> None:
    assert "<svg" in plots.scatter([], x="x", y="y", log=log)
    assert "nan" not in plots.scatter([("w", 1.0, 1.0)], x="x", y="y", log=log)


def test_heat_maps_name_rows_and_columns() -> None:
    svg = plots.heat_map([[0.9, 0.1], [0.2, 0.8]], ["cat", "dog"], side=420)
    assert texts(svg).count("cat") == 2 and texts(svg).count("dog") == 2
    assert "cat answered as dog: 10.0%" in svg


def test_ids_of_one_workforce_are_cut_at_their_beginning() -> None:
    assert plots.tail("public.us-east-1.ABCDEFGHIJKLMN") == "…ABCDEFGHIJKLMN"
    assert plots.tail("short") == "short"
