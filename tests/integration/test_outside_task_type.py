"""A task type of another package, one file and one template, is shown, worked on, consolidated and exported."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from groundswell.sdk import Client
from integration.processes import EMAIL, PASSWORD, Processes

FILE = """
from pathlib import Path

from groundswell.domain.errors import InvalidAnnotation
from groundswell.tasktypes import file_forms, live, metadata
from groundswell.tasktypes.base import EncodedLabel, Gallery, TaskType

TYPE = "groundtruth/custom-count"


def decode(content, context):
    try:
        return float(content["count"])
    except (KeyError, TypeError, ValueError):
        raise InvalidAnnotation(f"count: expected a number, got {content!r:.80}", field="count") from None


def encode(estimate, context):
    return EncodedLabel(round(estimate.value), {"mean": estimate.value} | metadata.common(context, TYPE))


TASK_TYPE = TaskType(
    name="counting",
    title="Count words",
    summary="Say how many words a text has.",
    modality="text",
    manifest_type=TYPE,
    template=Path(__file__).with_name("counting.liquid.html"),
    min_labels=0,
    max_labels=0,
    default_per_object=3,
    default_time_limit_s=300,
    decode=decode,
    consolidation=live.structured("numeric"),
    encode=encode,
    read_label=lambda value, said, labels: float(value),
    kind_of_answer="numeric",
    file_form=file_forms.FileForm("how many", file_forms.number),
    recognised_by=("count",),
    gallery=Gallery("Texts", 9, '<svg viewBox="0 0 190 84" data-of="counting"></svg>'),
    simulate=lambda truth, labels, accuracy, rng: {"count": str(round(truth + (rng.random() > accuracy)))},
)
"""
TEMPLATE = """<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>
<crowd-form>
<p>{{ task.input.taskObject }}</p>
<crowd-input name="count" type="number" required></crowd-input></crowd-form>
"""
COUNTS = [3, 4, 5, 6, 7, 8]


@pytest.fixture
def processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Processes]:
    """A server and a runner with the package installed, as pip would leave it."""
    site = tmp_path / "site"
    about = site / "counting-1.0.dist-info"
    about.mkdir(parents=True)
    (site / "counting.py").write_text(FILE, "utf-8")
    (site / "counting.liquid.html").write_text(TEMPLATE, "utf-8")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: counting\nVersion: 1.0\n", "utf-8")
    (about / "entry_points.txt").write_text("[groundswell.task_types]\ncounting = counting:TASK_TYPE\n", "utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])]))
    started = Processes(tmp_path)
    started.start("server")
    started.start("runner")
    yield started
    started.close()


def command(*arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "groundswell.cli.main", *map(str, arguments)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_task_type_of_another_package_is_like_a_built_in_one(processes: Processes, tmp_path: Path) -> None:
    lines = [{"source": " ".join(["word"] * count)} for count in COUNTS]
    truth = [{**line, "n": count, "n-metadata": {}} for line, count in zip(lines, COUNTS, strict=True)]
    for name, rows in (("texts", lines), ("truth", truth)):
        (tmp_path / f"{name}.manifest").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    with Client(processes.url) as client:
        client.sign_in(EMAIL, PASSWORD)
        key = client.workforce.new_key("test").token

        # In the console's picker, with its own picture, among the texts.
        with httpx.Client(
            base_url=processes.url, headers={"Authorization": f"Bearer {key}"}, follow_redirects=True
        ) as browser:
            page = browser.get("/console/new").text
        texts = page[page.index("Texts") : page.index("Sound")]
        assert 'value="counting"' in texts and 'data-of="counting"' in texts and "Count words" in texts

        # Simulated, with its own template and answers.
        job = client.jobs.create(
            {"name": "counted", "task_type": "counting", "input": str(tmp_path / "texts.manifest")}
        )
        crowd = (
            "--truth",
            tmp_path / "truth.manifest",
            "--workers",
            4,
            "--accuracy",
            "0.9:1",
            "--label-attribute",
            "n",
        )
        command("simulate", "counted", *crowd, "--url", processes.url, "--token", key)
        assert job.wait(timeout_s=60).state == "Completed"

        # Exported.
        out = tmp_path / "out.manifest"
        command("job", "export", "counted", "-o", out, "--url", processes.url, "--token", key)
        labels = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
        assert [line["counted"] for line in labels] == COUNTS
        assert all(line["counted-metadata"]["type"] == "groundtruth/custom-count" for line in labels)
        answers = [(n, one) for n in range(len(COUNTS)) for one in job.object(n).annotations]

    # Consolidated from files: a table, and Ground Truth's form, recognised by its answers.
    table = tmp_path / "votes.csv"
    votes = [f"{n},{one.worker},{one.answer['count']}\n" for n, one in answers]
    table.write_text("task,worker,label\n" + "".join(votes), "utf-8")
    found = json.loads(command("consolidate", table, "--task-type", "counting", "--json"))["labels"]
    assert [round(row["label"]) for row in found] == COUNTS
    (response,) = [path for path in tmp_path.rglob("worker-response") if any(path.rglob("*.json"))]
    summary = json.loads(command("consolidate", response, "--json", "--report", tmp_path / "r.html"))
    assert summary["task_type"] == "counting"
    assert [round(row["label"]) for row in summary["labels"]] == COUNTS
    assert re.search("A dot for every worker", (tmp_path / "r.html").read_text("utf-8"))  # drawn as numbers are
    assert "counting" in command("consolidate", "--help")
