"""Worker task templates that are kept by name: Ground Truth's human task UIs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class WorkerUi:
    """A template of a workspace; never changed, only made and removed."""

    workspace_id: str
    name: str
    template: str  # Liquid; empty in listings
    sha256: str  # of the template
    created_at: datetime
    tags: Mapping[str, str] = field(default_factory=dict)
