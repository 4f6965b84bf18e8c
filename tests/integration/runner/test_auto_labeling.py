"""The loop of automated labeling from the first draw to certified labels, killed on the way, and where it cannot be."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from groundswell.autolabel.certificate import check_certificate
from groundswell.autolabel.draws import drawn_order
from groundswell.autolabel.rounds_state import plan_from_json
from groundswell.domain.auto_labeling import AutoLabeling, Decision, DecisionKind, Phase
from groundswell.domain.labels import Label
from groundswell.domain.states import JobState
from groundswell.runner.auto_labeling import learners, studying
from groundswell.service.ports import EventFilter, Page
from integration.crashing import Crashing, Fuse, Killed
from integration.runner_house import LABELS, House
from integration.word_learner import WordFeatures, WordLearner, WordModel

WORDS = {
    "owl": ["night", "hoot", "mouse", "silent", "moon", "tree"],
    "duck": ["pond", "quack", "bread", "swim", "reed", "water"],
    "hawk": ["claw", "dive", "cliff", "sharp", "prey", "wind"],
}
COMMON = ["the", "a", "bird"]
ASKED = {"enabled": True, "seed": 5}


def texts(count: int, *, seed: int = 1, words: int = 5) -> tuple[list[dict[str, Any]], list[str]]:
    """Texts that words tell apart, the better the more there are, and what each is about."""
    rng = random.Random(seed)
    truth = [rng.choice(LABELS) for _ in range(count)]
    said = [" ".join(rng.choices(WORDS[label] + COMMON, k=words)) for label in truth]
    return [{"source": f"{n} {text}"} for n, text in enumerate(said)], truth


def loop(house: House) -> AutoLabeling:
    found: AutoLabeling = house.read(lambda tx: tx.auto_labeling.get(house.job().id))
    return found


def decisions(house: House, kind: DecisionKind) -> list[Decision]:
    found: list[Decision] = house.read(lambda tx: tx.auto_labeling.decisions(house.job().id, kind))
    return found


def labels(house: House) -> dict[int, Label]:
    return {one.n: one for one in house.read(lambda tx: list(tx.labels.all(house.job().id)))}


@pytest.fixture(autouse=True)
def words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts are learned by their words."""
    monkeypatch.setattr(learners, "has_learner", lambda kind: True)
    monkeypatch.setattr(learners, "learner_for", lambda task_type, labels: WordLearner())


@pytest.fixture
def workers(house: House) -> list[str]:
    return house.add_workers(4)


def work_until(
    house: House, answer: Callable[[str, int], str], workers: list[str], *, done: Callable[[], bool] | None = None
) -> None:
    """People label a part at a time, as people do, until the job has completed, or something else is so."""
    for _ in range(800):
        house.tick(seconds=0.5)
        if (done or (lambda: house.job().state is JobState.COMPLETED))():
            return
        if house.job().state is JobState.IN_PROGRESS:
            house.work(answer, workers, rounds=30)
    raise AssertionError(f"not done: {loop(house)} {house.job()}")


def test_people_label_a_part_and_a_certified_model_the_rest(house: House, workers: list[str]) -> None:
    lines, truth = texts(700)
    house.create(lines, auto_labeling=ASKED, workers={"per_object": 1})
    work_until(house, lambda worker, n: truth[n], workers)
    counters = house.job().counters
    assert counters.labeled == 700 and counters.machine_labeled > 300
    output = house.output()
    machine = [n for n, line in enumerate(output) if line["Birds-1-metadata"]["human-annotated"] == "no"]
    assert len(machine) == counters.machine_labeled
    assert sum(LABELS[output[n]["Birds-1"]] == truth[n] for n in machine) / len(machine) >= 0.95
    said = output[machine[0]]["Birds-1-metadata"]
    assert 0 < said["confidence"] <= 1 and ":model/birds-1-" in said["model-arn"]
    assert {"activelearning/1/Birds-1/auto_annotator_output.txt", "activelearning/1/certificate.json"} <= set(
        house.files("")
    )
    written = house.storage.read(f"{house.job().output_uri}/activelearning/1/Birds-1/auto_annotator_output.txt")
    number, _, line = written.decode().splitlines()[0].partition(" ")
    assert json.loads(line)["id"] == int(number) == machine[0] or int(number) in machine
    model = decisions(house, DecisionKind.ATTEMPT)[0].data["model"]
    assert house.read(lambda tx: tx.models.get(model)).learner == "words"
    check_order(house)
    certificate = json.loads(house.storage.read(f"{house.job().output_uri}/activelearning/1/certificate.json"))
    assert check_certificate(certificate) == []
    assert certificate["machine_labeled"] >= counters.machine_labeled
    told = [one.kind for one in house.read(lambda tx: tx.events.page(EventFilter(kind="auto_labeling"), Page()))][::-1]
    assert told[0] == "auto_labeling.round" and told[-1] == "auto_labeling.ended"
    assert "auto_labeling.audit" in told and "auto_labeling.certified" in told


