"""A workspace's private workforce, as clients of AWS know it: how its people sign in, and from where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Workforce:
    """One a workspace. What it says about signing in is kept as it was said."""

    workspace_id: str
    name: str
    details: Mapping[str, Any]  # what CreateWorkforce and UpdateWorkforce said, without the client's secret
    created_at: datetime
    updated_at: datetime
    secret: str = ""  # sealed: the OIDC client's
    tags: Mapping[str, str] = field(default_factory=dict)
