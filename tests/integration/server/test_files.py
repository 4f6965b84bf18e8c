"""Uploads, media links, static files, health, metrics, OpenAPI and the headers of every answer."""

from __future__ import annotations

import pytest

from groundswell.server.admission import MAX_BODY_BYTES
from groundswell.server.media import WHOLE_BYTES, sniff
from integration.server.serving import Served, picture, picture_lines, shapes_spec, store_pictures


def test_an_upload_is_stored_under_its_relative_names(served: Served) -> None:
    client = served.requester()
    begun = client.post("/api/v1/uploads", json={}).json()
    upload = begun["uri"].rsplit("/", 1)[-1]
    body = picture("circle", 1)
    put = client.put(f"/api/v1/uploads/{upload}/summer/día 1/a b.png", content=body)
    assert put.status_code == 200 and put.json()["bytes"] == len(body)
    assert served.storage.read(f"{begun['uri']}/summer/día 1/a b.png") == body


def test_a_multipart_upload_is_stored_at_once(served: Served) -> None:
    files = [("files", ("a.png", b"one")), ("files", ("b.png", b"two"))]
    done = served.requester().post("/api/v1/uploads", files=files).json()
    assert done["files"] == 2 and done["bytes"] == 6
    assert served.storage.read(f"{done['uri']}/b.png") == b"two"


@pytest.mark.parametrize("name", ["..%2F..%2Fsecret-key", "a/..%2F..%2Fb", "%00"])
def test_an_upload_cannot_leave_its_folder(served: Served, name: str) -> None:
    client = served.requester()
    upload = client.post("/api/v1/uploads", json={}).json()["uri"].rsplit("/", 1)[-1]
    assert client.put(f"/api/v1/uploads/{upload}/{name}", content=b"x").status_code == 422


def test_only_uploads_may_be_large(served: Served) -> None:
    large = b" " * (MAX_BODY_BYTES + 1)
    answer = served.client().post("/api/v1/sessions", content=large, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413 and answer.json()["error"]["code"] == "too_large"
    client = served.requester()
    upload = client.post("/api/v1/uploads", json={}).json()["uri"].rsplit("/", 1)[-1]
    assert client.put(f"/api/v1/uploads/{upload}/film.bin", content=large).json()["bytes"] == len(large)


def _link(served: Served, uri: str, data: bytes) -> str:
    served.storage.write(uri, data)
    link: str = served.links().media(uri)
    return link


def test_media_has_its_type_an_etag_and_cors_and_needs_no_cookie(served: Served) -> None:
    link = _link(served, "s3://pictures/no-ending", picture("square", 2))
    answer = served.client().get(link)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["x-content-type-options"] == "nosniff"
    again = served.client().get(link, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304 and again.content == b""


@pytest.mark.parametrize(
    ("wanted", "status", "span"),
    [
        ("bytes=0-9", 206, (0, 10)),
        ("bytes=10-", 206, (10, 1000)),
        ("bytes=-5", 206, (995, 1000)),
        ("bytes=990-2000", 206, (990, 1000)),
        ("bytes=1000-", 416, None),
        ("bytes=5-2", 416, None),
        ("chapters=1", 200, (0, 1000)),
        ("bytes=0-1,5-6", 200, (0, 1000)),  # several ranges: the whole is a valid answer
    ],
)
def test_media_in_ranges(served: Served, wanted: str, status: int, span: tuple[int, int] | None) -> None:
    data = bytes(range(250)) * 4
    answer = served.client().get(_link(served, "s3://pictures/data.bin", data), headers={"Range": wanted})
    assert answer.status_code == status
    if span:
        assert answer.content == data[slice(*span)]
        assert answer.headers["content-length"] == str(span[1] - span[0])
    if status == 206 and span:
        assert answer.headers["content-range"] == f"bytes {span[0]}-{span[1] - 1}/1000"


def test_large_media_is_streamed(served: Served) -> None:
    data = b"x" * (WHOLE_BYTES + 5)
    link = _link(served, "s3://pictures/film.bin", data)
    answer = served.client().get(link)
    assert len(answer.content) == len(data) and answer.headers["etag"].startswith("W/")
    tail = served.client().get(link, headers={"Range": "bytes=-5"})
    assert tail.status_code == 206 and tail.content == b"xxxxx"


def test_a_link_that_was_altered_or_is_old_opens_nothing(served: Served) -> None:
    link = _link(served, "s3://pictures/a.png", b"GIF89a")
    client = served.client()
    assert client.get(link).status_code == 200
    _, _, token, name = link.split("/", 3)
    assert client.get(f"/media/{token[:-2]}AA/{name}").status_code == 404
    other = served.app.state.context.links.sign("frame", "s3://pictures/a.png")
    assert client.get(f"/media/{other}").status_code == 404  # signed for something else
    served.clock.turn(hours=49)
    assert client.get(link).status_code == 404


def test_links_of_a_disabled_account_lead_nowhere_at_once(served: Served) -> None:
    store_pictures(served.storage, 1)
    served.job(shapes_spec(), picture_lines(1))
    worker, visitor = served.signed_in("nora"), served.client()
    task = worker.post("/api/v1/jobs/shapes/assignments").json()["task"]
    links = (task["frame_url"], task["input"]["source-ref"])
    assert [visitor.get(link).status_code for link in links] == [200, 200]
    served.administrator().patch(f"/api/v1/workers/{served.people['nora'].id}", json={"disabled": True})
    assert [visitor.get(link).status_code for link in links] == [404, 404]


def test_a_frame_link_shows_its_own_task_to_its_own_worker(served: Served) -> None:
    store_pictures(served.storage, 2)
    served.job(shapes_spec(), picture_lines(2))
    first = served.signed_in("nora").post("/api/v1/jobs/shapes/assignments").json()
    second = served.signed_in("omar").post("/api/v1/jobs/shapes/assignments").json()
    visitor = served.client()
    signature = first["task"]["frame_url"].split("sig=")[1]
    assert visitor.get(f"/frame/{second['assignment_id']}?sig={signature}").status_code == 403
    forged = served.links("omar").frame(first["assignment_id"])
    assert visitor.get(forged).status_code == 404


def test_a_link_stays_the_same_for_a_while_so_that_browsers_cache_it(served: Served) -> None:
    links = served.links()
    before = links.media("s3://pictures/a.png")
    served.clock.turn(seconds=1)
    after = links.media("s3://pictures/a.png")
    assert before == after or int(served.clock().timestamp()) % (24 * 3600) < 2


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"<html><script>alert(1)</script>", "text/plain; charset=utf-8"),
        (b'<?xml version="1.0"?>\n<svg xmlns="x"/>', "image/svg+xml"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        ("مرحبا".encode(), "text/plain; charset=utf-8"),
        (b"\x00\x01\x02", "application/octet-stream"),
        (b"", "text/plain; charset=utf-8"),
    ],
)
def test_types_are_sniffed_and_html_is_never_html(head: bytes, kind: str) -> None:
    assert sniff(head) == kind


