"""`groundswell model`: trained on a manifest, evaluated, asked, served as SageMaker's containers are."""

from __future__ import annotations

import io
import json
import pickle
import random
import tarfile
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from groundswell.cli.main import app
from groundswell.cli.model_serving import serving
from groundswell.domain.errors import InvalidInput
from groundswell.offline.models import read_model

WORDS = {"owl": ["night", "hoot", "mouse"], "duck": ["pond", "quack", "bread"], "hawk": ["claw", "dive", "cliff"]}


def labeled(path: Path, *, seed: int, count: int = 90) -> Path:
    rng = random.Random(seed)
    names = sorted(WORDS)
    lines = []
    for n in range(count):
        k = rng.randrange(3)
        text = f"{n} " + " ".join(rng.choices(WORDS[names[k]], k=4))
        lines.append(json.dumps({"source": text, "bird": k, "bird-metadata": {"class-name": names[k]}}))
    path.write_text("\n".join(lines))
    return path


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    made = tmp_path / "birds.safetensors"
    manifest = labeled(tmp_path / "labeled.manifest", seed=1)
    done = CliRunner().invoke(app, ["model", "train", str(manifest), "-o", str(made), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["accuracy"] > 0.9
    return made


def test_a_trained_model_does_well_on_others(trained: Path, tmp_path: Path) -> None:
    held_out = labeled(tmp_path / "held-out.manifest", seed=2)
    done = CliRunner().invoke(app, ["model", "evaluate", str(trained), str(held_out), "--json"])
    assert json.loads(done.stdout)["accuracy"] > 0.9
    shown = CliRunner().invoke(app, ["model", "evaluate", str(trained), str(held_out)]).stdout
    assert "accuracy" in shown and "hawk" in shown
    said = CliRunner().invoke(app, ["model", "predict", str(trained), str(held_out)]).stdout.splitlines()
    assert len(said) == 90 and set(json.loads(said[0])) == {"id", "label", "margin"}


def test_a_jobs_archive_is_read_too(trained: Path, tmp_path: Path) -> None:
    archive = tmp_path / "model.tar.gz"
    with tarfile.open(archive, "w:gz") as file:
        file.add(trained, "model.safetensors")
    assert [one.label for one in read_model(archive).predict(["hoot hoot night"])] == ["owl"]


def test_it_is_served_as_sagemaker_does(trained: Path) -> None:
    client = TestClient(serving(read_model(trained)))
    assert client.get("/ping").status_code == 200
    answer = client.post("/invocations", json={"instances": ["quack pond", {"source": "claw dive cliff"}]})
    assert [one["label"] for one in answer.json()["predictions"]] == ["duck", "hawk"]
    lines = b'{"source": "quack"}\n{"source": "hoot"}\n'
    answer = client.post("/invocations", content=lines, headers={"content-type": "application/jsonlines"})
    assert [json.loads(line)["label"] for line in answer.text.splitlines()] == ["duck", "owl"]
    text = client.post("/invocations", content="quack pond", headers={"content-type": "text/plain"})
    assert text.json()["predictions"][0]["label"] == "duck"


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"instances": [1]}', "application/json", 400),
        (b"x", "image/png", 415),  # of a model of texts
        (b"x" * (7 << 20), "text/plain", 413),
    ],
)
def test_what_cannot_be_read_is_refused(trained: Path, content: bytes, kind: str, status: int) -> None:
    client = TestClient(serving(read_model(trained)))
    answer = client.post("/invocations", content=content, headers={"content-type": kind})
    assert answer.status_code == status and "expected" in answer.json()["error"]


def test_anothers_pickle_is_never_unpickled(tmp_path: Path) -> None:
    class Harm:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return print, ("harm",)

    made = tmp_path / "model.pkl"
    made.write_bytes(pickle.dumps(Harm()))
    with pytest.raises(InvalidInput):
        read_model(made)
    inside = tmp_path / "model.tar.gz"
    with tarfile.open(inside, "w:gz") as file:
        entry = tarfile.TarInfo("model.pkl")
        entry.size = len(made.read_bytes())
        file.addfile(entry, io.BytesIO(made.read_bytes()))
    with pytest.raises(InvalidInput, match="safetensors"):
        read_model(inside)
