"""The numbers of a job's page, each computed in bounded time however large the job is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from groundswell.domain.job_notes import ReliabilityNote
from groundswell.domain.money import usd_to_micros
from groundswell.domain.records import JobCounters, LabelingJob
from groundswell.domain.states import ENDED, JobState, ObjectState
from groundswell.service.job_specs import spec_of
from groundswell.service.objects import LOW_CONFIDENCE, answer_category
from groundswell.service.ports import ObjectFilter, Page, Transaction
from groundswell.tasktypes import registry

WINDOW_S = 600
"""Throughput is that of the last ten minutes (or of the job's life, when that is shorter)."""
SAMPLED_OBJECTS = 500
CONFIDENCE_BINS = 20
MANY_WORKERS = 200


@dataclass(frozen=True)
class WorkerNumbers:
    """What one worker did in a job."""

    worker_id: str
    name: str
    annotations: int
    share: float  # of the job's annotations
    median_s: float
    last_at: datetime
    accuracy: float | None  # estimated: by consolidation where it ran, else agreement with the labels
    estimated_by: str | None  # consolidation | agreement


@dataclass(frozen=True)
class JobReport:
    """A job in numbers."""

    counters: JobCounters
    done: int  # objects that need nothing more
    annotations_per_min: float
    labels_per_min: float
    time_left_s: float | None
    annotations_per_object: float | None
    max_per_object: int
    budget_usd_micros: int | None
    usd_micros_per_label: float | None
    agreement: float | None  # Krippendorff's alpha (nominal) of a sample
    disputed: int
    low_confidence: int
    distribution: Mapping[str, int]
    confidence_histogram: Sequence[int]
    over_time: Sequence[tuple[datetime, int, int]]
    pace: Sequence[tuple[datetime, float]]  # annotations a minute
    workers: Sequence[WorkerNumbers]
    reliability: ReliabilityNote | None = None  # what known labels say of confidences; None: too few are known


def report(tx: Transaction, job: LabelingJob, *, at: datetime) -> JobReport:
    """The numbers as they are at this time."""
    now = tx.jobs.counters(job.id)
    spec = spec_of(job)
    pace = _pace(tx, job, at)
    rate = _rate(pace, job, at)
    per_object = now.annotations / now.human_labeled if now.human_labeled else None
    left = now.pending + now.open + now.answered
    sample = _sample(tx, job)
    budget = spec.stop_when.budget_usd
    return JobReport(
        counters=now,
        done=objects_done(now),
        annotations_per_min=rate,
        labels_per_min=rate / per_object if per_object else 0.0,
        time_left_s=_time_left(job, left, per_object or float(spec.workers.per_object), rate),
        annotations_per_object=per_object,
        max_per_object=spec.max_per_object,
        budget_usd_micros=usd_to_micros(str(budget)) if budget is not None else None,
        usd_micros_per_label=now.spent_usd_micros / now.human_labeled if now.human_labeled else None,
        agreement=_agreement(sample),
        disputed=tx.objects.count(job.id, ObjectFilter(disputed=True)),
        low_confidence=tx.objects.count(
            job.id, ObjectFilter(states=frozenset({ObjectState.LABELED}), max_confidence=LOW_CONFIDENCE)
        ),
        distribution=dict(tx.labels.distribution(job.id)),
        confidence_histogram=list(tx.labels.confidence_histogram(job.id, bins=CONFIDENCE_BINS)),
        over_time=_over_time(tx, job, at),
        pace=pace,
        workers=_worker_numbers(tx, job, now, sample),
        reliability=job.progress.get("reliability"),
    )


def objects_done(counters: JobCounters) -> int:
    """Data objects that need nothing more."""
    return counters.labeled + counters.failed + counters.skipped


def nominal_alpha(units: Sequence[Sequence[str]]) -> float | None:
    """Krippendorff's alpha for nominal data: 1 minus observed over expected disagreement; None without pairs.

    Source: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, section C.
    """
    paired = [unit for unit in units if len(unit) > 1]
    totals = Counter(value for unit in paired for value in unit)
    n = sum(totals.values())
    if n < 2:
        return None
    observed = 0.0
    for unit in paired:
        counts, m = Counter(unit), len(unit)
        observed += (m * m - sum(c * c for c in counts.values())) / (m - 1)
    expected = (n * n - sum(c * c for c in totals.values())) / (n - 1)
    return 1.0 if expected == 0 else 1.0 - observed / expected


def _sample(tx: Transaction, job: LabelingJob) -> list[tuple[str | None, list[tuple[str, str]]]]:
    """(label's category, [(worker, answer's category)]) of the first labeled objects."""
    wanted = ObjectFilter(states=frozenset({ObjectState.LABELED}), human=True)
    labels = {found.n: label for found, label in tx.objects.page(job.id, wanted, Page(limit=SAMPLED_OBJECTS))}
    answers: dict[int, list[tuple[str, str]]] = {n: [] for n in labels}
    # Answers that are never one category are not read: each may be a painted picture.
    for one in () if registry.get(job.task_type).needs_picture else tx.annotations.of_objects(job.id, sorted(labels)):
        category = answer_category(job, one)
        if category is not None:
            answers[one.n].append((one.annotator_id, category))
    return [(label.category if label else None, answers[n]) for n, label in labels.items()]


def _agreement(sample: Sequence[tuple[str | None, list[tuple[str, str]]]]) -> float | None:
    return nominal_alpha([[category for _, category in answers] for _, answers in sample])


def _worker_numbers(
    tx: Transaction,
    job: LabelingJob,
    now: JobCounters,
    sample: Sequence[tuple[str | None, list[tuple[str, str]]]],
) -> list[WorkerNumbers]:
    skill = job.progress.get("worker_skill", {})
    right: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for truth, answers in sample:
        for worker_id, category in answers:
            seen[worker_id] += 1
            right[worker_id] += category == truth
    found = []
    totals = sorted(tx.annotations.worker_totals(job.id), key=lambda row: (-row[1], row[0]))
    for worker_id, count, median_s, last_at in totals[:MANY_WORKERS]:
        accuracy, how = _accuracy(worker_id, skill, right, seen)
        name = tx.annotators.get(worker_id).name
        share = count / now.annotations if now.annotations else 0.0
        found.append(WorkerNumbers(worker_id, name, count, share, median_s, last_at, accuracy, how))
    return found


def _accuracy(
    worker_id: str, skill: Mapping[str, float], right: Mapping[str, int], seen: Mapping[str, int]
) -> tuple[float | None, str | None]:
    """Consolidation's estimate where there is one, else the share of sampled answers that agree with the label."""
    if worker_id in skill:
        return skill[worker_id], "consolidation"
    if seen.get(worker_id):
        return right[worker_id] / seen[worker_id], "agreement"
    return None, None


def _over_time(tx: Transaction, job: LabelingJob, at: datetime) -> list[tuple[datetime, int, int]]:
    """Labels so far, from the job's start to now, or to its end."""
    points = tx.labels.over_time(job.id)
    if not points:
        return []
    start, end = job.started_at or job.created_at, job.ended_at or at
    before = [(start, 0, 0)] if start < points[0][0] else []
    after = [(end, *points[-1][1:])] if end > points[-1][0] else []
    return [*before, *points, *after]


def _pace(tx: Transaction, job: LabelingJob, at: datetime) -> list[tuple[datetime, float]]:
    """Annotations a minute over the job's last hour: by minutes, or by ten seconds while there are few minutes."""
    end = job.ended_at or at
    since = max(end - timedelta(hours=1), job.started_at or job.created_at)
    seconds = 60 if end - since > timedelta(minutes=15) else 10
    counts: Counter[int] = Counter()
    for moment, count in tx.annotations.per_interval(job.id, since=since, seconds=seconds):
        counts[max(0, int((moment - since).total_seconds() // seconds))] += count
    steps = int((end - since).total_seconds() // seconds)
    return [(since + timedelta(seconds=i * seconds), counts[i] * 60 / seconds) for i in range(steps + 1)]


def _rate(pace: Sequence[tuple[datetime, float]], job: LabelingJob, at: datetime) -> float:
    """Annotations a minute, on average over the window; an ended job's is that of its last minutes."""
    end = job.ended_at or at
    begin = end - timedelta(seconds=WINDOW_S)
    recent = [rate for moment, rate in pace if moment >= begin]
    return sum(recent) / len(recent) if recent else 0.0


def _time_left(job: LabelingJob, objects_left: int, per_object: float, rate: float) -> float | None:
    """Seconds until every object has its annotations at this rate; None when nothing moves or nothing is left."""
    if job.state in ENDED or job.state is not JobState.IN_PROGRESS or not objects_left or rate <= 0:
        return None
    return objects_left * per_object / rate * 60
