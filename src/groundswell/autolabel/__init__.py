"""Learners, calibration, thresholds and selection: what a model may label itself. Its work begins with a later release."""
