"""Replays of a labeled manifest, their certificate and its check, as library and as commands."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from groundswell.cli.autolabel import app
from groundswell.domain.errors import InvalidInput
from groundswell.offline.backtest import BacktestSettings, backtest
from groundswell.offline.certificates import verify_files
from groundswell.offline.labeled_manifest import read_labeled_manifest
from unit.autolabel.made_objects import images, texts

NAMES = ("cars", "cakes", "goals")


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("backtest") / "labeled.manifest"
    found, labels = texts(900, seed=3)
    write(path, found, labels)
    return path


def write(path: Path, found: list[str], labels: np.ndarray, key: str = "source") -> None:
    lines = [
        {key: text, "topic": int(k), "topic-metadata": {"class-name": NAMES[k], "human-annotated": "yes"}}
        for text, k in zip(found, labels, strict=True)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_most_texts_are_labeled_by_machine_and_the_certificate_holds(manifest: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app,
        [
            "backtest", str(manifest), "--label-attribute", "topic", "--target-accuracy", "0.9",
            "--batch-size", "50", "--seed", "4", "--certificate", str(tmp_path / "c.json"), "--json",
        ],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["objects"] == 900 == found["human_labeled"] + found["machine_labeled"]
    assert found["machine_labeled"] > 450
    assert found["machine_accuracy"] >= found["target_accuracy"] == 0.9
    assert found["rounds"][-1]["next"] == "audit"
    held = CliRunner().invoke(app, ["verify", str(tmp_path / "c.json"), str(manifest), "--json"])
    assert held.exit_code == 0, held.output
    assert json.loads(held.stdout)["machine_labeled"] == found["machine_labeled"]


def test_a_manifest_that_was_changed_does_not_fit_its_certificate(manifest: Path, tmp_path: Path) -> None:
    found = backtest(read_labeled_manifest(manifest, None), BacktestSettings(target=0.9, batch=50, seed=4))
    document = found.certificate()
    (tmp_path / "c.json").write_text(json.dumps(document))
    lines = [json.loads(line) for line in manifest.read_text().splitlines()]
    audited = document["attempts"][-1]["audited"][0][0]
    lines[audited]["topic-metadata"]["class-name"] = "goals" if lines[audited]["topic"] != 2 else "cars"
    changed = tmp_path / "changed.manifest"
    changed.write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = CliRunner().invoke(app, ["verify", str(tmp_path / "c.json"), str(changed)])
    assert done.exit_code == 1
    assert f"line {audited + 1}: people's audited label" in done.stdout
    lines[0]["source"] = "something else"
    changed.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert "other objects" in verify_files(tmp_path / "c.json", changed).problems[0]


def test_machine_labels_in_a_job_s_output_are_compared(manifest: Path, tmp_path: Path) -> None:
    found = backtest(read_labeled_manifest(manifest, "topic"), BacktestSettings(target=0.9, batch=50, seed=4))
    (tmp_path / "c.json").write_text(json.dumps(found.certificate()))
    lines = [json.loads(line) for line in manifest.read_text().splitlines()]
    classes = found.manifest.class_names
    for row, (label, _) in found.replays[0].state.certified.items():
        lines[row]["topic-metadata"] = {"class-name": classes[label], "human-annotated": "no"}
    output = tmp_path / "output.manifest"
    output.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert verify_files(tmp_path / "c.json", output).problems == ()
    people = next(row for row in range(900) if row not in found.replays[0].state.certified)
    lines[people]["topic-metadata"]["human-annotated"] = "no"
    output.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert any("not certified" in text for text in verify_files(tmp_path / "c.json", output).problems)


def test_several_seeds_are_summed_up(manifest: Path) -> None:
    done = CliRunner().invoke(
        app, ["backtest", str(manifest), "--target-accuracy", "0.9", "--batch-size", "50", "--seeds", "3", "--json"]
    )
    found = json.loads(done.stdout)
    assert [one["seed"] for one in found["seeds"]] == [0, 1, 2]
    assert found["broken"] == 0
    assert found["mean"]["machine_share"] > 0.5


def test_labels_that_are_noise_are_left_to_people_with_the_reason(tmp_path: Path) -> None:
    found, labels = texts(400)
    write(tmp_path / "noise.manifest", found, np.random.default_rng(1).permutation(labels))
    done = CliRunner().invoke(app, ["backtest", str(tmp_path / "noise.manifest"), "--batch-size", "60"])
    assert done.exit_code == 0
    assert "the machine 0" in done.stdout
    assert "people label everything" in done.stdout.replace("\n", " ").lower()


def test_pictures_that_cannot_be_read_are_labeled_by_people(tmp_path: Path) -> None:
    made, labels = images(500)
    for n, one in enumerate(made):
        (tmp_path / f"{n}.png").write_bytes(b"spoiled" if n % 50 == 0 else one)
    write(tmp_path / "images.manifest", [f"{n}.png" for n in range(500)], labels, "source-ref")
    found = backtest(
        read_labeled_manifest(tmp_path / "images.manifest", "topic"), BacktestSettings(target=0.9, batch=50)
    )
    assert found.replays[0].machine_labeled > 200
    assert not any(row % 50 == 0 for row in found.replays[0].state.certified)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "has no lines"),
        ("nonsense\n", "line 1"),
        ('{"source": "a"}\n', "no line"),
        ('{"source": "a", "x": 1, "x-metadata": {}, "y": 1, "y-metadata": {}}\n', "has: x, y"),
    ],
)
def test_manifests_without_labels_are_refused_in_words(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "bad.manifest").write_text(content)
    with pytest.raises(InvalidInput, match=says):
        read_labeled_manifest(tmp_path / "bad.manifest", "topic" if "y-meta" not in content else None)


def test_options_without_meaning_are_refused(manifest: Path) -> None:
    done = CliRunner().invoke(app, ["backtest", str(manifest), "--target-accuracy", "1.5"])
    assert done.exit_code == 2
    assert "between 0 and 1" in done.stderr