def check_order(house: House) -> None:
    """What was drawn is what the seed fixed, in that order."""
    attempt = decisions(house, DecisionKind.ATTEMPT)[0].data
    plan = plan_from_json(json.loads(house.storage.read(attempt["frozen"]))["plan"])
    weights = None if plan.weights is None else np.array(plan.weights, np.float64)
    order = [int(plan.objects[place]) for place in drawn_order(5, "audit/1", plan.objects, weights)]
    dropped = set(order) - set(attempt["drawn"])
    assert [n for n in order if n not in dropped] == attempt["drawn"]
    assert [one.number for one in decisions(house, DecisionKind.ROUND)] == list(range(1, loop(house).round + 1))


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_runner_that_is_killed_again_and_again_comes_to_a_proven_end(
    house: House, workers: list[str], after: bool
) -> None:
    """Every few of its effects, in every phase; the attempt goes on in its order, at its level, with its plan."""
    lines, truth = texts(700)
    fuse = Fuse()
    house.runner_store, house.runner_storage = Crashing(house.store, fuse), Crashing(house.storage, fuse)
    house.new_runner()
    house.create(lines, auto_labeling=ASKED, workers={"per_object": 1})
    phases: set[Phase | None] = set()
    frozen: dict[int, str] = {}
    for tick in range(1_500):
        fuse.left, fuse.after = (3 + tick % 3, after) if fuse.left is None else (fuse.left, after)
        try:
            house.tick(seconds=0.5)
        except Killed:
            phases.add(loop(house).phase if house.read(lambda tx: tx.auto_labeling.get(house.job().id)) else None)
            fuse.left = None
            house.new_runner("another")
            house.tick(seconds=10)
        if house.job().state is JobState.COMPLETED:
            break
        for made in decisions(house, DecisionKind.ATTEMPT):
            assert frozen.setdefault(made.number, made.data["frozen"]) == made.data["frozen"]
        house.work(lambda worker, n: truth[n], workers, rounds=30)
    assert house.job().state is JobState.COMPLETED, loop(house)
    assert {Phase.LEARNING, Phase.AUDITING, Phase.LABELING} <= phases
    counters = house.job().counters
    assert counters.labeled == 700 and counters.machine_labeled > 250
    wrong = [n for n, one in labels(house).items() if not one.human and one.category != truth[n]]
    assert len(wrong) <= 0.05 * counters.machine_labeled
    for n, one in labels(house).items():
        history = house.read(lambda tx, n=n: tx.labels.history(house.job().id, n))  # type: ignore[misc]
        assert [past.human for past in history] == ([False] if not one.human else [True] * len(history))


def test_too_few_objects_go_to_people_and_the_job_says_how_many_are_needed(house: House, workers: list[str]) -> None:
    lines, truth = texts(60)
    house.create(lines, auto_labeling=ASKED)
    work_until(house, lambda worker, n: truth[n], workers)
    assert house.job().counters.human_labeled == 60
    assert loop(house).phase is Phase.ENDED and "300" in (loop(house).reason or "")


def test_labels_that_are_noise_are_never_the_machines(house: House, workers: list[str]) -> None:
    lines, _ = texts(320)
    noise = random.Random(3)
    said = [noise.choice(LABELS) for _ in lines]
    house.create(lines, auto_labeling=ASKED, workers={"per_object": 1})
    work_until(house, lambda worker, n: said[n], workers)
    counters = house.job().counters
    assert counters.human_labeled == 320 and counters.machine_labeled == 0
    assert counters.annotations <= 1.05 * 320
    assert loop(house).phase is Phase.ENDED and loop(house).reason


def test_one_class_alone_teaches_nothing(house: House, workers: list[str]) -> None:
    lines, _ = texts(340)
    house.create(lines, auto_labeling=ASKED, workers={"per_object": 1})
    work_until(house, lambda worker, n: "owl", workers)
    assert house.job().counters.human_labeled == 340
    assert "owl" in (loop(house).reason or "")


