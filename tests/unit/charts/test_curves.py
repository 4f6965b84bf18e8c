"""Curves over counted steps."""

from __future__ import annotations

import re

from groundswell.charts.curves import curves


def test_a_curve_says_what_it_shows_and_every_point_its_value() -> None:
    lines = [("accuracy", [(10.0, 0.8), (20.0, 0.9)]), ("share", [(10.0, 0.0), (20.0, 0.5)])]
    drawn = curves(lines, x="labels", said="by labels", percent=True, guide=(0.95, "target 95%"))
    assert 'aria-label="by labels"' in drawn and "target 95%" in drawn
    assert re.findall("<title>(.*?)</title>", drawn) == [
        "accuracy: 80.0% at 10 labels",
        "accuracy: 90.0% at 20 labels",
        "share: 0.0% at 10 labels",
        "share: 50.0% at 20 labels",
    ]
    assert drawn.count('class="line other"') == 1


def test_higher_values_are_drawn_higher_and_one_point_draws_nothing() -> None:
    drawn = curves([("evidence", [(1.0, 0.5), (5.0, 3.0)])], x="draws", said="", guide=(3.2, "proven"))
    low, high = re.findall(r'cy="([\d.]+)"', drawn)
    assert float(high) < float(low)
    assert curves([("evidence", [(1.0, 0.5)])], x="draws", said="") == ""
