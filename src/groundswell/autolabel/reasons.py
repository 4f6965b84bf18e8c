"""Why a job's machine labels are what they are, in words for reports: above all where nothing could be labeled."""

from __future__ import annotations

import numpy as np

from groundswell.autolabel.audit_plan import LEAST_OBJECTS, Promise
from groundswell.autolabel.learner import Scores
from groundswell.autolabel.rounds import Origin, RoundsState

EXAMPLES = 40
_NOISY = 0.6
"""A floor of this part of the tolerance makes proof dear; the words say so."""


def least_objects(batch: int) -> int:
    """With fewer objects no model can pay: a batch to learn from, an audit, and something left to label."""
    return batch + 4 * LEAST_OBJECTS


def explain(state: RoundsState, objects: int, batch: int, promise: Promise) -> str:
    """One or two sentences: how it ended, and where nothing could be labeled, why."""
    if state.certified:
        return f"{len(state.certified):,} labels by machine are certified; {state.reason}."
    if objects < least_objects(batch):
        return (
            f"There are {objects:,} objects; auto-labeling needs about {least_objects(batch):,} with batches of "
            f"{batch:,}, so people label everything."
        )
    floor = state.rounds[-1].calibration.floor if state.rounds else 0.0
    if floor >= _NOISY * promise.tolerance:
        return (
            f"People's labels and the model disagree on {floor:.1%} of the objects where the model is surest, so that "
            f"{promise.target:.4g} cannot be proven at a price that pays: look at the examples, they are where labels "
            "are noise or instructions are unclear. People label everything."
        )
    if state.attempt:
        return f"{state.attempt} audits certified nothing: the model errs more than {promise.tolerance:.3g} allows."
    return "No model was expected to reach the target on enough objects to pay for its audit; people label everything."


def disagreements(state: RoundsState, rows: list[int], left_out: Scores) -> list[int]:
    """Up to `EXAMPLES` randomly drawn rows where the model, fitted without them, is surest and people say otherwise."""
    random = [i for i, row in enumerate(rows) if state.origins.get(row) is Origin.RANDOM]
    wrong = [i for i in random if int(left_out.best[i]) != state.labels[rows[i]]]
    order = np.argsort([-left_out.margin[i] for i in wrong], kind="stable")
    return [rows[wrong[int(place)]] for place in order[:EXAMPLES]]
