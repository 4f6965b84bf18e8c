"""Each built-in job of Ground Truth by boto3, finished by people, its manifest as readers of Ground Truth's know it."""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import boto3
import numpy as np
import pytest
from botocore.config import Config
from PIL import Image

from groundswell.sdk import Client, calls
from integration.processes import EMAIL, PASSWORD, Processes
from integration.server.aws.requests import job_request

IMAGE_LINES = [{"source-ref": f"s3://kinds/{n}.png"} for n in range(2)]
TEXT_LINES = [{"source": "Ann went home"}, {"source": "Bob too"}]
BOX = {"label": "a", "left": 1, "top": 1, "width": 3, "height": 2}
NER = "arn:aws:sagemaker:us-east-1:394669845002:human-task-ui/NamedEntityRecognition"


def _painted() -> str:
    pixels = np.full((4, 8, 3), 255, np.uint8)
    pixels[:, :3] = (10, 20, 30)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


MASK = {
    "labeledImage": {"pngImageData": _painted()},
    "labelMappings": {"a": {"color": "#0a141e"}},
    "inputImageProperties": {"width": 8, "height": 4},
}
BOXES = {"boundingBoxes": [BOX], "inputImageProperties": {"width": 8, "height": 4}}
ENTITY = {"label": "a", "startOffset": 0, "endOffset": 3}
KINDS: list[tuple[str | None, str, list[dict[str, Any]], dict[str, Any], str]] = [
    # Ground Truth's name, the label attribute, the lines, what people answer, the metadata's type
    ("ImageMultiClass", "kind", IMAGE_LINES, {"crowd-image-classifier": {"label": "b"}}, "image-classification"),
    (
        "ImageMultiClassMultiLabel",
        "kinds",
        IMAGE_LINES,
        {"crowd-image-classifier-multi-select": {"labels": ["a", "b"]}},
        "image-classification-multilabel",
    ),
    ("BoundingBox", "boxes", IMAGE_LINES, {"boundingBox": BOXES}, "object-detection"),
    (
        "SemanticSegmentation",
        "mask-ref",
        IMAGE_LINES,
        {"crowd-semantic-segmentation": MASK},
        "semantic-segmentation",
    ),
    ("TextMultiClass", "mood", TEXT_LINES, {"crowd-classifier": {"label": "b"}}, "text-classification"),
    (
        "TextMultiClassMultiLabel",
        "moods",
        TEXT_LINES,
        {"crowd-classifier-multi-select": {"labels": ["a"]}},
        "text-classification-multilabel",
    ),
    (
        "NamedEntityRecognition",
        "names",
        TEXT_LINES,
        {"crowd-entity-annotation": {"entities": [ENTITY]}},
        "text-span",
    ),
    (None, "notes", TEXT_LINES, {"note": "glad"}, "custom"),
]


