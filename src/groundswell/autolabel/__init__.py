"""What a model may label itself, and the proof that it may: learners, calibration, audits, selection, rounds.

Pure: no clock, disk or network; a random generator or a seed is an argument. A job's loop (who is asked when, where
models and features are kept) is elsewhere (`groundswell.runner`), and so are replays of labeled files
(`groundswell.offline`). docs/concepts/auto-labeling.md derives the certificate.
"""
