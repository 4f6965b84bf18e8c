"""Ground Truth's model against its published numbers and its production labels."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from groundswell.consolidation import Consolidator, ModifiedDawidSkene, Votes


@pytest.fixture
def worked_example() -> Votes:
    """Five objects, three workers: AAB, BBB, CCA, AAA, BCC."""
    answers = ["AAB", "BBB", "CCA", "AAA", "BCC"]
    rows = [(n, f"w{w}", label) for n, line in enumerate(answers) for w, label in enumerate(line)]
    task, worker, label = zip(*rows, strict=True)
    return Votes.from_columns(task=task, worker=worker, label=label)


@pytest.mark.parametrize(
    ("rounds", "first", "third", "fifth", "log_likelihood"),
    [
        (1, [0.7935, 0.1700, 0.0364], [0.1700, 0.0364, 0.7935], [0.0364, 0.1700, 0.7935], -14.731723),
        (2, [0.9503, 0.0418, 0.0079], [0.0634, 0.0108, 0.9258], [0.0162, 0.0931, 0.8907], -13.160403),
        (20, [0.9926, 0.0057, 0.0017], [0.0095, 0.0015, 0.9890], [0.0030, 0.0205, 0.9765], -12.252086),
    ],
)
def test_worked_example(
    worked_example: Votes,
    rounds: int,
    first: list[float],
    third: list[float],
    fifth: list[float],
    log_likelihood: float,
) -> None:
    model = ModifiedDawidSkene(max_iter=rounds).fit(worked_example)
    assert np.allclose(model.posterior_[[0, 2, 4]], [first, third, fifth], atol=6e-5)
    assert model.log_likelihood_[-1] == pytest.approx(log_likelihood, abs=1e-6)
    assert model.n_iter_ == min(rounds, 16)


def acs_answers(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    """Iteration, object number, worker and class of each annotation of the real job."""
    for file in sorted(folder.glob("worker-response/iteration-*/*/*.json")):
        for answer in json.loads(file.read_text())["answers"]:
            label = answer["answerContent"]["crowd-image-classifier"]["label"]
            yield file.parts[-3], file.parts[-2], answer["workerId"], label.replace(" ", "")


def test_production_labels_of_a_real_job(shared_data: Path) -> None:
    """The same label as production on at least 301 of 302 objects; the default is as right as this model."""
    folder = shared_data / "acs" / "ic_data"
    lines = [json.loads(line) for line in (folder / "output.manifest").read_text().splitlines()]
    production = [line["birds-open-images-clone-metadata"]["class-name"].replace(" ", "") for line in lines]
    known = {
        row["ImageId"]: row["Label"].replace(" ", "") for row in json.loads((folder / "true_labels.json").read_text())
    }
    truth = [known[Path(line["source-ref"]).stem] for line in lines]
    _, task, worker, label = zip(*acs_answers(folder), strict=True)
    votes = Votes.from_columns(task=[int(n) for n in task], worker=worker, label=label)
    assert (votes.n_objects, votes.n_workers, len(votes)) == (302, 97, 1510)
    modified, default = ModifiedDawidSkene().fit(votes).labels_, Consolidator().fit(votes).labels_
    assert np.count_nonzero(modified == np.array(production)) >= 301
    right = [int(np.count_nonzero(labels == np.array(truth))) for labels in (production, modified, default)]
    assert right[0] == 272 and right[2] >= right[1] >= 273
