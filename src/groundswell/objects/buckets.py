"""Objects in S3, Google Cloud Storage and Azure Blob Storage, through obstore."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import obstore
from obstore import exceptions as foreign
from obstore.store import AzureStore, GCSStore, S3Store

from groundswell.domain.errors import Forbidden, InvalidInput, NotFound, Unavailable
from groundswell.objects.listings import Listings
from groundswell.objects.s3_listing import ENDPOINT, ListRaw, list_every_key

_CLIENT: Any = {"connect_timeout": timedelta(seconds=10), "timeout": timedelta(seconds=120)}
_RETRY: Any = {"max_retries": 4, "retry_timeout": timedelta(seconds=30)}
_PART_BYTES = 8 << 20
_HEADS_AT_ONCE = 16
_CREDENTIALS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)


_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}")
_STATUS = re.compile(r"(status code: \d{3}\b[^:<{]*).*", re.DOTALL)  # what follows is the answer's body


@dataclass(frozen=True)
class S3Options:
    """How to reach S3; what is None is read from the environment (AWS_*) or the machine's role, as AWS's tools do."""

    endpoint: str | None = None
    region: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None
    session_token: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], *, endpoint: str | None = None) -> S3Options | None:
        """What the environment says of S3, or None when it says nothing: then s3:// is a folder."""
        url = endpoint or environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL")
        if url is None and not any(environment.get(name) for name in _CREDENTIALS):
            return None
        return cls(
            endpoint=url,
            region=environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION"),
            access_key_id=environment.get("AWS_ACCESS_KEY_ID"),
            secret_access_key=environment.get("AWS_SECRET_ACCESS_KEY"),
            session_token=environment.get("AWS_SESSION_TOKEN"),
        )


class Bucket:
    """The objects of one bucket, by their keys."""

    def __init__(self, store: S3Store | GCSStore | AzureStore, name: str, *, list_raw: ListRaw | None = None) -> None:
        self._store = store
        self._name = name
        self._list_raw = list_raw  # (prefix, after) -> entries, names that are no paths included
        self._known = Listings()

    @classmethod
    def open(cls, scheme: str, name: str, s3: S3Options | None) -> Bucket:
        """The bucket of this scheme (s3, gs, az) and name; nothing is asked of the server yet.

        Raises InvalidInput for a name that no bucket has: it becomes part of a host's name, and `10.0.0.1#` or
        `me@10.0.0.1` would send requests, signed with this server's credentials, elsewhere.
        """
        if not _BUCKET.fullmatch(name.removeprefix("$") if scheme == "az" else name):  # Azure has $root and $web
            raise InvalidInput(
                f"expected a bucket's name (letters, digits, '.', '-' and '_'), got {name!r:.100}", field="uri"
            )
        with _reporting(f"{scheme}://{name}"):
            if scheme == "gs":
                return cls(GCSStore(name, client_options=_CLIENT, retry_config=_RETRY), f"gs://{name}")
            if scheme == "az":
                return cls(AzureStore(name, client_options=_CLIENT, retry_config=_RETRY), f"az://{name}")
            options = s3 or S3Options()
            raw = partial(list_every_key, name, _s3_config(options), _client_options(options))
            return cls(_s3_store(name, options), f"s3://{name}", list_raw=raw)

    def read(self, key: str) -> bytes:
        with self._reporting(key):
            return bytes(obstore.get(self._store, key).bytes())

    def read_range(self, key: str, start: int, length: int) -> bytes:
        with self._reporting(key):
            return bytes(obstore.get_range(self._store, key, start=start, length=length)) if length else b""

    def stream(self, key: str, chunk_bytes: int) -> Iterator[bytes]:
        with self._reporting(key):
            for chunk in obstore.get(self._store, key).stream(min_chunk_size=chunk_bytes):
                yield bytes(chunk)

    def write(self, key: str, data: bytes, content_type: str | None) -> None:
        with self._reporting(key):
            obstore.put(self._store, key, data, attributes=_attributes(content_type), use_multipart=False)

    def write_stream(self, key: str, chunks: Iterable[bytes], content_type: str | None) -> None:
        with self._reporting(key):
            parts = (chunk for chunk in chunks if chunk)
            obstore.put(
                self._store,
                key,
                parts,
                attributes=_attributes(content_type),
                use_multipart=True,
                chunk_size=_PART_BYTES,
                max_concurrency=4,
            )

    def exists(self, key: str) -> bool:
        try:
            self.size(key)
        except NotFound:
            return False
        return True

    def missing(self, keys: Sequence[str]) -> list[str]:
        """Folders asked for often are listed once; a listing only ever proves that an object is there."""
        doubtful = self._known.doubtful(keys)
        for folder in self._known.worth_listing(doubtful):
            self._known.learn(folder, (key for key, _ in self.entries(folder)))
        doubtful = self._known.doubtful(doubtful)
        with ThreadPoolExecutor(_HEADS_AT_ONCE) as pool:
            there = list(pool.map(self.exists, doubtful)) if doubtful else []
        return [key for key, exists in zip(doubtful, there, strict=True) if not exists]

    def size(self, key: str) -> int:
        with self._reporting(key):
            return int(obstore.head(self._store, key)["size"])

    def entries(self, key: str) -> Iterator[tuple[str, int]]:
        """(key, bytes) of the object `key`, or of every object under the folder `key`, in byte order of the keys."""
        if key and not key.endswith("/") and self.exists(key):
            yield key, self.size(key)
            return
        last = ""
        with self._reporting(key):
            try:
                for batch in obstore.list(self._store, prefix=key.rstrip("/") or None, chunk_size=1_000):
                    for entry in batch:
                        last = entry["path"]
                        if not last.endswith("/"):
                            yield last, int(entry["size"])
            except foreign.InvalidPathError:
                if self._list_raw is None:
                    raise
                # obstore gives a listing up at the first name that is no path: go on from the last good one.
                yield from self._list_raw(f"{key.rstrip('/')}/" if key else "", last)

    def delete(self, key: str) -> None:
        with self._reporting(key):
            try:
                obstore.delete(self._store, key)
            except (foreign.NotFoundError, FileNotFoundError):
                return

    def _reporting(self, key: str) -> Any:
        return _reporting(f"{self._name}/{key}")


