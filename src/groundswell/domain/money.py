"""Rewards and prices, in integer micro-dollars so that sums are exact."""

from __future__ import annotations

from decimal import Decimal

from groundswell.domain.errors import InvalidSpec

MICROS_PER_USD = 1_000_000

PUBLIC_PRICES_USD_MICROS = tuple(
    int(Decimal(text) * MICROS_PER_USD)
    for text in (
        "0.012 0.024 0.036 0.048 0.060 0.072 0.120 0.240 0.360 0.480 0.600 0.720 0.840 0.960 1.080 1.200".split()
    )
)
"""What Ground Truth offered for public work, per task; kept as suggestions.

Source: Amazon SageMaker API, CreateLabelingJob, PublicWorkforceTaskPrice.
"""


def usd_to_micros(amount: Decimal | float | str, *, field: str = "price_usd") -> int:
    """Micro-dollars of a dollar amount; raises InvalidSpec for negative, absurd or finer than micro-dollar amounts."""
    try:
        exact = Decimal(str(amount)) * MICROS_PER_USD
        micros = int(exact)
    except (ArithmeticError, ValueError) as error:
        raise InvalidSpec(f"expected an amount in dollars such as 0.036, got {amount!r}", field=field) from error
    if micros != exact or not 0 <= micros <= 10**12:
        raise InvalidSpec(f"expected 0 to 1,000,000 dollars in steps of 0.000001, got {amount!r}", field=field)
    return micros


def format_usd(micros: int, *, digits: int = 2) -> str:
    """A dollar amount for people: `$0.04`, `$1,234.50`."""
    return f"${Decimal(micros) / MICROS_PER_USD:,.{digits}f}"
