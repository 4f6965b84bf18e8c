"""Nothing of the S3 waits for a disk or the database on the event loop: a slow disk would stop every other request."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from groundswell.domain.people import Role
from groundswell.service import buckets
from groundswell.service.bucket_cache import BucketCache
from groundswell.service.token_cache import TokenCache
from groundswell.testing.acting import acting
from integration.server.serving import serve
from integration.server.test_event_loop import guarded

PORTS = (
    "has_bucket make_bucket drop_bucket head open begin begin_part delete list_objects start_upload upload uploads "
    "parts complete give_up buckets".split()
)


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """Somebody signed in on a server whose store and buckets refuse to be waited for on the event loop."""
    served = serve(tmp_path, s3="local")
    rita = served.person("rita", Role.REQUESTER)
    buckets.create(served.acts, acting(rita), "photos")
    token = served.token("rita")  # before the guards: a browser's tests leave a loop running in this thread
    files = served.acts.bucket_files
    assert files is not None
    for port, names in ((served.store, ["read", "write"]), (files, PORTS)):
        for name in names:
            monkeypatch.setattr(port, name, guarded(f"{type(port).__name__}.{name}", getattr(port, name)))
    object.__setattr__(served.acts, "tokens", TokenCache(seconds=0))
    object.__setattr__(served.acts, "buckets", BucketCache(seconds=0))
    return TestClient(served.app, headers={"Authorization": f"Bearer {token}"}, raise_server_exceptions=True)


def test_no_operation_waits_on_the_loop(client: TestClient) -> None:
    large = b"x" * (3 << 20)
    asked: list[tuple[str, str, bytes, int]] = [
        ("PUT", "/s3/fresh", b"", 200),
        ("PUT", "/s3/photos/a", b"small", 200),
        ("PUT", "/s3/photos/b", large, 200),
        ("GET", "/s3/photos/a", b"", 200),
        ("GET", "/s3/photos/b", b"", 200),
        ("HEAD", "/s3/photos/b", b"", 200),
        ("GET", "/s3/photos?list-type=2", b"", 200),
        ("GET", "/s3/photos?cors", b"", 404),
        ("GET", "/s3/", b"", 200),
        ("POST", "/s3/photos?delete", b"<Delete><Object><Key>a</Key></Object></Delete>", 200),
        ("DELETE", "/s3/photos/b", b"", 204),
        ("DELETE", "/s3/fresh", b"", 204),
    ]
    for method, path, body, status in asked:
        answer = client.request(method, path, content=body)
        assert answer.status_code == status, (method, path, answer.text[:300])
    upload = client.post("/s3/photos/up?uploads").text.partition("<UploadId>")[2].partition("<")[0]
    part = client.put(f"/s3/photos/up?partNumber=1&uploadId={upload}", content=large)
    told = f"<Part><PartNumber>1</PartNumber><ETag>{part.headers['etag']}</ETag></Part>"
    complete = f"<CompleteMultipartUpload>{told}</CompleteMultipartUpload>"
    assert client.post(f"/s3/photos/up?uploadId={upload}", content=complete.encode()).status_code == 200
    assert client.get("/s3/photos/up").content == large