def _s3_config(options: S3Options) -> dict[str, str]:
    given = {
        ENDPOINT: options.endpoint,
        "region": options.region or ("us-east-1" if options.endpoint else None),
        "access_key_id": options.access_key_id,
        "secret_access_key": options.secret_access_key,
        "session_token": options.session_token,
    }
    return {key: value for key, value in given.items() if value is not None}


def _client_options(options: S3Options) -> Any:
    return _CLIENT | {"allow_http": bool(options.endpoint and options.endpoint.startswith("http://"))}


def _s3_store(name: str, options: S3Options) -> S3Store:
    config: Any = _s3_config(options)
    return S3Store(
        name,
        config=config,
        client_options=_client_options(options),
        retry_config=_RETRY,
        virtual_hosted_style_request=not options.endpoint,
    )


def _attributes(content_type: str | None) -> Any:
    return {"Content-Type": content_type} if content_type else None


@contextmanager
def _reporting(what: str) -> Iterator[None]:
    """obstore's errors as ours, with the address that was asked for."""
    try:
        yield
    except (foreign.NotFoundError, FileNotFoundError) as error:
        raise NotFound(f"there is no object at {what!r}") from error
    except (foreign.PermissionDeniedError, foreign.UnauthenticatedError) as error:
        raise Forbidden(f"this server's credentials do not allow {what!r}") from error
    except (foreign.InvalidPathError, ValueError) as error:  # a bad path is a plain ValueError in some calls
        reason = next(iter(str(error).splitlines()), "object storage refuses it")[:300]
        raise InvalidInput(f"expected names that object storage takes at {what!r}: {reason}", field="uri") from error
    except foreign.BaseError as error:
        reason = _STATUS.sub(r"\1", str(error).splitlines()[0])[:300]
        raise Unavailable(f"{what!r} cannot be reached: {reason}") from error
