"""Registered functions over REST, the console and the command line; which of them a job may name."""

from __future__ import annotations

import io
import stat
import zipfile
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from groundswell.bootstrap import open_hooks
from groundswell.cli.hook import packed
from groundswell.domain.errors import InvalidInput, Unavailable
from groundswell.domain.hooks import HookCaller, endpoint_secret
from groundswell.domain.people import Role
from groundswell.hooks.finding import find_sandbox
from groundswell.hooks.packing import pack
from groundswell.hooks.sandbox import SandboxOptions
from integration.server.serving import Served

CODE = "import os\ndef handler(event, context):\n    return {'got': event, 'bucket': os.environ.get('BUCKET')}\n"


@pytest.fixture(autouse=True)
def sandbox() -> None:
    try:
        find_sandbox(SandboxOptions())
    except Unavailable as error:
        pytest.skip(f"functions cannot run here: {error.message}")


def body(source: str = CODE, **fields: Any) -> dict[str, Any]:
    code = b64encode(pack({"prepare.py": source.encode()})).decode()
    return {"handler": "prepare.handler", "code": code, **fields}


def spec(served: Served, **hooks: str) -> dict[str, Any]:
    served.storage.write("s3://in/a.manifest", b'{"source": "a"}\n')
    template = "<crowd-form><crowd-input name='x'></crowd-input></crowd-form>"
    job = {"name": "birds", "task_type": "custom", "template": template, "input": "s3://in/a.manifest"}
    return {**job, "hooks": hooks}


def test_registering_trying_naming_removing(served: Served) -> None:
    admin, requester = served.administrator(), served.requester()
    made = admin.put("/api/v1/hooks/prepare", json=body(environment={"BUCKET": "photos"}))
    assert made.status_code == 200, made.text
    assert (made.json()["version"], made.json()["environment"]) == (1, ["BUCKET"])
    tried = admin.post("/api/v1/hooks/prepare/test", json={"event": {"a": "ü"}}).json()
    assert tried["answer"] == {"got": {"a": "ü"}, "bucket": "photos"}
    assert admin.put("/api/v1/hooks/prepare", json=body()).json()["version"] == 2
    assert [one["name"] for one in requester.get("/api/v1/hooks").json()] == ["prepare"]
    created = requester.post("/api/v1/jobs", json=spec(served, pre_annotation="prepare"))
    assert created.status_code == 201, created.text
    refused = admin.delete("/api/v1/hooks/prepare")
    assert (refused.status_code, "birds" in refused.text) == (409, True)
    requester.post("/api/v1/jobs/birds/stop")
    job = served.store.read(lambda tx: tx.jobs.by_name("birds"))
    served.store.write(lambda tx: tx.jobs.set_state(job.id, "stopped", at=served.clock())).result()
    assert admin.delete("/api/v1/hooks/prepare").status_code == 204
    assert admin.delete("/api/v1/hooks/prepare").status_code == 404
    assert requester.get("/api/v1/hooks").json() == []


@pytest.mark.parametrize("role", [Role.REQUESTER, Role.WORKER, Role.VENDOR_MANAGER])
def test_only_administrators_register(served: Served, role: Role) -> None:
    client = served.signed_in("ann", role)
    assert client.put("/api/v1/hooks/prepare", json=body()).status_code == 403
    assert client.post("/api/v1/hooks/prepare/test", json={"event": 1}).status_code == 403
    assert client.delete("/api/v1/hooks/prepare").status_code == 403
    assert client.post("/console/functions", data={"name": "x", "code": CODE}).status_code == 403
    assert client.get("/api/v1/hooks").status_code == (200 if role is Role.REQUESTER else 403)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (body("import boto33"), "No module named 'boto33'"),
        (body("def handler(event)"), "prepare.py, line 1"),
        (body("x = 1"), "has no function handler"),
        (body(handler="other.handler"), "expected other.py"),
        (body(code="AAAA"), "zip file"),
        (body(code="no base64!"), "base64"),
        (body(handler="os"), "handler"),
        (body(environment={"A=B": "c"}), "variables"),
    ],
)
def test_what_cannot_run_is_not_registered(served: Served, change: dict[str, Any], said: str) -> None:
    refused = served.administrator().put("/api/v1/hooks/prepare", json=change)
    assert refused.status_code in (400, 422), refused.text
    assert said in refused.text


@pytest.mark.parametrize("name", ["../../evil.py", "/evil.py", "a/../../evil.py", "..\\evil.py", "C:/evil.py"])
def test_no_archive_writes_outside_its_folder(served: Served, name: str) -> None:
    code = b64encode(pack({name: b"x = 1", "prepare.py": CODE.encode()})).decode()
    refused = served.administrator().put("/api/v1/hooks/prepare", json=body(code=code))
    assert (refused.status_code, "inside a folder" in refused.text) == (422, True)
    assert not list(served.settings.data_dir.parent.rglob("evil.py"))


