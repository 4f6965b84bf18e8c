"""Models that jobs left: for later jobs to begin with, to download and to serve."""

from __future__ import annotations

from groundswell.domain.auto_labeling import Model
from groundswell.domain.errors import NotFound
from groundswell.domain.models import model_name
from groundswell.domain.people import Principal
from groundswell.service.access import Action, require_here
from groundswell.service.context import Context


def select(context: Context, principal: Principal) -> list[Model]:
    """The workspace's models, newest first."""
    require_here(principal, Action.SEE_MODELS)
    return context.read(lambda tx: tx.models.select(principal.workspace_id))


def get(context: Context, principal: Principal, given: str) -> Model:
    """One model by its name or ARN; raises NotFound, InvalidInput."""
    require_here(principal, Action.SEE_MODELS)
    name = model_name(given)
    found = context.read(lambda tx: tx.models.get(name))
    if found.workspace_id != principal.workspace_id:
        raise NotFound(f"there is no model named {name!r}", field="name")
    return found
