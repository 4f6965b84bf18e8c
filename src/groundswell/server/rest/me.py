"""The signed-in person: name, preferences, password, API keys."""

from __future__ import annotations

from fastapi import APIRouter

from groundswell.server.auth import Here, SignedIn
from groundswell.server.rest.shapes import key_out, me_out, somebodys_key_out, workspace_out
from groundswell.service import keys, profile, two_step, verification
from groundswell.wire import accounts as wire

router = APIRouter(tags=["accounts"])


@router.get("/me")
def get_me(here: Here, principal: SignedIn) -> wire.Me:
    """Who is signed in."""
    return me_out(profile.describe(here, principal))


@router.patch("/me")
def patch_me(here: Here, principal: SignedIn, body: wire.PatchMe) -> wire.Me:
    """Change one's own name, preferences (merged key by key) or password."""
    return me_out(profile.change(here, principal, body))


@router.get("/keys")
def list_keys(here: Here, principal: SignedIn) -> list[wire.Key]:
    """One's own API keys, newest first, without their secrets."""
    return [key_out(key) for key in keys.own(here, principal)]


@router.post("/keys", status_code=201)
def create_key(here: Here, principal: SignedIn, body: wire.NewKey) -> wire.KeyMade:
    """A new API key: a bearer token for programs, shown this once."""
    key, token = keys.create(here, principal, body)
    return wire.KeyMade(**key_out(key).model_dump(), token=token)


@router.delete("/keys/{key_id}", status_code=204)
def delete_key(here: Here, principal: SignedIn, key_id: str) -> None:
    """Take an API key back."""
    keys.drop(here, principal, key_id)


@router.put("/me/workspace")
def choose_workspace(here: Here, principal: SignedIn, body: wire.ChooseWorkspace) -> wire.Workspace:
    """Act in another workspace of one's own, with this session or key, from now on."""
    return workspace_out(profile.choose_workspace(here, principal, body.name))


@router.get("/keys/all")
def list_all_keys(here: Here, principal: SignedIn) -> list[wire.SomebodysKey]:
    """Everybody's API keys, newest first; for administrators."""
    return [somebodys_key_out(found) for found in keys.everybodys(here, principal)]


@router.delete("/keys/all/{key_id}", status_code=204)
def revoke_key(here: Here, principal: SignedIn, key_id: str) -> None:
    """Take anybody's API key back; for administrators."""
    keys.revoke(here, principal, key_id)


@router.post("/me/two-step", status_code=201)
def begin_two_step(here: Here, principal: SignedIn) -> wire.TwoStepSetup:
    """A secret for an authenticator; the second step of signing in is on once a code of it was confirmed."""
    setup = two_step.begin(here, principal)
    return wire.TwoStepSetup(secret=setup.secret, uri=setup.uri)


@router.put("/me/two-step")
def confirm_two_step(here: Here, principal: SignedIn, body: wire.TwoStepCode) -> wire.RecoveryCodes:
    """Turn the second step on with a first code."""
    return wire.RecoveryCodes(recovery_codes=two_step.confirm(here, principal, body.code))


@router.post("/me/two-step/end", status_code=204)
def end_two_step(here: Here, principal: SignedIn, body: wire.TwoStepCode) -> None:
    """Turn the second step off, with a code."""
    two_step.end(here, principal, body.code)


@router.post("/me/verification", status_code=202)
def ask_verification(here: Here, principal: SignedIn) -> None:
    """Send another letter to confirm one's address."""
    verification.ask_again(here, principal)
