"""Files that people send: under one folder an upload, for the jobs of who sent them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Sequence

from groundswell.domain.addresses import name_problem, shown_name
from groundswell.domain.errors import InvalidInput
from groundswell.domain.people import Principal
from groundswell.service.access import Action, require_here
from groundswell.service.context import Context

_ID = re.compile(r"[a-z0-9-]{8,64}")
_IN_FORMS = re.compile(r"%(22|0[ad])", re.IGNORECASE)


def begin(context: Context, principal: Principal) -> str:
    """The id of a new upload."""
    require_here(principal, Action.CREATE_JOB)
    return secrets.token_hex(8)


def folder(context: Context, principal: Principal, upload_id: str) -> str:
    """The folder of an upload; raises InvalidInput for an id that cannot be one."""
    require_here(principal, Action.CREATE_JOB)
    if not _ID.fullmatch(upload_id):
        raise InvalidInput(f"expected the id of an upload, got {upload_id!r}", field="upload")
    return context.places.upload_folder(principal.workspace_id, upload_id)


def store(context: Context, principal: Principal, upload_id: str, name: str, chunks: Iterator[bytes]) -> str:
    """Stream one file into an upload; its URI. Sending it again replaces it; a broken one leaves nothing behind."""
    uri = f"{folder(context, principal, upload_id)}/{checked_name(name)}"
    context.storage.write_stream(uri, chunks)
    return uri


def checked_name(name: str) -> str:
    """A relative name as it stands; raises InvalidInput for one that some storage would change or refuse."""
    problem = name_problem(name)
    if problem is not None:
        said = f"expected a relative file name such as photos/a.jpg, got {shown_name(name)[:200]}: it {problem}"
        raise InvalidInput(said, field="name")
    return name


def check_form_names(names: Sequence[str]) -> None:
    """Raises InvalidInput for names that a form does not carry as they are, and for one that is there twice.

    Browsers and programs write a quote and line breaks in a form's file names as %22, %0D and %0A, and % as itself.
    """
    for name in names:
        checked_name(name)
        if _IN_FORMS.search(name):
            raise InvalidInput(f"forms do not carry this name as it is: send {name!r} by PUT", field="files")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidInput(f"expected every name once, got two files named {twice!r}", field="files")
