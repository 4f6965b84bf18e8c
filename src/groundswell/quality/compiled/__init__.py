"""Loops that numba compiles, named as the file whose large inputs they take (`groundswell.consolidation.fast`)."""
