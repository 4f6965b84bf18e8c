"""Names of kept models as ARNs, which is how SageMaker's clients ask for one."""

from __future__ import annotations

import re

from groundswell.domain.errors import InvalidInput

_PREFIX = "arn:aws:sagemaker:us-east-1:000000000000:model/"
_ARN = re.compile(r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]*:[0-9]{12}:model/([a-zA-Z0-9]([a-zA-Z0-9-]{0,126}[a-zA-Z0-9])?)")
_NAME = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,126}[a-zA-Z0-9])?")


def model_arn(name: str) -> str:
    """The ARN of a kept model."""
    return f"{_PREFIX}{name.lower()}"


def model_name(given: str) -> str:
    """The name in an ARN, or the name itself; raises InvalidInput for anything else.

    >>> model_name("arn:aws:sagemaker:eu-west-1:111122223333:model/birds-2")
    'birds-2'
    """
    found = _ARN.fullmatch(given)
    if found:
        return found[1].lower()
    if not _NAME.fullmatch(given):
        raise InvalidInput(f"expected the name or the ARN of a kept model, got {given!r:.80}", field="model")
    return given.lower()
