"""Patch features of a pool of small images: what typical patches look like, and where in an image they are.

Patches of 6 x 6 pixels are set to mean 0 and length 1, whitened and clustered (spherical k-means) into `MAPS` patterns;
an image is described by how much of each pattern is in each of the cells of a grid. Nothing is learned from labels.
Source: Coates, Lee and Ng 2011, "An analysis of single-layer networks in unsupervised feature learning".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

MAPS = 150
PATCH = 6
CELLS = 3
_SAMPLED = 40_000
_ROUNDS = 12
_IMAGES_AT_ONCE = 64

Images = NDArray[np.float32]


@dataclass(frozen=True)
class Patterns:
    """What was learned of a pool's patches: enough to describe images that were not in it."""

    mean: NDArray[np.float32]  # (P,)
    whitening: NDArray[np.float32]  # (P, P)
    centres: NDArray[np.float32]  # (MAPS, P), of length 1


def learn_patterns(images: Images, rng: np.random.Generator) -> Patterns:
    """The patterns of images (N, S, S, channels)."""
    some = images[rng.choice(len(images), min(len(images), 4_000), replace=False)]
    each = max(1, _SAMPLED // len(some))
    span = images.shape[1] - PATCH + 1
    patches = np.concatenate(
        [
            _normalized(_patches(some[start : start + _IMAGES_AT_ONCE]))[
                :, rng.choice(span * span, min(each, span * span), replace=False)
            ].reshape(-1, PATCH * PATCH * images.shape[3])
            for start in range(0, len(some), _IMAGES_AT_ONCE)
        ]
    )
    patches = patches[np.abs(patches).sum(axis=1) > 1e-6]
    if not len(patches):
        patches = np.eye(PATCH * PATCH * images.shape[3], dtype=np.float32)
    mean = patches.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov(patches - mean, rowvar=False))
    floor = 0.1 * float(values.max())
    whitening = ((vectors / np.sqrt(np.maximum(values, 0) + floor)) @ vectors.T).astype(np.float32)
    white = (patches - mean) @ whitening
    return Patterns(mean.astype(np.float32), whitening, _clusters(white, rng))


def describe(images: Images, patterns: Patterns) -> NDArray[np.float32]:
    """(N, CELLS * CELLS * MAPS) how much of each pattern is in each cell ("triangle" activation, summed)."""
    found = np.empty((len(images), CELLS * CELLS * len(patterns.centres)), np.float32)
    span = images.shape[1] - PATCH + 1
    edges = np.linspace(0, span, CELLS + 1).astype(int)
    for start in range(0, len(images), _IMAGES_AT_ONCE):
        patches = _normalized(_patches(images[start : start + _IMAGES_AT_ONCE]))
        white = (patches.reshape(-1, patches.shape[2]) - patterns.mean) @ patterns.whitening
        apart = np.sqrt(np.maximum((white**2).sum(axis=1)[:, None] - 2 * white @ patterns.centres.T + 1, 0))
        active = np.maximum(apart.mean(axis=1, keepdims=True) - apart, 0).reshape(len(patches), span, span, -1)
        rows = np.add.reduceat(active, edges[:-1], axis=1)
        found[start : start + len(patches)] = np.add.reduceat(rows, edges[:-1], axis=2).reshape(len(patches), -1)
    return found


def _patches(images: Images) -> Images:
    """(N, places, P)."""
    windows = sliding_window_view(images, (PATCH, PATCH), axis=(1, 2))
    return windows.reshape(len(images), windows.shape[1] * windows.shape[2], -1)


def _normalized(patches: Images) -> Images:
    centred = patches - patches.mean(axis=2, keepdims=True)
    spread: Images = (centred / np.sqrt((centred**2).mean(axis=2, keepdims=True) + 0.01)).astype(np.float32)
    return spread


def _clusters(white: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    centres = rng.standard_normal((MAPS, white.shape[1])).astype(np.float32)
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    for _ in range(_ROUNDS):
        likeness = white @ centres.T
        nearest = np.abs(likeness).argmax(axis=1)
        strength = likeness[np.arange(len(white)), nearest]
        fresh = np.zeros_like(centres)
        np.add.at(fresh, nearest, white * strength[:, None])
        centres = fresh + centres
        centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    return centres.astype(np.float32)