def test_a_learner_that_fails_leaves_everything_to_people(
    house: House, workers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(asked: studying.Study) -> studying.Findings:
        raise MemoryError("the accelerator is gone")

    monkeypatch.setattr(studying, "study", broken)
    lines, truth = texts(320)
    house.create(lines, auto_labeling=ASKED, workers={"per_object": 1})
    work_until(house, lambda worker, n: truth[n], workers)
    assert house.job().counters.human_labeled == 320
    assert "the accelerator is gone" in (loop(house).reason or "")


def test_a_full_disk_in_training_leaves_everything_to_people(house: House, workers: list[str]) -> None:
    class Full:
        def __getattr__(self, name: str) -> Any:
            return getattr(house.storage, name)

        def write(self, uri: str, data: bytes, *, content_type: str | None = None) -> None:
            if "/training/" in uri:
                raise OSError(28, "No space left on device")
            house.storage.write(uri, data, content_type=content_type)

    house.runner_storage = Full()
    house.new_runner()
    lines, truth = texts(320)
    house.create(lines, auto_labeling=ASKED, workers={"per_object": 1})
    work_until(house, lambda worker, n: truth[n], workers)
    assert house.job().counters.human_labeled == 320
    assert "No space left" in (loop(house).reason or "")


def test_audited_objects_get_answers_until_they_are_sure(house: House) -> None:
    """Where two people disagree others are asked; the machine's errors are its own."""
    workers = house.add_workers(6)
    lines, truth = texts(800, words=8)
    house.create(lines, auto_labeling=ASKED, workers={"per_object": 2})

    def answer(worker: str, n: int) -> str:
        slips = n % 25 == 7 * int(worker[1:])
        return LABELS[(LABELS.index(truth[n]) + slips) % 3]

    work_until(house, answer, workers)
    attempt = decisions(house, DecisionKind.ATTEMPT)[0].data
    found = labels(house)
    drawn = attempt["drawn"]
    assert max(found[n].annotation_count for n in drawn) > 2
    assert sum(found[n].category == truth[n] for n in drawn) / len(drawn) > 0.99
    counters = house.job().counters
    assert counters.machine_labeled > 200
    assert counters.annotations <= 2 * counters.human_labeled + 0.05 * 2 * 800 + 12


class DullLearner(WordLearner):
    """Learns nothing."""

    def fit(self, features: WordFeatures, rows: Any, labels: Any, **more: Any) -> WordModel:
        nothing = np.zeros((features.words.shape[1], more["classes"]), np.float32)
        return WordModel(nothing, np.zeros((len(rows), more["classes"])))


def test_a_job_may_begin_with_a_kept_model(house: House, workers: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    lines, truth = texts(600)
    house.create(lines, auto_labeling=ASKED, workers={"per_object": 1})
    work_until(house, lambda worker, n: truth[n], workers)
    model = decisions(house, DecisionKind.ATTEMPT)[-1].data["model"]
    monkeypatch.setattr(learners, "learner_for", lambda task_type, labels: DullLearner())
    house.current = "Birds-2"
    more, what = texts(600, seed=2)
    asked = {**ASKED, "initial_model": f"arn:aws:sagemaker:eu-west-1:111122223333:model/{model}"}
    house.create(more, name="Birds-2", input="s3://in/more.manifest", auto_labeling=asked, workers={"per_object": 1})
    work_until(house, lambda worker, n: what[n], workers)
    assert house.job().counters.machine_labeled > 200


def test_a_stopping_condition_leaves_room_for_the_proof(house: House, workers: list[str]) -> None:
    """Of 700 objects people may label 200: training ends in time for the audit, and the model labels within them."""
    lines, truth = texts(700, words=7)
    house.create(lines, auto_labeling=ASKED, workers={"per_object": 1}, stop_when={"human_labeled": 200})
    work_until(house, lambda worker, n: truth[n], workers)
    counters = house.job().counters
    assert counters.human_labeled <= 200 and counters.machine_labeled > 300


def test_floors_are_proven_class_by_class_and_duplicates_are_asked_once(house: House, workers: list[str]) -> None:
    lines, truth = texts(600)
    lines += [dict(lines[n]) for n in range(60)]  # exact copies
    truth += truth[:60]
    house.create(lines, auto_labeling={**ASKED, "class_floors": True}, workers={"per_object": 1})
    work_until(house, lambda worker, n: truth[n], workers)
    attempt = decisions(house, DecisionKind.ATTEMPT)[0].data
    assert {chain["chain"] for chain in attempt["chains"]} <= set(LABELS) and len(attempt["chains"]) > 1
    found = labels(house)
    for label in LABELS:
        said = [n for n, one in found.items() if not one.human and one.category == label]
        assert sum(truth[n] == label for n in said) >= 0.95 * len(said)
    assert house.job().counters.labeled == 660
