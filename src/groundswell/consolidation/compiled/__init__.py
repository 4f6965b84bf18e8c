"""Loops that numba compiles, one file a family of kernels, named as the file whose large inputs they take (`fast.py`).

Only this room and `groundswell.quality.compiled` import numba, and nothing imports them but `fast.py`.
"""
