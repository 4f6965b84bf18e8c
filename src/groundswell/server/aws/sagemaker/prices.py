"""PublicWorkforceTaskPrice: the steps that Ground Truth allows, and what it is here."""

from __future__ import annotations

from decimal import Decimal

from groundswell.server.aws.sagemaker.common import Given, invalid

_STEPS = tuple(
    Decimal(step)
    for step in (
        "0.012 0.024 0.036 0.048 0.060 0.072 0.120 0.240 0.360 0.480 0.600 0.720 0.840 0.960 1.080 1.200".split()
    )
)
_LEAST = {
    "BoundingBox": Decimal("0.036"),
    "AdjustmentBoundingBox": Decimal("0.036"),
    "SemanticSegmentation": Decimal("0.840"),
    "AdjustmentSemanticSegmentation": Decimal("0.840"),
}


def price_usd(given: Given | None, task_name: str) -> Decimal | None:
    """US dollars an annotation; None where nothing was said. Raises AwsError for a price that is no step."""
    amount = (given or {}).get("AmountInUsd")
    if amount is None:
        return None
    tenths = amount.get("Dollars", 0) * 1_000 + amount.get("Cents", 0) * 10 + amount.get("TenthFractionsOfACent", 0)
    price = Decimal(tenths).scaleb(-3)
    allowed = [step for step in _STEPS if step >= _LEAST.get(task_name, _STEPS[0])]
    if price not in allowed:
        steps = ", ".join(f"{step:.3f}" for step in allowed)
        raise invalid(f"PublicWorkforceTaskPrice of {price:.3f} USD is not allowed: expected one of {steps}")
    return price
