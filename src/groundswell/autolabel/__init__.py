"""What a model may label itself: learners, calibration, thresholds, selection. Its work begins with a later release."""
