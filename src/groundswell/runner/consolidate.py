"""Answered objects to labels, or back to workers while the job wants to be surer.

Everything written follows from the annotations: a batch done twice (a runner died before its transaction) writes the
same answer files and the same labels again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import orjson

from groundswell.consolidation.estimates import Estimate
from groundswell.domain.labels import Label
from groundswell.domain.records import DataObject
from groundswell.domain.states import JobState, ObjectState
from groundswell.runner import post_annotation
from groundswell.runner.answers import absorb_of, catch_up
from groundswell.runner.apart import Work, decode_ahead, estimates_of
from groundswell.runner.auto_labeling import audited
from groundswell.runner.batches import (
    answer_files,
    answered_objects,
    begin_batch,
    by_iteration,
    commit_labels,
    in_parts,
    is_answered,
    may_begin,
    read_answered,
)
from groundswell.runner.desk import Desk
from groundswell.runner.expire import opened_before
from groundswell.runner.fits import refit_now_and_then
from groundswell.runner.labels import Answered, labels_of, see_pictures
from groundswell.runner.response_files import request_entry, response_entry, write_files
from groundswell.service import label_contexts, transitions, window
from groundswell.service.ports import ObjectFilter, Page, Transaction

SKILL_EVERY_S = 5.0
_RECONSIDER_EVERY_S = 2.0
_MOST_SKILLS = 10_000  # workers whose estimated skill is written down


def consolidate(desk: Desk) -> bool:
    """Label what has been answered, or ask one more worker; whether anything moved."""
    if desk.spec.hooks.post_annotation:
        return post_annotation.consolidate(desk)
    _reconsider(desk)
    if not desk.is_under_way("batch") and (not desk.job.counters.answered or not may_begin(desk)):
        return False
    if not desk.is_under_way("batch") and not desk.slice("catch-up", lambda: catch_up(desk)):
        return not desk.is_waiting
    desk.slice("batch", lambda: _batch(desk))
    return not desk.is_waiting and bool(desk.memory.get("batch"))


def _batch(desk: Desk) -> Work[None]:
    """Label some answered objects; those not sure enough ask for one more worker."""
    found = answered_objects(desk)
    desk.memory["batch"] = len(found)
    if desk.is_heavy:
        numbers = [one.n for one in found]
        answers = desk.read(lambda tx: tx.annotations.of_objects(desk.job.id, numbers))
        yield from decode_ahead(desk, answers, label_contexts.decoding(desk.job))
    batch = _readable(desk, read_answered(desk, found))
    absorb_of(desk, {answered.n: answered.answers for answered in batch})
    refit_now_and_then(desk)
    estimates = {one.object: one for one in (yield from estimates_of(desk, [answered.n for answered in batch]))}
    states = {one.n: one for one in found}
    doubtful = sorted((one for one in estimates.values() if _is_unsure(desk, one)), key=_certainty)
    unsure = _worth_asking(desk, [states[one.object] for one in _within_extra(desk, doubtful)])
    sure = [answered for answered in batch if answered.n not in unsure]
    labels = yield from _write_batch(desk, sure, estimates)
    for some in in_parts(labels):
        desk.write(partial(_commit, desk, some))
    if unsure:
        desk.write(lambda tx: _ask_again(tx, desk, unsure))
    _note_skill(desk)


def _readable(desk: Desk, batch: Sequence[Answered]) -> list[Answered]:
    """Objects with an answer that can be read; the others fail, or they would hold the job up for ever."""
    bare = [answered.n for answered in batch if not answered.answers]
    if bare:
        reason = "none of its answers can be read any more"
        desk.write(lambda tx: transitions.fail_objects(tx, desk.job, bare, reason=reason, at=desk.now))
    return [answered for answered in batch if answered.answers]


def _write_batch(desk: Desk, batch: Sequence[Answered], estimates: Mapping[int, Estimate]) -> Work[list[Label]]:
    if not batch:
        return []
    see_pictures(desk, batch)
    second = begin_batch(desk)
    files, labels = answer_files(desk, batch), []
    found = yield from labels_of(desk, [(answered, estimates[answered.n]) for answered in batch], desk.now)
    label_of = {label.n: label for label, _ in found}
    for _, extra in found:
        files |= extra
    for iteration, group in by_iteration(desk, batch):
        responses = []
        for answered in group:
            label = label_of[answered.n]
            labels.append(label)
            responses.append(response_entry(desk, answered.n, label.value, label.metadata))
        requests = [request_entry(desk, one.n, one.line, one.annotations) for one in group]
        files[desk.layout.consolidation_request(iteration, second)] = orjson.dumps(requests)
        files[desk.layout.consolidation_response(iteration, second)] = orjson.dumps(responses)
    write_files(desk, files)
    return labels


def _commit(desk: Desk, labels: Sequence[Label], tx: Transaction) -> None:
    commit_labels(tx, desk, labels)


def _ask_again(tx: Transaction, desk: Desk, unsure: Mapping[int, int]) -> None:
    again = {n: wanted for n, wanted in unsure.items() if is_answered(tx, desk, n)}
    if again:
        tx.tasks.ask_more(desk.job.id, again, at=desk.now)


def _is_unsure(desk: Desk, estimate: Estimate) -> bool:
    """Whether one more annotation may help: by what annotations can make certain, where the method tells it apart."""
    enough = audited.enough(desk, estimate.object)
    return enough is not None and _certainty(estimate) < enough


def _within_extra(desk: Desk, doubtful: Sequence[Estimate]) -> list[Estimate]:
    """Without those beyond what may be asked more than the job itself asks: the least certain come first."""
    left, kept = audited.allowance(desk) if desk.spec.auto_labeling.enabled else 0, []
    for one in doubtful:
        if audited.is_extra(desk, _certainty(one)):
            if not left:
                continue
            left -= 1
        kept.append(one)
    return kept


def _certainty(estimate: Estimate) -> float:
    return float(estimate.details.get("certainty", estimate.confidence))


def _worth_asking(desk: Desk, unsure: Sequence[DataObject]) -> dict[int, int]:
    """Objects that get one more worker, to the annotations then wanted: while time, people and budget allow.

    unsure : the least certain first; a budget too small for all goes to them.
    """
    if not unsure or desk.job.state is not JobState.IN_PROGRESS:
        return {}
    people = desk.read(lambda tx: tx.teams.member_count(desk.job.team_id))
    counters = desk.read(lambda tx: tx.jobs.counters(desk.job.id))
    before = opened_before(desk)
    worth = [
        one
        for one in unsure
        if one.answered < audited.most(desk, one.n)
        and one.answered + one.declined < people
        and (one.opened_at is None or one.opened_at > before)
    ]
    return {one.n: one.answered + 1 for one in worth[: window.affordable(desk.spec, counters)]}


def _reconsider(desk: Desk) -> None:
    """Take back the question for one more worker where what was learned since makes the label sure enough.

    Such objects wait at the end of the queue, and the workers' estimates grow better meanwhile.
    """
    if desk.live is None or desk.spec.consolidation.stop_at_confidence is None or not desk.job.counters.open:
        return
    if desk.is_under_way("catch-up") or not desk.due("reconsider", _RECONSIDER_EVERY_S):
        return
    page = Page(limit=desk.spec.workers.max_concurrent_objects)
    wanted = ObjectFilter(states=frozenset({ObjectState.OPEN}))
    found = desk.read(lambda tx: tx.objects.page(desk.job.id, wanted, page))
    waiting = [one.n for one, _ in found if not one.held and one.answered >= desk.spec.workers.per_object]
    sure = [one.object for one in desk.live.estimate(waiting) if not _is_unsure(desk, one)]
    if sure:
        desk.write(lambda tx: tx.objects.move(desk.job.id, sure, "answer"))


def _note_skill(desk: Desk) -> None:
    if desk.live is not None and desk.due("skill", SKILL_EVERY_S):
        note_skill(desk)


def note_skill(desk: Desk) -> None:
    """Write down each worker's estimated skill, for the job's page."""
    if desk.live is not None:
        skill = {worker: round(value, 4) for worker, value in desk.live.worker_skill().items()}
        desk.note(worker_skill=dict(list(skill.items())[:_MOST_SKILLS]))
