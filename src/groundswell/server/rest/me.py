"""The signed-in person: name, preferences, password, API keys."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request

from groundswell.domain.errors import InvalidInput, Unauthenticated
from groundswell.domain.people import Account
from groundswell.server.auth import Here, SignedIn, token_of
from groundswell.server.context import context
from groundswell.server.rest.shapes import key_out, me_out
from groundswell.service import workers
from groundswell.service.passwords import hash_password
from groundswell.service.ports import Transaction
from groundswell.wire import accounts as wire

router = APIRouter(tags=["accounts"])


@router.get("/me")
def get_me(here: Here, worker: SignedIn) -> wire.Me:
    """Who is signed in."""
    return here.read(lambda tx: me_out(tx, tx.workers.get(worker.id)))


@router.patch("/me")
def patch_me(request: Request, here: Here, worker: SignedIn, body: wire.PatchMe) -> wire.Me:
    """Change one's own name, preferences (merged key by key) or password."""
    if body.password is not None:
        change_password(request, worker, body.current_password or "", body.password)

    def work(tx: Transaction) -> wire.Me:
        if body.name is not None:
            tx.workers.update(worker.id, name=body.name.strip())
        if body.preferences:
            workers.set_preferences(tx, worker, body.preferences)
        return me_out(tx, tx.workers.get(worker.id))

    changed = here.write(work)
    here.tokens.forget_worker(worker.id)
    return changed


def change_password(request: Request, worker: Account, current: str, new: str) -> None:
    """Set a new password and sign out everywhere else; raises InvalidInput when the current one is wrong."""
    here, this = context(request), workers.token_digest(token_of(request) or "")
    new_hash = hash_password(new)
    try:
        workers.check_sign_in(here.read(lambda tx: tx.workers.by_email(worker.email)), current)
    except Unauthenticated:
        raise InvalidInput("this is not the current password", field="current_password") from None

    now = here.clock()
    here.write(lambda tx: workers.change_own_password(tx, worker, new_hash, keep=this, at=now))
    here.tokens.forget_worker(worker.id)


@router.get("/keys")
def list_keys(here: Here, worker: SignedIn) -> list[wire.Key]:
    """One's own API keys, newest first, without their secrets."""
    return [key_out(key) for key in here.read(lambda tx: workers.keys(tx, worker))]


@router.post("/keys", status_code=201)
def create_key(here: Here, worker: SignedIn, body: wire.NewKey) -> wire.KeyMade:
    """A new API key: a bearer token for programs, shown this once."""
    token, now = workers.new_token(), here.clock()
    key = here.write(lambda tx: workers.add_key(tx, worker, token, name=body.name, at=now, days=body.days))
    return wire.KeyMade(**key_out(key).model_dump(), token=token)


@router.delete("/keys/{key_id}", status_code=204)
def delete_key(here: Here, worker: SignedIn, key_id: str) -> None:
    """Take an API key back."""
    now = here.clock()
    here.tokens.forget_token(here.write(lambda tx: workers.drop_key(tx, worker, key_id, at=now)))
