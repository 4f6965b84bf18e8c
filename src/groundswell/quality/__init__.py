"""How good labels and workers are: agreement, calibration, spam and collusion, labels to look at again.

One question a file: `agreement.py` (classes and numbers), `distances.py` (any structure), `detection.py` (boxes against
truth), `spam.py`, `label_errors.py`. Pure: arrays in, numbers out. Elsewhere (`groundswell.consolidation`): estimating
truth and workers together, and setting confidences right, which that does too (`calibration.py`, `recalibration.py`);
names of the latter are given here as well. Names load their module when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOMES = {
    "agreement": (
        "PairAgreement",
        "alpha_by_label",
        "cohen_kappa",
        "fleiss_kappa",
        "gwet_ac1",
        "krippendorff_alpha",
        "pairwise_agreement",
        "percent_agreement",
    ),
    "beta_calibration": ("BetaCalibration", "fit_beta_calibration"),
    "calibration": ("Calibration", "calibration_error", "gold_accuracy"),
    "detection": ("DetectionScore", "score_detections"),
    "distances": ("Agreement", "alpha_by_distance", "distance_for"),
    "label_errors": ("LabelErrorCandidate", "disputed_objects", "label_error_candidates"),
    "recalibration": ("Recalibration", "recalibrate"),
    "spam": ("Collusion", "WorkerSignals", "collusion", "spam_scores", "worker_signals"),
}
_ELSEWHERE = "beta_calibration", "calibration", "recalibration"  # in `groundswell.consolidation`
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

if TYPE_CHECKING:
    from groundswell.consolidation.beta_calibration import BetaCalibration as BetaCalibration
    from groundswell.consolidation.beta_calibration import fit_beta_calibration as fit_beta_calibration
    from groundswell.consolidation.calibration import Calibration as Calibration
    from groundswell.consolidation.calibration import calibration_error as calibration_error
    from groundswell.consolidation.calibration import gold_accuracy as gold_accuracy
    from groundswell.consolidation.recalibration import Recalibration as Recalibration
    from groundswell.consolidation.recalibration import recalibrate as recalibrate
    from groundswell.quality.agreement import PairAgreement as PairAgreement
    from groundswell.quality.agreement import alpha_by_label as alpha_by_label
    from groundswell.quality.agreement import cohen_kappa as cohen_kappa
    from groundswell.quality.agreement import fleiss_kappa as fleiss_kappa
    from groundswell.quality.agreement import gwet_ac1 as gwet_ac1
    from groundswell.quality.agreement import krippendorff_alpha as krippendorff_alpha
    from groundswell.quality.agreement import pairwise_agreement as pairwise_agreement
    from groundswell.quality.agreement import percent_agreement as percent_agreement
    from groundswell.quality.detection import DetectionScore as DetectionScore
    from groundswell.quality.detection import score_detections as score_detections
    from groundswell.quality.distances import Agreement as Agreement
    from groundswell.quality.distances import alpha_by_distance as alpha_by_distance
    from groundswell.quality.distances import distance_for as distance_for
    from groundswell.quality.label_errors import LabelErrorCandidate as LabelErrorCandidate
    from groundswell.quality.label_errors import disputed_objects as disputed_objects
    from groundswell.quality.label_errors import label_error_candidates as label_error_candidates
    from groundswell.quality.spam import Collusion as Collusion
    from groundswell.quality.spam import WorkerSignals as WorkerSignals
    from groundswell.quality.spam import collusion as collusion
    from groundswell.quality.spam import spam_scores as spam_scores
    from groundswell.quality.spam import worker_signals as worker_signals

__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = _HOME_OF[name]
    room = "groundswell.consolidation" if home in _ELSEWHERE else __name__
    value = getattr(import_module(f"{room}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME_OF})