def test_svg_cannot_run_scripts(served: Served) -> None:
    link = _link(served, "s3://pictures/x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>")
    assert "sandbox" in served.client().get(link).headers["content-security-policy"]


def test_static_files_are_cached_for_ever_by_version_and_open_to_sandboxed_pages(served: Served) -> None:
    page = served.client().get("/signin").text
    address = next(part for part in page.split('"') if part.startswith("/static/app.css"))
    answer = served.client().get(address)
    assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]
    assert answer.headers["access-control-allow-origin"] == "*"
    assert served.client().get("/static/app.css").headers["cache-control"] == "no-cache"


def test_static_files_are_compressed_once_for_who_can_read_it(served: Served) -> None:
    client = served.client()
    packed = client.get("/static/app.css", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip" and int(packed.headers["content-length"]) < 8_000
    plain = client.get("/static/app.css", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers and plain.text == packed.text
    again = client.get("/static/app.css", headers={"If-None-Match": packed.headers["etag"]})
    assert again.status_code == 304 and again.headers["access-control-allow-origin"] == "*"


def test_health_metrics_and_openapi(served: Served) -> None:
    client = served.client()
    assert client.get("/healthz").text == "ok\n"
    schema = client.get("/api/v1/openapi.json").json()
    assert "/api/v1/jobs/{name}/assignments" in schema["paths"]
    assert not any(path.startswith("/console") for path in schema["paths"])
    client.get("/api/v1/jobs/x")
    text = served.operator().get("/metrics").text
    assert 'route="/api/v1/jobs/{name}",status="401"} 1.0' in text
    assert 'groundswell_http_requests_total{method="GET",route="/healthz",status="200"} 1.0' in text
    assert "groundswell_active_jobs 0.0" in text


def test_every_answer_has_security_headers(served: Served) -> None:
    for path in ("/signin", "/api/v1/me", "/healthz", "/nowhere"):
        headers = served.client().get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "script" not in headers["content-security-policy"] or "unsafe" not in headers["content-security-policy"]


def test_an_unknown_page_is_a_page_and_an_unknown_route_is_json(served: Served) -> None:
    page = served.client().get("/nowhere", headers={"Accept": "text/html"})
    assert page.status_code == 404 and "<h1>Not found</h1>" in page.text
    api = served.client().get("/api/v1/nowhere")
    assert api.status_code == 404 and api.json()["error"]["code"] == "not_found"
    assert served.client().delete("/healthz").json()["error"]["code"] == "method_not_allowed"