class Bench:
    """A server that was started by hand, and who uses it."""

    def __init__(self, server: Processes, people: Client, sagemaker: Any, s3: Any) -> None:
        self.server, self.people, self.sagemaker, self.s3 = server, people, sagemaker, s3

    def put(self, key: str, body: str | bytes) -> str:
        """An object in the bucket; its address."""
        self.s3.put_object(Bucket="kinds", Key=key, Body=body)
        return f"s3://kinds/{key}"

    def create(self, name: str, task: str | None, attribute: str, manifest: str, **changes: Any) -> None:
        """A job of one worker an object."""
        members = {
            "LabelAttributeName": attribute,
            "InputConfig__DataSource": {"S3DataSource": {"ManifestS3Uri": manifest}},
            "OutputConfig__S3OutputPath": "s3://kinds/output",
            "LabelCategoryConfigS3Uri": "s3://kinds/labels.json",
            "HumanTaskConfig__UiConfig": {"UiTemplateS3Uri": "s3://kinds/any.html"},
            "HumanTaskConfig__NumberOfHumanWorkersPerDataObject": 1,
        }
        self.sagemaker.create_labeling_job(**job_request(name, task, **{**members, **changes}))

    def status(self, name: str) -> dict[str, Any]:
        """What DescribeLabelingJob says."""
        found: dict[str, Any] = self.sagemaker.describe_labeling_job(LabelingJobName=name)
        return found

    def answer(self, name: str, answer: dict[str, Any], *, most: int = 100) -> int:
        """Answer every task alike, until the job has ended or so many are answered; how many were."""
        end, answered = time.monotonic() + 60, 0
        while answered < most and self.status(name)["LabelingJobStatus"] == "InProgress":
            assert time.monotonic() < end, self.status(name)
            task = self.people.work.take(name)
            if task is None:
                time.sleep(0.05)
                continue
            self.people.work.submit(task.assignment_id, answer)
            answered += 1
        return answered

    def output(self, name: str) -> list[dict[str, Any]]:
        """The output manifest's lines."""
        job = self.status(name)
        bucket, _, key = job["LabelingJobOutput"]["OutputDatasetS3Uri"].removeprefix("s3://").partition("/")
        return [json.loads(line) for line in self.s3.get_object(Bucket=bucket, Key=key)["Body"].iter_lines()]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A server and a runner, and a bucket with what the jobs are made of."""
    server = Processes(tmp_path_factory.mktemp("house"))
    server.start("server")
    server.start("runner")
    with Client(server.url) as people:
        people.sign_in(EMAIL, PASSWORD)
        key = people.run(calls.new_access_key("test", 1, None))
        session = boto3.session.Session(key.id, key.secret, None, key.region)
        quiet = Config(retries={"total_max_attempts": 1})
        with (
            closing(session.client("sagemaker", endpoint_url=server.url, config=quiet)) as sagemaker,
            closing(session.client("s3", endpoint_url=server.url, config=quiet)) as s3,
        ):
            s3.create_bucket(Bucket="kinds")
            made = Bench(server, people, sagemaker, s3)
            made.put("labels.json", '{"document-version":"2018-11-28","labels":[{"label":"a"},{"label":"b"}]}')
            made.put("any.html", "<crowd-form><p>{{ task.input.taskObject | grant_read_access }}</p></crowd-form>")
            picture = io.BytesIO()
            Image.new("RGB", (8, 4)).save(picture, "PNG")
            for n in range(2):
                made.put(f"{n}.png", picture.getvalue())
            for name, lines in (("images", IMAGE_LINES), ("texts", TEXT_LINES)):
                made.put(f"{name}.manifest", "".join(json.dumps(line) + "\n" for line in lines))
            yield made
    server.close()


@pytest.mark.parametrize(("task", "attribute", "lines", "answer", "kind"), KINDS, ids=[str(one[0]) for one in KINDS])
def test_a_built_in_job(
    bench: Bench, task: str | None, attribute: str, lines: list[dict[str, Any]], answer: dict[str, Any], kind: str
) -> None:
    name = f"of-{task}"
    manifest = "s3://kinds/images.manifest" if lines is IMAGE_LINES else "s3://kinds/texts.manifest"
    own = {"HumanTaskConfig__UiConfig": {"HumanTaskUiArn": NER}} if task == "NamedEntityRecognition" else {}
    bench.create(name, task, attribute, manifest, **own)
    assert bench.answer(name, answer) == len(lines)
    job = bench.status(name)
    assert (job["LabelingJobStatus"], job["LabelCounters"]["HumanLabeled"]) == ("Completed", len(lines))
    found = bench.output(name)
    assert [{key: one[key] for key in line} for one, line in zip(found, lines, strict=True)] == lines
    for one in found:
        said = one[f"{attribute}-metadata"]
        assert said["type"] == f"groundtruth/{kind}" and attribute in one
        assert said["human-annotated"] == "yes" and said["job-name"] == f"labeling-job/{name.lower()}"


def test_a_stopped_job_is_gone_on_with_and_labeled_anew(bench: Bench) -> None:
    answer = {"crowd-classifier": {"label": "a"}}
    bench.create("first", "TextMultiClass", "tone", "s3://kinds/texts.manifest")
    assert bench.answer("first", answer, most=1) == 1
    bench.sagemaker.stop_labeling_job(LabelingJobName="first")
    end = time.monotonic() + 60
    while (job := bench.status("first"))["LabelingJobStatus"] != "Stopped":
        assert time.monotonic() < end, job
        time.sleep(0.05)
    assert sum("tone" in line for line in bench.output("first")) == 1
    output = job["LabelingJobOutput"]["OutputDatasetS3Uri"]
    bench.create("resumed", "TextMultiClass", "tone", output)  # the same attribute: what has it is left alone
    assert bench.answer("resumed", answer) == 1
    bench.create("relabeled", "TextMultiClass", "tone-2", output)  # another one: everything anew
    assert bench.answer("relabeled", answer) == 2
    assert all("tone" in line for line in bench.output("resumed"))
    found = bench.output("relabeled")
    assert all("tone-2" in line for line in found) and sum("tone" in line for line in found) == 1


def test_boxes_are_verified_and_adjusted(bench: Bench) -> None:
    bench.create("drawn", "BoundingBox", "drawn", "s3://kinds/images.manifest")
    bench.answer("drawn", {"boundingBox": BOXES})
    output = bench.status("drawn")["LabelingJobOutput"]["OutputDatasetS3Uri"]
    bench.create("checked", "VerificationBoundingBox", "checked", output)
    bench.answer("checked", {"crowd-image-classifier": {"label": "a"}})
    verdicts = bench.output("checked")
    assert {one["checked-metadata"]["type"] for one in verdicts} == {"groundtruth/label-verification"}
    assert all("drawn" in one for one in verdicts)
    bench.create("corrected", "AdjustmentBoundingBox", "corrected", output)
    moved = {**BOXES, "boundingBoxes": [{**BOX, "left": 4}]}
    bench.answer("corrected", {"boundingBox": moved})
    assert {one["corrected-metadata"]["adjustment-status"] for one in bench.output("corrected")} == {"adjusted"}
