"""A user's own function as an administrator registers it: a name, its code, and what its process is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class RegisteredHook:
    """A function that jobs may name. Never changed: a new version takes its place."""

    name: str  # 1 to 64 letters, digits, hyphens and underscores; unique as it is written
    version: int  # 1, and one more each time it is registered anew
    module: str  # in the code: `prepare` of prepare.py
    function: str  # in the module: `lambda_handler`
    code: bytes  # a zip file
    sha256: str  # of the code, hexadecimal
    environment: Mapping[str, str]  # what its process finds in its environment, besides PATH, LANG, HOME and TMPDIR;
    # values are sealed at rest
    registered_at: datetime
    registered_by: str  # the account
