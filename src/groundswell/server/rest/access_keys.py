"""AWS access keys: what boto3, the AWS CLI and their like sign with."""

from __future__ import annotations

from fastapi import APIRouter

from groundswell.server.auth import Here, SignedIn
from groundswell.server.rest.shapes import access_key_out
from groundswell.service import access_keys, workspaces
from groundswell.wire import accounts as wire

router = APIRouter(tags=["accounts"])


@router.get("/access-keys")
def list_access_keys(here: Here, principal: SignedIn) -> list[wire.AccessKey]:
    """One's own AWS access keys, newest first, without their secrets."""
    return [access_key_out(key) for key in access_keys.own(here, principal)]


@router.post("/access-keys", status_code=201)
def create_access_key(here: Here, principal: SignedIn, body: wire.NewAccessKey) -> wire.AccessKeyMade:
    """A new AWS access key, for the workspace one acts in; its secret is shown this once."""
    key, secret = access_keys.create(here, principal, body)
    region = workspaces.own(here, principal).region
    return wire.AccessKeyMade(**access_key_out(key).model_dump(), secret=secret, region=region)


@router.delete("/access-keys/{key_id}", status_code=204)
def delete_access_key(here: Here, principal: SignedIn, key_id: str) -> None:
    """Take an AWS access key back."""
    access_keys.drop(here, principal, key_id)


@router.get("/access-keys/all")
def list_all_access_keys(here: Here, principal: SignedIn) -> list[wire.SomebodysAccessKey]:
    """Everybody's AWS access keys, newest first; for administrators."""
    return [
        wire.SomebodysAccessKey(**access_key_out(one.key).model_dump(), email=one.email, workspace=one.workspace)
        for one in access_keys.everybodys(here, principal)
    ]


@router.delete("/access-keys/all/{key_id}", status_code=204)
def revoke_access_key(here: Here, principal: SignedIn, key_id: str) -> None:
    """Take anybody's AWS access key back; for administrators."""
    access_keys.revoke(here, principal, key_id)
