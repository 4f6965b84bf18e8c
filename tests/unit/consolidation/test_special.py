"""Special functions against SciPy's, over the range that models can reach and beyond."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.special

from groundswell.consolidation.special import digamma, log_gamma, normal_cdf, x_log_x

WIDE = np.concatenate([np.logspace(-300, 300, 20_001), np.linspace(1e-3, 40.0, 40_001), np.arange(1.0, 200.0)])


@pytest.mark.parametrize(
    ("ours", "scipys", "at"),
    [
        (digamma, scipy.special.digamma, WIDE),
        (log_gamma, scipy.special.gammaln, WIDE),
        (normal_cdf, scipy.special.ndtr, np.linspace(-37.0, 37.0, 40_001)),
        (x_log_x, lambda x: scipy.special.xlogy(x, x), np.concatenate([[0.0], WIDE])),
    ],
    ids=["digamma", "log_gamma", "normal_cdf", "x_log_x"],
)
def test_values_are_scipys(ours: Callable[..., Any], scipys: Callable[..., Any], at: Any) -> None:
    # Next to a root (digamma at 1.46, log gamma at 1 and 2) the error is absolute.
    with np.errstate(over="ignore"):
        np.testing.assert_allclose(ours(at), scipys(at), rtol=1e-12, atol=5e-15)


def test_known_values() -> None:
    assert digamma(1.0) == pytest.approx(-0.5772156649015329, rel=1e-15)
    assert digamma(0.5) == pytest.approx(-0.5772156649015329 - 2.0 * np.log(2.0), rel=1e-15)
    assert log_gamma(171.0) == pytest.approx(np.sum(np.log(np.arange(1.0, 171.0))), rel=1e-14)
    assert normal_cdf(1.959963984540054) == pytest.approx(0.975, rel=1e-15)


def test_ends_of_the_range() -> None:
    assert digamma(0.0) == -np.inf and np.isnan(digamma(-1.0)) and np.isnan(digamma(np.nan))
    assert log_gamma(0.0) == np.inf and np.isnan(log_gamma(-0.5))
    assert (normal_cdf(np.array([-np.inf, 0.0, np.inf])) == [0.0, 0.5, 1.0]).all()


@pytest.mark.parametrize("function", [digamma, log_gamma, normal_cdf, x_log_x])
def test_shapes_and_inputs_stay(function: Callable[..., Any]) -> None:
    x = np.arange(1.0, 13.0).reshape(3, 4).T
    before = x.copy()
    result = function(x)
    assert result.shape == (4, 3) and (x == before).all()
    assert result[2, 1] == function(x[2, 1])
    assert function(np.zeros((0, 3))).shape == (0, 3)
