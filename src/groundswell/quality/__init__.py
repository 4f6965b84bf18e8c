"""How good labels and workers are: agreement, calibration, spam and collusion, labels to look at again.

One question a file: `agreement.py` (classes and numbers), `distances.py` (any structure), `calibration.py`,
`detection.py` (boxes against truth), `spam.py`, `label_errors.py`. Pure: arrays in, numbers out. Elsewhere: estimating
truth and workers together (`groundswell.consolidation`).
"""
