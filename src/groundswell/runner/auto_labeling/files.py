"""Where the loop's files are in a job's output: Ground Truth's folders, and arrays and JSON that nothing unpickles."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from groundswell.domain.addresses import join
from groundswell.domain.errors import InvalidInput
from groundswell.runner.desk import Desk

MODEL_FILE = "model.safetensors"


def features_uri(desk: Desk) -> str:
    """What the learner computed of the job's objects, once."""
    return join(desk.layout.root, "activelearning/features.safetensors")


def groups_uri(desk: Desk) -> str:
    """Which objects are exact duplicates."""
    return join(desk.layout.root, "activelearning/groups.npz")


def training_uri(desk: Desk, number: int) -> str:
    """A round's model: `training/<round>/<job>-<round>/output/model.tar.gz`."""
    return join(desk.layout.root, f"training/{number}/{model_of(desk, number)}/output/model.tar.gz")


def scores_uri(desk: Desk, number: int) -> str:
    """What a round's model says of every object."""
    return join(desk.layout.root, f"inference/{number}/scores.npz")


def frozen_uri(desk: Desk, attempt: int, content: bytes) -> str:
    """What was frozen before an attempt's first draw; named by its content, so that nobody can write over it."""
    digest = hashlib.sha256(content).hexdigest()[:16]
    return join(desk.layout.root, f"activelearning/{attempt}/frozen-{digest}.json")


def certificate_uri(desk: Desk, attempt: int) -> str:
    """The certificate of an attempt."""
    return join(desk.layout.root, f"activelearning/{attempt}/certificate.json")


def certified_uri(desk: Desk, attempt: int) -> str:
    """Which objects an attempt certified, the machine's label of each and its confidence."""
    return join(desk.layout.root, f"activelearning/{attempt}/certified.npz")


def output_uri(desk: Desk, attempt: int) -> str:
    """The machine's labels of an attempt, each line `<object> <JSON>` as Ground Truth writes them."""
    return join(desk.layout.root, f"activelearning/{attempt}/{desk.job.name}/auto_annotator_output.txt")


def model_of(desk: Desk, number: int) -> str:
    """The name of a round's model."""
    return f"{desk.job.name[:100].lower()}-{number}"


def packed_model(model: bytes) -> bytes:
    """A model as Ground Truth's training jobs leave theirs: one file in a compressed archive."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz", compresslevel=1) as archive:
        entry = tarfile.TarInfo(MODEL_FILE)
        entry.size = len(model)
        archive.addfile(entry, io.BytesIO(model))
    return written.getvalue()


def unpacked_model(data: bytes) -> bytes:
    """The model in an archive. Raises InvalidInput, where there is none."""
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
            found = archive.extractfile(MODEL_FILE)
            if found is not None:
                return found.read()
    except (tarfile.TarError, OSError, EOFError, KeyError) as error:
        raise InvalidInput(f"expected an archive with {MODEL_FILE}: {error}", field="model") from error
    raise InvalidInput(f"expected an archive with {MODEL_FILE}, which is not in it", field="model")


def write_arrays(desk: Desk, uri: str, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays by name."""
    written = io.BytesIO()
    np.savez_compressed(written, **arrays)  # type: ignore[arg-type]
    desk.tools.storage.write(uri, written.getvalue())


def read_arrays(desk: Desk, uri: str) -> dict[str, NDArray[Any]]:
    """Arrays by name. Raises NotFound, Unavailable, InvalidInput."""
    try:
        with np.load(io.BytesIO(desk.tools.storage.read(uri)), allow_pickle=False) as found:
            return dict(found)
    except (ValueError, OSError) as error:
        raise InvalidInput(f"expected arrays in {uri}: {error}") from error


def as_json(value: Any) -> bytes:
    """JSON."""
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)


def read_json(desk: Desk, uri: str) -> Any:
    """Read JSON. Raises NotFound, Unavailable."""
    return orjson.loads(desk.tools.storage.read(uri))
