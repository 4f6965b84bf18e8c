"""The page on which an administrator deletes somebody's account, told before what goes and what stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from groundswell.domain.errors import InvalidInput
from groundswell.domain.people import Principal
from groundswell.server import once
from groundswell.server.auth import Here, SignedIn
from groundswell.server.context import Context
from groundswell.server.forms import SHOWN, sentence, text_of
from groundswell.server.rendering import Form, render
from groundswell.service import deletion
from groundswell.service.deletion import Answers

router = APIRouter(prefix="/console")

CHOICES: Mapping[str, tuple[Answers, str]] = {
    "anonymised": ("anonymised", "They stay and count in statistics, of a former worker"),
    "kept": ("kept", "They stay and count, under the person's name"),
    "removed": ("removed", "They are deleted; labels made of them stay as they are"),
}
"""What may become of the person's answers, in words."""


@router.get("/people/{account_id}/delete")
def delete_page(request: Request, here: Here, principal: SignedIn, account_id: str) -> Response:
    """What is at stake, and the form."""
    return _page(request, here, principal, account_id)


@router.post("/people/{account_id}/delete")
def delete_submit(request: Request, here: Here, principal: SignedIn, form: Form, account_id: str) -> Response:
    """Delete the account, once its address was typed."""
    account = deletion.account_at_stake(here, principal, account_id).account
    answers = text_of(form, "answers")
    try:
        if answers not in CHOICES:
            raise InvalidInput(f"expected one of {', '.join(CHOICES)}, got {answers!r:.50}", field="answers")
        deletion.delete_account(here, principal, account_id, answers=CHOICES[answers][0], typed=text_of(form, "typed"))
    except SHOWN as error:
        problem = sentence(error.message)
        return _page(request, here, principal, account_id, problem=problem, answers=answers, status=422)
    return once.redirect(request, "/console/people", {"done": f"The account of {account.email} was deleted."})


def _page(request: Request, here: Context, principal: Principal, account_id: str, **names: Any) -> Response:
    stake = deletion.account_at_stake(here, principal, account_id)
    shown = {"problem": None, "answers": "anonymised"} | names
    return render(request, "console/delete_person.html", section="workforce", stake=stake, choices=CHOICES, **shown)
