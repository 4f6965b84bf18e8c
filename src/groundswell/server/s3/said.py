"""What headers say of an object that is to be stored: its description, its digests, under which conditions."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace

from groundswell.domain.buckets import MOST_METADATA_BYTES, Described, Wanted
from groundswell.server.s3.errors import S3Error, bad_argument
from groundswell.service.bucket_objects import PAYLOAD

ALGORITHMS = ("crc32", "crc32c", "crc64nvme", "sha1", "sha256")
KEPT_HEADERS = ("cache-control", "content-disposition", "content-encoding", "content-language", "expires")
_META = "x-amz-meta-"
_SUM = "x-amz-checksum-"
_HEX = re.compile(r"[0-9a-fA-F]{64}")
_LENGTHS = {"md5": 16, "crc32": 4, "crc32c": 4, "crc64nvme": 8, "sha1": 20, "sha256": 32}
_CLASSES = frozenset(
    "STANDARD REDUCED_REDUNDANCY STANDARD_IA ONEZONE_IA INTELLIGENT_TIERING GLACIER DEEP_ARCHIVE GLACIER_IR".split()
)
_OPEN_ACLS = ("public-read", "public-read-write", "authenticated-read")


@dataclass(frozen=True)
class Sums:
    """The digests that a request brings."""

    expected: Mapping[str, bytes]  # by algorithm; md5 and PAYLOAD among them
    keep: tuple[str, ...] = ()  # checksums that are told later

    @property
    def algorithms(self) -> tuple[str, ...]:
        """What is to be computed besides MD5."""
        return (*self.keep, *(("sha256",) if PAYLOAD in self.expected else ()))

    def with_trailers(self, trailers: Mapping[str, str]) -> Sums:
        """Those that came behind the body as well."""
        return replace(self, expected={**self.expected, **_checksums(trailers)}) if trailers else self


def sums_of(headers: Mapping[str, str]) -> Sums:
    """Raises S3Error for digests that cannot be any."""
    expected: dict[str, bytes] = {}
    given = headers.get("content-md5")
    if given is not None:
        expected["md5"] = _decoded("md5", given, "Content-MD5")
    sums = _checksums(headers)
    if len(sums) > 1:
        raise S3Error(
            "InvalidRequest",
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        )
    payload = headers.get("x-amz-content-sha256", "")
    if _HEX.fullmatch(payload):
        expected[PAYLOAD] = bytes.fromhex(payload)
    named = [name.strip().lower().removeprefix(_SUM) for name in headers.get("x-amz-trailer", "").split(",")]
    wanted = algorithm_of(headers.get("x-amz-sdk-checksum-algorithm"))
    keep = dict.fromkeys([*sums, *(name for name in named if name in ALGORITHMS), *([wanted] if wanted else [])])
    return Sums({**expected, **sums}, tuple(keep))


def algorithm_of(given: str | None) -> str | None:
    """A checksum's algorithm by the name that requests give it; raises S3Error."""
    if not given:
        return None
    if given.lower() not in ALGORITHMS:
        raise S3Error(
            "InvalidRequest",
            "Checksum algorithm provided is unsupported. Please try again with any of the "
            "valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
        )
    return given.lower()


def sum_headers(sums: Mapping[str, str]) -> dict[str, str]:
    """Checksums as headers."""
    return {f"{_SUM}{name}": value for name, value in sums.items()}


def described_of(headers: Mapping[str, str]) -> Described:
    """What is to be said of the object later. Raises S3Error for what nobody keeps here."""
    _refuse_unkept(headers)
    for name in headers:
        if name in (*KEPT_HEADERS, "content-type") or name.startswith(_META):
            _check_text(name, headers[name])
    metadata = {name[len(_META) :]: value for name, value in headers.items() if name.startswith(_META)}
    if sum(len(name) + len(value.encode()) for name, value in metadata.items()) > MOST_METADATA_BYTES:
        raise S3Error("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size")
    kept = {name: headers[name] for name in KEPT_HEADERS if headers.get(name)}
    codings = [one.strip() for one in kept.pop("content-encoding", "").split(",")]
    encoding = ",".join(one for one in codings if one and one.lower() != "aws-chunked")
    if encoding:
        kept["content-encoding"] = encoding
    return Described(headers.get("content-type"), kept, metadata)


def wanted_of(headers: Mapping[str, str]) -> Wanted:
    """Under which conditions to store."""
    none, match = headers.get("if-none-match"), headers.get("if-match")
    if none is not None and none.strip() != "*":
        raise S3Error("NotImplemented", "A header you provided implies functionality that is not implemented", 400)
    return Wanted(absent=none is not None, etag=None if match is None else match.strip().strip('"'))


def _check_text(name: str, value: str) -> None:
    try:
        (name + value).encode()
    except UnicodeEncodeError as error:
        raise S3Error("InvalidArgument", f"The header {name!a:.100} is not valid UTF-8") from error


def _checksums(headers: Mapping[str, str]) -> dict[str, bytes]:
    found = {name: headers[_SUM + name] for name in ALGORITHMS if _SUM + name in headers}
    return {name: _decoded(name, value, _SUM + name) for name, value in found.items()}


def _decoded(algorithm: str, given: str, header: str) -> bytes:
    try:
        found = b64decode(given.strip(), validate=True)
    except ValueError:
        found = b""
    if len(found) != _LENGTHS[algorithm] or b64encode(found).decode() != given.strip():
        if algorithm == "md5":
            raise S3Error("InvalidDigest", "The Content-MD5 you specified was invalid.")
        raise S3Error("InvalidRequest", f"Value for {header} header is invalid.")
    return found


def _refuse_unkept(headers: Mapping[str, str]) -> None:
    if any(name.startswith("x-amz-server-side-encryption-customer-") for name in headers):
        raise S3Error("InvalidRequest", "This server keeps objects with no keys of their senders: leave SSE-C away.")
    if headers.get("x-amz-acl") in _OPEN_ACLS or any(name.startswith("x-amz-grant-") for name in headers):
        raise S3Error("AccessControlListNotSupported", "The bucket does not allow ACLs")
    kind = headers.get("x-amz-storage-class", "STANDARD")
    if kind not in _CLASSES:
        raise S3Error("InvalidStorageClass", "The storage class you specified is not valid")
    website = headers.get("x-amz-website-redirect-location")
    if website is not None:
        raise bad_argument("x-amz-website-redirect-location", website, "This server has no websites of buckets.")
