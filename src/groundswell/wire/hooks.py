"""Registered functions in the API."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

MAX_CODE_CHARACTERS = 28_000_000  # in base64: 20 MB of a zip file, of the 32 MB that a request may have


WritableAddress = Annotated[str, Field(pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/", max_length=1_024)]
"""A bucket and the slash behind it at least, so that no other bucket begins the same."""


class RegisteredHook(BaseModel):
    """A function that jobs may name. Values of its environment may be secrets and are not shown."""

    name: str
    version: int
    handler: str = Field(description="module.function in its code")
    sha256: str = Field(description="Of the code's zip file")
    environment: list[str] = Field(description="Names of the variables it finds")
    registered_at: datetime
    registered_by: str
    timeout_s: int | None = Field(None, description="Of one call; null: the server's")
    description: str = ""
    writes: list[str] = Field(default_factory=list, description="Beginnings of the s3:// addresses that it may write")


class NewHook(BaseModel):
    """`PUT /api/v1/hooks/{name}`: register a function, or its next version."""

    model_config = ConfigDict(extra="forbid")

    handler: str = Field(max_length=300, pattern=r"^[A-Za-z_][\w.]*\.[A-Za-z_]\w*$", description="module.function")
    code: str = Field(max_length=MAX_CODE_CHARACTERS, description="A zip file in base64")
    environment: dict[str, str] = Field(default_factory=dict, max_length=100)
    timeout_s: int | None = Field(None, ge=1, le=900, description="Of one call; default: the server's")
    memory_mb: int | None = Field(
        None, ge=1, le=10_240, description="Kept for AWS's clients; the server's setting counts"
    )
    description: str = Field("", max_length=256)
    runtime: str = Field("", max_length=64, description="Kept for AWS's clients: the server's Python runs it")
    writes: list[WritableAddress] = Field(
        default_factory=list, max_length=20, description="Beginnings of the s3:// addresses that it may write, and read"
    )
    role: str = Field("", max_length=2_048, description="Kept for AWS's clients: it gives no right")

    @field_validator("code")
    @classmethod
    def _code(cls, code: str) -> str:
        try:
            b64decode(code, validate=True)
        except (Error, ValueError) as error:
            raise ValueError("expected a zip file in base64") from error
        return code

    @field_validator("environment")
    @classmethod
    def _environment(cls, given: dict[str, str]) -> dict[str, str]:
        for name, value in given.items():
            if not name or "=" in name or "\0" in name + value or len(name) + len(value) > 32_000:
                raise ValueError(f"expected variables such as BUCKET=photos, got {name!r:.100}")
        return given


class ChangedHook(BaseModel):
    """What of a registered function is to be another; the rest stays."""

    model_config = ConfigDict(extra="forbid")

    handler: str | None = None
    code: str | None = None
    environment: dict[str, str] | None = None
    timeout_s: int | None = None
    memory_mb: int | None = None
    description: str | None = None
    runtime: str | None = None
    role: str | None = None
    writes: list[str] | None = None


class HookTest(BaseModel):
    """`POST /api/v1/hooks/{name}/test`: call a function with an event."""

    model_config = ConfigDict(extra="forbid")

    event: Any


class HookAnswer(BaseModel):
    """What a function answered."""

    answer: Any
    seconds: float


class EndpointSecret(BaseModel):
    """What requests to functions at one address are signed with, as webhooks' are."""

    url: str
    secret: str


class HookState(BaseModel):
    """What a job's function does."""

    running: int = Field(0, description="Calls that have been under way for longer than two seconds")
    since: datetime | None = Field(None, description="When the longest of them began")
    failures: int = 0
    retries: int = 0
    last_error: str | None = None
    last_error_at: datetime | None = None
