"""`groundswell consolidate` for every kind of label: as files hold them, and as Ground Truth's workers sent them."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import typer
from numpy.typing import NDArray
from PIL import Image
from pyarrow import parquet
from typer.testing import CliRunner

from groundswell.cli.consolidate import consolidate
from groundswell.consolidation.estimates import Answer
from groundswell.offline.answer_kinds import kind_named, kinds
from groundswell.tasktypes import registry
from groundswell.tasktypes.base import DecodeContext

APP = typer.Typer()
APP.command()(consolidate)

GREEN, BLUE = (0x2C, 0xA0, 0x2C), (0x1F, 0x77, 0xB4)


def run(*arguments: object, code: int = 0) -> str:
    result = CliRunner().invoke(APP, [str(argument) for argument in arguments])
    assert result.exit_code == code, (result.output, result.exception)
    return result.output


def lines_in(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def write_lines(path: Path, answers: Mapping[str, Any], tasks: int = 3) -> Path:
    rows = [{"task": f"t{n}", "worker": w, "label": label} for n in range(tasks) for w, label in answers.items()]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def write_responses(folder: Path, contents: Mapping[str, Mapping[str, Any]], tasks: int = 3) -> Path:
    for n in range(tasks):
        answers = [{"workerId": worker, "answerContent": content} for worker, content in contents.items()]
        file = folder / "iteration-1" / str(n) / "2026-01-01_00:00:00.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps({"answers": answers}), encoding="utf-8")
    return folder


def square(left: int, value: int = 1) -> NDArray[np.uint8]:
    """A plane of 12 x 16 pixels with a square of one class."""
    plane = np.zeros((12, 16), np.uint8)
    plane[3:9, left : left + 6] = value
    return plane


def png_of(plane: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(plane).save(file, "PNG")
    return file.getvalue()


def painted(plane: NDArray[np.uint8]) -> dict[str, str]:
    """What a painting element submits: white, then a colour for each class."""
    image = Image.fromarray(np.array([(255, 255, 255), GREEN, BLUE], np.uint8)[plane])
    file = io.BytesIO()
    image.save(file, "PNG")
    return {"pngImageData": base64.b64encode(file.getvalue()).decode()}


BOX = {"label": "cat", "left": 10, "top": 10, "width": 40, "height": 40}
CORNERS = [{"x": 0, "y": 0}, {"x": 40, "y": 0}, {"x": 40, "y": 40}, {"x": 0, "y": 40}]
SPAN = {"label": "name", "startOffset": 0, "endOffset": 3}
PAIR = {"question": "Who?", "answer": "Ann"}
MASK = {"labelMappings": {"cat": {"color": "#2ca02c"}, "dog": {"color": "#1f77b4"}}}
RANKS = {"ordinalRankingDimensions": [{"name": "help", "allowTie": True, "responseRankings": [1, 2]}]}


def test_every_task_type_of_jobs_is_offered() -> None:
    assert set(registry.names()) <= set(kinds())
    for name in kinds():
        kind = kind_named(name)
        assert kind.name == name
        kind.consolidation(["cat"])


FILES = [
    pytest.param("classification", "cat", "cat", id="class"),
    pytest.param("text-classification-multilabel", ["a", "b"], ["a", "b"], id="set"),
    pytest.param("object-detection", [[1, 2, 30, 40]], [[1, 2, 30, 40]], id="boxes"),
    pytest.param("label-adjustment-boxes", [[1, 2, 30, 40, "x"]], [[1, 2, 30, 40, "x"]], id="boxes of a class"),
    pytest.param("polygons", [{"label": "a", "vertices": CORNERS}], None, id="polygons"),
    pytest.param(
        "keypoints", [{"label": "a", "x": 1.23456, "y": 4}], [{"label": "a", "x": 1.23, "y": 4}], id="rounded"
    ),
    pytest.param("polylines", [{"label": "a", "vertices": CORNERS[:3]}], None, id="polylines"),
    pytest.param("lines", [{"label": "a", "vertices": CORNERS[:2]}], None, id="lines"),
    pytest.param("keypoints", [{"label": "a", "x": 3, "y": 4}], [{"label": "a", "x": 3, "y": 4}], id="keypoints"),
    pytest.param("named-entity-recognition", [SPAN], [SPAN], id="spans"),
    pytest.param("image-transcription", "[sic] a text", "[sic] a text", id="text that looks like JSON"),
    pytest.param("text-ranking", {"help": [1, 2]}, {"help": [1, 2]}, id="ranking"),
    pytest.param("pairwise", "left", "left", id="pair"),
    pytest.param("numeric", 4, 4, id="number"),
    pytest.param("question-answer", [PAIR], [PAIR], id="questions"),
    pytest.param("custom", {"tone": "calm", "stars": 4}, {"tone": "calm", "stars": 4}, id="form"),
    pytest.param("passthrough", {"any": [1]}, {"any": [1]}, id="anything"),
]


@pytest.mark.parametrize(("task_type", "label", "expected"), FILES)
def test_unanimous_labels_come_back_in_the_form_they_had(
    tmp_path: Path, task_type: str, label: Any, expected: Any
) -> None:
    output, report = tmp_path / "o.jsonl", tmp_path / "r.html"
    source = write_lines(tmp_path / "a.jsonl", dict.fromkeys("abc", label))
    run(source, "--task-type", task_type, "-o", output, "--report", report)
    rows = lines_in(output)
    assert [row["task"] for row in rows] == ["t0", "t1", "t2"]
    assert all(0.0 < row["confidence"] <= 1.0 for row in rows)
    if expected is not None:
        assert rows[0]["label"] == expected
    assert "nan" not in output.read_text(encoding="utf-8").lower()
    assert "Agreement" in report.read_text(encoding="utf-8")


RESPONSES = [
    pytest.param({"crowd-image-classifier": {"label": " cat "}}, "cat", id="class"),
    pytest.param({"crowd-classifier-multi-select": {"labels": ["a", "b"]}}, ["a", "b"], id="set"),
    pytest.param({"boundingBox": {"boundingBoxes": [BOX]}}, [[10, 10, 50, 50, "cat"]], id="boxes"),
    pytest.param({"annotatedResult": {"boundingBoxes": []}}, [], id="no boxes"),
    pytest.param({"crowd-polygon": {"polygons": [{"label": "a", "vertices": CORNERS}]}}, None, id="polygons"),
    pytest.param({"my-points": {"keypoints": [{"label": "a", "x": 3, "y": 4}]}}, None, id="keypoints"),
    pytest.param({"crowd-entity-annotation": {"entities": [SPAN]}}, [SPAN], id="spans"),
    pytest.param({"crowd-text-ranking": RANKS}, {"help": [1, 2]}, id="ranking"),
    pytest.param({"qa": {"questionAnswerPairs": [PAIR]}}, [PAIR], id="questions"),
    pytest.param({"transcription": " a text "}, "a text", id="text"),
    pytest.param({"crowd-image-classifier": {"label": "good", "workerComment": "fine"}}, "good", id="verdict"),
    pytest.param(
        {"tone": "calm", "stars": 4, "sure": {"on": True}, "kind": {"a": {"on": False}, "b": {"on": True}}},
        {"tone": "calm", "stars": 4, "sure": True, "kind": "b"},
        id="form",
    ),
]


@pytest.mark.parametrize(("content", "expected"), RESPONSES)
def test_worker_responses_say_what_they_are(tmp_path: Path, content: dict[str, Any], expected: Any) -> None:
    output = tmp_path / "o.jsonl"
    run(write_responses(tmp_path / "worker-response", dict.fromkeys("abc", content)), "-o", output)
    rows = lines_in(output)
    assert [row["task"] for row in rows] == [0, 1, 2]
    if expected is not None:
        assert rows[0]["label"] == expected


def test_a_job_gives_the_same_labels(tmp_path: Path) -> None:
    shifted = {"a": 10, "b": 12, "c": 11}
    contents = {w: {"boundingBox": {"boundingBoxes": [BOX | {"left": x}]}} for w, x in shifted.items()}
    contents["c"]["boundingBox"]["boundingBoxes"].append(BOX | {"left": 300})
    printed = run(write_responses(tmp_path / "w", contents), "-o", tmp_path / "o.jsonl")
    assert "o.jsonl (object-detection), mean confidence" in printed
    kind = registry.get("object-detection")
    job = kind.consolidation(["cat"], None, {})
    context = DecodeContext(["cat"])
    job.absorb([Answer(n, w, kind.decode(content, context)) for n in range(3) for w, content in contents.items()])
    job.refit()
    for row, estimate in zip(lines_in(tmp_path / "o.jsonl"), job.estimate(range(3)), strict=True):
        assert row["confidence"] == pytest.approx(estimate.confidence, abs=1e-6)
        assert [box[0] for box in row["label"]] == [pytest.approx(box["left"], abs=0.01) for box in estimate.value]


def test_comments_of_verdicts_come_along(tmp_path: Path) -> None:
    contents = {
        worker: {"crowd-image-classifier": {"label": "bad", "workerComment": comment}}
        for worker, comment in (("a", "too wide"), ("b", ""), ("c", "cut off"))
    }
    run(write_responses(tmp_path / "w", contents), "-o", tmp_path / "o.jsonl")
    row = lines_in(tmp_path / "o.jsonl")[0]
    assert (row["label"], row["comments"]) == ("bad", ["too wide", "cut off"])


def test_masks_are_read_from_files_and_written_to_files(tmp_path: Path) -> None:
    (tmp_path / "masks").mkdir()
    for worker, plane in zip("abc", (square(2), square(2), square(3)), strict=True):
        (tmp_path / "masks" / f"{worker}.png").write_bytes(png_of(plane))
    rows = [f"a/b,{worker},masks/{worker}.png" for worker in "abc"]
    source = tmp_path / "a.csv"
    source.write_text("task,worker,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    masks = ("--task-type", "semantic-segmentation", "--labels", "cat,dog")
    run(source, *masks, "-o", tmp_path / "out.csv", "--report", tmp_path / "r.html")
    with (tmp_path / "out.csv").open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert row["label"] == "out-masks/a_b.png"
    written = Image.open(tmp_path / row["label"])
    assert written.mode == "P" and np.array_equal(np.asarray(written), square(2))
    assert "where workers differ" in (tmp_path / "r.html").read_text(encoding="utf-8")
    again = tmp_path / "again.csv"  # what comes out can go in
    again.write_text(f"task,worker,label\na,w,{row['label']}\n", encoding="utf-8")
    printed = json.loads(run(again, *masks, "--json"))
    encoded = printed["labels"][0]["label"]
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(base64.b64decode(encoded)))), square(2))


def test_instance_masks_go_in_and_come_out_with_their_classes(tmp_path: Path) -> None:
    label = {"mask": base64.b64encode(png_of(square(2))).decode(), "labels": ["cat"]}
    output = tmp_path / "o.jsonl"
    source = write_lines(tmp_path / "a.jsonl", dict.fromkeys("abc", label))
    run(source, "--task-type", "instance-segmentation", "-o", output, "--report", tmp_path / "r.html")
    found = lines_in(output)[1]["label"]
    assert found == {"mask": "o-masks/t1.png", "labels": ["cat"]}
    assert np.array_equal(np.asarray(Image.open(tmp_path / found["mask"])), square(2))


def test_painted_answers_of_segmentation_jobs(tmp_path: Path) -> None:
    planes = {"a": square(2, 2), "b": square(2, 2), "c": square(3, 2)}
    semantic = {w: {"crowd-semantic-segmentation": MASK | {"labeledImage": painted(p)}} for w, p in planes.items()}
    run(write_responses(tmp_path / "semantic", semantic), "-o", tmp_path / "s.csv", "--report", tmp_path / "s.html")
    plane = np.asarray(Image.open(tmp_path / "s-masks" / "0.png"))
    assert np.array_equal(plane, square(2, 2))  # dog is the second of the classes in order
    things = [{"color": "#2ca02c", "label": "cat"}, {"color": "#1f77b4", "label": "dog"}]
    instances = {w: {"crowd": {"instances": things, "labeledImage": painted(p)}} for w, p in planes.items()}
    output = tmp_path / "i.jsonl"
    run(write_responses(tmp_path / "instances", instances), "-o", output, "--report", tmp_path / "i.html")
    assert lines_in(output)[0]["label"]["labels"] == ["dog"]


def test_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    answers = {"a": [[10, 10, 50, 50]], "b": [[12, 10, 52, 50], [80, 80, 90, 90]], "c": []}
    source = write_lines(tmp_path / "a.jsonl", answers, tasks=7)
    run(source, "--task-type", "object-detection", "-o", tmp_path / "first.csv", "--report", tmp_path / "first.html")
    lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
    source.write_text("".join(reversed(lines)), encoding="utf-8")
    run(source, "--task-type", "object-detection", "-o", tmp_path / "second.csv", "--report", tmp_path / "second.html")
    for kind in ("csv", "html"):
        assert (tmp_path / f"first.{kind}").read_bytes() == (tmp_path / f"second.{kind}").read_bytes()


PNG = base64.b64encode(png_of(square(2, 7))).decode()
RGB = painted(square(2))["pngImageData"]


@pytest.mark.parametrize(
    ("task_type", "label", "arguments", "message"),
    [
        ("semantic-segmentation", "none.png", ("--labels", "cat"), "line 2: expected the path of a PNG file"),
        ("semantic-segmentation", PNG, (), "name the classes in the order of their pixel values"),
        ("semantic-segmentation", PNG, ("--labels", "cat"), "0 for background to 1 for 'cat', the last of --labels"),
        ("semantic-segmentation", RGB, ("--labels", "cat"), "a mask is a PNG with a palette or in grey"),
        ("semantic-segmentation", 3, ("--labels", "cat"), "expected a mask as the path of a PNG file"),
        ("instance-segmentation", PNG, (), '{"mask": PNG file or base64, "labels": [class of each instance]}'),
        ("instance-segmentation", {"mask": PNG, "labels": ["a"]}, (), "holds 0 to the number of labels, 1"),
        ("object-detection", "cat", (), "line 2: a label must be a JSON list of boxes"),
        ("object-detection", [[1, 2, 3]], (), "a box must be [x1, y1, x2, y2]"),
        ("object-detection", [[0, 0, 1e300, 1]], (), "width must be a number from 0 to 1e+07"),
        ("object-detection", [[0, 0, 9, 9, "dog"]], ("--labels", "cat"), "one of ['cat']"),
        ("keypoints", [{"label": "a", "x": 1}], (), "needs 'y', but"),
        ("numeric", "many", (), "line 2: the label must be a number"),
        ("numeric", "nan", (), "must be a number from"),
        ("pairwise", "up", (), "a comparison's winner is one of"),
        ("question-answer", ["Who?"], (), 'a label must be [{"question", "answer"}, ...]'),
        ("custom", "calm", (), "an answer must map questions to answers, but"),
        ("multi-label", ["a", 3], (), 'line 2: a label must be a list of classes ["a", "b"]'),
        ("multi-label", [["a"]], (), "or a class, but it is [['a']]"),
        ("numeric", 3, ("--gold", "g.csv"), "--gold is for classes"),
        ("numeric", 3, ("--prior", "uniform"), "--prior is for classes"),
        ("numeric", 3, ("-m", "bcc"), "--method is for classes; leave it out with --task-type numeric"),
        ("image-classification", "a", ("--labels", "a,a"), "--labels are different classes"),
    ],
)
def test_what_cannot_be_a_label_is_refused_with_its_line(
    tmp_path: Path, task_type: str, label: Any, arguments: tuple[str, ...], message: str
) -> None:
    (tmp_path / "g.csv").write_text("task,label\nt1,1\n", encoding="utf-8")
    source = tmp_path / "a.jsonl"
    rows = [{"task": "t1", "worker": "w", "label": label}]
    source.write_text("\n" + "".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    options = [str(tmp_path / a) if a == "g.csv" else a for a in arguments]
    assert message in " ".join(run(source, "--task-type", task_type, *options, code=2).split())


def test_responses_that_do_not_fit_are_named_by_their_file(tmp_path: Path) -> None:
    contents = {worker: {"boundingBox": {"boundingBoxes": [box]}} for worker, box in (("a", BOX), ("b", {"left": 1}))}
    printed = run(write_responses(tmp_path / "w", contents), code=2)
    assert "2026-01-01_00:00:00.json: boundingBoxes[0]: expected 'label'" in printed
    printed = run(write_responses(tmp_path / "v", {"a": {"x": 1, "y": 2}}), "--task-type", "classification", code=2)
    assert "expected an answer with one class" in printed and "--task-type (custom" in printed


def test_an_object_nobody_annotated_has_an_empty_label(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text('task,worker,label\nt1,w,\nt2,w,"[]"\n', encoding="utf-8")
    assert "t1,[]," in run(source, "--task-type", "object-detection")
    source.write_text("task,worker,label\nt1,w,\nt2,w,3\nt2,v,5\n", encoding="utf-8")
    assert "t1,,0\n" in run(source, "--task-type", "numeric")


def test_missing_numbers_are_abstentions_and_missing_ids_are_refused(tmp_path: Path) -> None:
    columns = {"task": [1.0, 1.0], "worker": ["v", "w"], "label": [float("nan"), 4.0]}
    parquet.write_table(pa.table(columns), tmp_path / "a.parquet")
    summary = json.loads(run(tmp_path / "a.parquet", "--task-type", "numeric", "--json"))
    assert (summary["abstentions"], summary["labels"][0]["label"]) == (1, 4.0)
    parquet.write_table(pa.table({**columns, "task": [1.0, float("nan")]}), tmp_path / "b.parquet")
    printed = run(tmp_path / "b.parquet", "--task-type", "numeric", code=2)
    assert "b.parquet row 1: a task and a worker must be given" in printed


def test_ids_that_differ_in_type_alone_are_one(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    rows = [{"task": task, "worker": worker, "label": 3} for task, worker in ((7, 1), ("7", "1"), (7.0, 2))]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    summary = json.loads(run(source, "--task-type", "numeric", "--json"))
    assert (summary["objects"], summary["workers"], summary["replaced"]) == (1, 2, 1)