def archive(add: Callable[[zipfile.ZipFile], None]) -> str:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("prepare.py", CODE)
        add(made)
    return b64encode(file.getvalue()).decode()


def bomb(made: zipfile.ZipFile) -> None:
    made.writestr("zeros", bytes(80 << 20))


def link(made: zipfile.ZipFile) -> None:
    entry = zipfile.ZipInfo("secret")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    made.writestr(entry, "/etc/shadow")


def many(made: zipfile.ZipFile) -> None:
    for n in range(10_001):
        made.writestr(f"f{n}", "")


@pytest.mark.parametrize(("add", "said"), [(bomb, "bytes of code"), (link, "no links"), (many, "10,000 files")])
def test_archives_that_harm_are_refused(served: Served, add: Callable[[zipfile.ZipFile], None], said: str) -> None:
    refused = served.administrator().put("/api/v1/hooks/prepare", json=body(code=archive(add)))
    assert (refused.status_code, said in refused.text) == (422, True), refused.text


@pytest.mark.parametrize(
    "target",
    ["/etc/x.py", "../x.py:f", "x.py", "s3/groundswell-uploads/1/x.py:f", "os:system", "groundswell.settings:Settings"],
)
def test_what_was_not_registered_is_refused_when_the_job_is_created(served: Served, target: str) -> None:
    refused = served.requester().post("/api/v1/jobs", json=spec(served, post_annotation=target))
    assert refused.status_code == 422, refused.text
    assert "hooks.post_annotation" in refused.text and "administrator registers" in refused.text


def test_every_problem_is_said_at_once(served: Served) -> None:
    given = spec(served, pre_annotation="gone", post_annotation="http://169.254.169.254/latest") | {
        "labels": ["a", "a"]
    }
    refused = served.requester().post("/api/v1/jobs", json=given).text
    assert "hooks.pre_annotation" in refused and "hooks.post_annotation" in refused and "labels" in refused


def test_the_page_of_functions(served: Served) -> None:
    admin = served.administrator()
    form = {"name": "prepare", "code": CODE.replace("\n", "\r\n"), "function": "handler", "environment": "BUCKET=a"}
    assert admin.post("/console/functions", data=form).status_code == 303
    page = admin.get("/console/functions").text
    assert "prepare" in page and "handler.handler" in page and "BUCKET" in page
    refused = admin.post("/console/functions", data={**form, "code": "import boto33"})
    assert (refused.status_code, "boto33" in refused.text) == (422, True)
    assert admin.post("/console/functions/prepare/remove").status_code == 303
    assert "prepare" not in admin.get("/console/functions").text


def test_what_the_command_sends(tmp_path: Path) -> None:
    (tmp_path / "handler.py").write_text("import helper\ndef lambda_handler(event): return helper")
    (tmp_path / "helper.py").write_text("x = 1")
    code, handler = packed(str(tmp_path / "handler.py"))
    assert (handler, code) == ("handler.lambda_handler", pack({"handler.py": (tmp_path / "handler.py").read_bytes()}))
    whole, _ = packed(f"{tmp_path / 'handler.py'}:lambda_handler", with_folder=True)
    (tmp_path / "code.zip").write_bytes(whole)
    assert packed(f"{tmp_path / 'code.zip'}:handler.lambda_handler") == (whole, "handler.lambda_handler")
    with pytest.raises(InvalidInput, match="found no file"):
        packed("nothing.py:f")


def test_an_endpoints_secret_is_of_its_host_and_workspace(served: Served) -> None:
    requester = served.requester()

    def secret(url: str) -> str:
        answer = requester.get("/api/v1/hooks/secret", params={"url": url})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["secret"])

    assert secret("https://example.org/a") == secret("https://EXAMPLE.org:443/b?c")
    assert len({secret(f"{scheme}://{host}/") for scheme in ("http", "https") for host in ("a.org", "b.org")}) == 4
    main = endpoint_secret(b"k", "main", "https://a.org")
    assert main != endpoint_secret(b"k", "other", "https://a.org") != endpoint_secret(b"l", "other", "https://a.org")
    for url in ("ftp://a.org", "prepare", "https://", "http://[", "http://a:b:c"):
        assert requester.get("/api/v1/hooks/secret", params={"url": url}).status_code == 422


def test_a_job_calls_the_function_with_its_own_environment(served: Served) -> None:
    """The values lie sealed in the database: whoever calls the function unseals them."""
    served.administrator().put("/api/v1/hooks/prepare", json=body(environment={"BUCKET": "photos"}))
    hook = open_hooks(served.settings, served.store).open("prepare", HookCaller("main", "rita", "birds"))
    assert hook.call({})["bucket"] == "photos"
    hook.close()
