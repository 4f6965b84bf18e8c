"""Every setting of a Groundswell server, from the environment (`GROUNDSWELL_...`) or given in code."""

from __future__ import annotations

import os
import secrets
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import quote, urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from groundswell.net.networks import check_networks


class Settings(BaseSettings):
    """Where data lives, where the server listens, who the first administrator is."""

    model_config = SettingsConfigDict(env_prefix="GROUNDSWELL_", extra="ignore", frozen=True, env_ignore_empty=True)

    data_dir: Path = Field(Path("groundswell-data"), description="Folder of the database, uploads and local buckets")
    database_url: str | None = Field(None, description="SQLAlchemy URL; default: SQLite in the data directory")
    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on")
    base_url: str | None = Field(
        None, description="How people reach this server, for links; default: the request's own host"
    )
    secret_key: SecretStr | None = Field(
        None, description="Signs links and seals secrets; default: made at first start and kept in the data directory"
    )
    input_roots: tuple[Path, ...] = Field(
        (), description="Folders that labeling jobs may read besides the data directory, as a JSON list"
    )
    uploads: str = Field("s3://groundswell-uploads", description="Where files uploaded in the browser go")
    s3: Literal["auto", "local", "real"] = Field(
        "auto", description="s3:// URIs: real S3 where an endpoint or credentials are set, else folders in data_dir/s3"
    )
    s3_hosts: tuple[str, ...] = Field(
        (),
        description="Host names, besides localhost and that of base_url, before which a bucket's name may stand: "
        "bucket.s3.example.com, as a JSON list",
    )
    s3_endpoint: str | None = Field(None, description="Address of an S3-compatible server")
    allowed_networks: tuple[str, ...] = Field(
        (),
        description="Networks besides the public internet that functions over HTTP and webhooks may reach, as a JSON "
        "list: a private address is refused otherwise",
    )
    hook_modules: tuple[str, ...] = Field(
        (), description="Installed modules whose functions jobs may name as module:function: globs, as a JSON list"
    )
    hook_sandbox: Literal["auto", "bubblewrap", "user", "none"] = Field(
        "auto", description="What keeps functions from the server: the strongest that works here, or one by name"
    )
    hook_user: str = Field("nobody", description="Whom functions run as when the server is root")
    hook_python: Path | None = Field(
        None, description="The Python that runs functions, with the packages they import; default: the server's own"
    )
    hook_network: bool | None = Field(
        None,
        description="Whether functions reach the network besides this server; default: not where bubblewrap keeps them "
        "from it; false: they do not run elsewhere",
    )
    hook_lambdas: tuple[str, ...] = Field(
        (),
        description="ARNs of functions that jobs may call on AWS Lambda, with this server's own AWS credentials: "
        "globs, as a JSON list",
    )
    hook_server_url: str | None = Field(
        None, description="How functions reach this server from a runner's machine; default: its port on this machine"
    )
    hook_memory_mb: int = Field(2_048, ge=128, description="Address space of a function's process")
    hook_timeout_s: float = Field(60.0, gt=0, le=900, description="How long a function may take for one event")
    registration: Literal["open", "invited"] = Field(
        "invited",
        description="Whether anybody may make an account (for the team public alone), or only who was invited",
    )
    metrics_token: SecretStr | None = Field(
        None, description="Bearer token for /metrics and the reasons of /healthz; without it only this machine may ask"
    )
    compute: str = Field(
        "processes:2",
        description="Where the runner's heavy work (fits, masks) is done: processes:N on this machine, started when "
        "first needed, ray or ray://host:port, threads:N, or serial, in the runner itself",
    )
    admin_email: str | None = Field(None, description="The first administrator; read at first start only")
    admin_password: SecretStr | None = Field(None, description="Their password; default: made and printed once")
    event_days: int = Field(0, ge=0, description="How many days events (the audit page) are kept; 0: for ever")
    trusted_proxies: tuple[str, ...] = Field(
        (),
        description="Addresses or networks of the proxies before this server, as a JSON list: theirs is the word on "
        "where a request comes from and whether over TLS",
    )
    smtp_url: SecretStr | None = Field(
        None,
        description="Mail server for letters that confirm addresses, smtp://user:password@host:587 or smtps://; "
        "needs base_url. Without it, an administrator or an invitation confirms addresses",
    )
    mail_from: str = Field("groundswell@localhost", description="The sender of letters")
    require_two_step: bool = Field(
        False, description="Whether administrators are ones only once they sign in with a code besides the password"
    )
    session_days: int = Field(30, ge=1, le=365, description="How long a sign-in lasts")
    link_hours: int = Field(24, ge=1, le=24 * 7, description="How long a signed link to an image or a task lasts")

    @model_validator(mode="after")
    def _letters_need_an_address(self) -> Settings:
        if self.smtp_url is not None and not self.base_url:
            raise ValueError("smtp_url needs base_url: the links in letters begin with it")
        return self

    @field_validator("allowed_networks", "trusted_proxies")
    @classmethod
    def _networks(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        check_networks(given)
        return given

    def is_own_address(self, url: str) -> bool:
        """Whether a URL is one of this server's: its `base_url`, or its port on this machine."""
        asked, base = urlsplit(url), urlsplit(self.base_url or "")
        here = {self.host, "127.0.0.1", "localhost", "::1"}
        return (asked.hostname in here and asked.port == self.port) or (
            bool(base.netloc) and asked.netloc == base.netloc
        )

    @property
    def own_url(self) -> str:
        """How this machine reaches the server."""
        if self.hook_server_url:
            return self.hook_server_url.rstrip("/")
        anywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}
        host = anywhere.get(self.host, f"[{self.host}]" if ":" in self.host else self.host)
        return f"http://{host}:{self.port}"

    @property
    def database(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{quote(str((self.data_dir / 'groundswell.db').absolute()))}"

    @cached_property
    def signing_key(self) -> bytes:
        """The key that signs links and seals secrets; made at first use, readable by this account only."""
        if self.secret_key is not None:
            return self.secret_key.get_secret_value().encode()
        path = self.data_dir / "secret-key"
        self.data_dir.mkdir(0o700, parents=True, exist_ok=True)
        if not path.exists():
            fresh = path.with_name(f"secret-key-{secrets.token_hex(4)}")
            with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(32))
            try:
                os.link(fresh, path)  # never half-written, and the first of several processes wins
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return path.read_text().strip().encode()
