"""Inputs that cannot be read fail their job at once, with the reason; outages are waited for; stopping ends."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from groundswell.domain.errors import Forbidden, InvalidInput, NotFound, Unavailable
from groundswell.domain.states import JobState
from groundswell.objects.storage import Storage
from groundswell.testing.memory_storage import MemoryStorage
from integration.runner_house import TEXTS, House


class Faulty(MemoryStorage):
    """A storage whose reading or writing raises."""

    def __init__(self, inside: MemoryStorage) -> None:
        super().__init__()
        self.objects = inside.objects
        self.reading: Exception | None = None
        self.writing: Exception | None = None

    def stream(self, uri: str, chunk_bytes: int = 1 << 20) -> Iterator[bytes]:
        if self.reading is not None:
            raise self.reading
        return super().stream(uri, chunk_bytes)

    def write_stream(self, uri: str, chunks: Iterable[bytes], *, content_type: str | None = None) -> None:
        if self.writing is not None:
            raise self.writing
        super().write_stream(uri, chunks)


@pytest.fixture
def faulty(house: House) -> Faulty:
    storage = Faulty(house.storage)
    house.storage = house.runner_storage = storage
    house.new_runner()
    return storage


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"text,id\nhello\rworld,1\n", "in.csv cannot be read: line 2: .*carriage return"),
        (b'text,id\n"open quote never closed,1\n' + b"some more text in a row,2\n" * 9_000, "line 2: .*never closed"),
        (b"text,id\n" + b"x" * 200_000 + b",1\n", "line 2: expected at most 131,072 characters"),
        (b"text,id\nfine,1\n\xff,2\n", "line 3: expected UTF-8"),
        (b"id;name\n1;a\n", "got id, name"),
    ],
)
def test_what_is_wrong_with_a_csv_file_fails_its_job_at_once(house: House, data: bytes, reason: str) -> None:
    house.storage.write("s3://in/in.csv", data)
    house.create(b"", input="s3://in/in.csv")
    house.tick(1)
    job = house.job()
    assert job.state is JobState.FAILED
    with pytest.raises(ValueError, match=reason):
        raise ValueError(job.failure_reason)
    assert job.ingest["problems"][0]["line"] >= 1


def test_an_input_that_is_not_there_is_named_with_its_bucket(house: House, faulty: Faulty) -> None:
    house.create(TEXTS)
    faulty.reading = NotFound("there is no object at 'lines.manifest'")
    house.tick(1)
    job = house.job()
    assert job.state is JobState.FAILED
    assert f"the input {job.input_uri} cannot be read: there is no object" in str(job.failure_reason)
    assert job.input_uri.startswith("s3://")


def test_a_label_attribute_that_every_line_uses_for_something_else_fails_the_job(house: House) -> None:
    house.create(b'{"source": "a", "id": 1}\n{"source": "b", "id": 2}\n', label_attribute="id")
    house.tick(1)
    job = house.job()
    assert job.state is JobState.FAILED
    assert job.failure_reason is not None
    assert "has 'id' already" in job.failure_reason and "choose another label attribute" in job.failure_reason


@pytest.mark.parametrize("last", [b'{"source": "b"}', b'{"source": "b", "id": 2, "id-metadata": {}}'])
def test_a_label_attribute_of_some_lines_or_of_a_job_is_gone_on_with(house: House, last: bytes) -> None:
    house.create(b'{"source": "a", "id": 1}\n' + last + b"\n", label_attribute="id")
    house.tick(2)
    assert house.job().state is not JobState.FAILED


@pytest.mark.parametrize(
    "error",
    [
        ValueError("Could not parse path"),
        RecursionError("too deep"),
        KeyError("x"),
        UnicodeDecodeError("a", b"", 0, 1, "b"),
    ],
)
def test_what_readers_raise_fails_the_job_at_once(house: House, faulty: Faulty, error: Exception) -> None:
    house.create(TEXTS)
    faulty.reading = error
    house.tick(1)
    job = house.job()
    assert job.state is JobState.FAILED
    assert job.failure_reason is not None
    assert "birds.manifest cannot be read" in job.failure_reason and type(error).__name__ in job.failure_reason


@pytest.mark.parametrize("outage", [Unavailable("the bucket does not answer"), TimeoutError("timed out")])
def test_an_outage_is_waited_for_and_said(house: House, faulty: Faulty, outage: Exception) -> None:
    house.create(TEXTS)
    faulty.reading = outage
    house.tick(3)
    job = house.job()
    assert job.state is JobState.INITIALIZING
    assert str(outage) in job.progress["trouble"]
    faulty.reading = None
    house.tick(70)
    assert house.job().state is JobState.IN_PROGRESS
    assert "trouble" not in house.job().progress


def test_odd_names_and_addresses_are_problems_of_their_lines(house: House, tmp_path: Path) -> None:
    storage = Storage(tmp_path / "data", input_roots=[tmp_path / "root"])
    house.runner_storage = storage
    house.new_runner()
    (tmp_path / "outside.jpg").write_bytes(b"x")
    references = [
        ("s3://in/p/good one.jpg", None),
        ("good#2.jpg", None),
        ("../p/good one.jpg", None),
        ("s3://in/p/b//x.jpg", "two slashes"),
        ("s3://in/p/c/./y.jpg", "a part named"),
        ("s3://in/p/t\tab.jpg", "control character"),
        ("s3://in", "a whole bucket"),
        (f"{tmp_path}/outside.jpg", "GROUNDSWELL_INPUT_ROOTS"),
        ("../../../../etc/passwd", "without .."),
        ("http://[::1/a.png", "Invalid IPv6"),
        ("s3://in/p/none.jpg", "found none"),
    ]
    for name in ("good one.jpg", "good#2.jpg"):
        storage.write(f"s3://in/p/{name}", b"x")
    lines = "".join(json.dumps({"source-ref": reference}) + "\n" for reference, _ in references)
    storage.write("s3://in/p/all.manifest", lines.encode())
    house.create(b"", input="s3://in/p/all.manifest", task_type="image-classification", skip_bad=True)
    house.tick(3)
    job = house.job()
    assert (job.state, job.counters.failed, job.counters.total) == (JobState.IN_PROGRESS, 8, 11)
    messages = {one["line"]: one["message"] for one in job.ingest["problems"]}
    for number, (_, why) in enumerate(references, 1):
        assert (why or "") in messages.get(number, "")
        assert (why is None) == (number not in messages)
    assert "found none" not in messages[8]


def test_odd_names_and_other_files_under_a_prefix_are_left_out_and_named(house: House) -> None:
    names = ["a.jpg", "b//x.jpg", "t\tab.jpg", "scan.tif", ".hidden.jpg"]
    house.storage.objects |= {f"s3://in/p/{name}": b"" for name in names}
    house.create(b"", input="s3://in/p/", task_type="image-classification")
    house.tick(2)
    job = house.job()
    assert (job.state, job.counters.total) == (JobState.IN_PROGRESS, 1)
    said = json.dumps(job.ingest["left_out"])
    assert sum(one["count"] for one in job.ingest["left_out"]) == 4
    assert all(name.replace("\t", "\\t") in said.replace("\\\\", "\\") for name in names[1:])


@pytest.mark.parametrize("error", [InvalidInput("no such name"), Forbidden("not there")])
def test_stopping_ends_where_the_output_cannot_be_written(house: House, faulty: Faulty, error: Exception) -> None:
    house.create(TEXTS)
    house.tick(2)
    faulty.writing = error
    house.write(lambda tx: tx.jobs.set_state(house.job().id, "stop", at=house.now))
    house.tick(3)
    job = house.job()
    assert job.state is JobState.FAILED
    assert job.failure_reason is not None and f"last output could not be written: {error}" in job.failure_reason


def test_stopping_waits_for_an_outage_but_not_for_ever(house: House, faulty: Faulty) -> None:
    house.create(TEXTS)
    house.tick(2)
    faulty.writing = Unavailable("the disk\0is full \ud800")
    house.write(lambda tx: tx.jobs.set_state(house.job().id, "stop", at=house.now))
    house.tick(60)
    assert house.job().state is JobState.STOPPING
    assert "the disk" in house.job().progress["trouble"]
    house.tick(700)
    assert house.job().state is JobState.FAILED
