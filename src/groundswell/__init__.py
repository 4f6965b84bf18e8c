"""Groundswell turns raw images and text into labeled datasets you can trust: people, statistics, machine learning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from groundswell.sdk import AsyncClient, Client

__version__ = "0.1.0"
__all__ = ["AsyncClient", "Client", "__version__"]


def __getattr__(name: str) -> Any:
    """`from groundswell import Client` without making every import of the package load the client."""
    if name in ("AsyncClient", "Client"):
        from groundswell import sdk

        return getattr(sdk, name)
    raise AttributeError(f"module 'groundswell' has no attribute {name!r}")
