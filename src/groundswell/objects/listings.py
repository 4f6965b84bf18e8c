"""Which objects of a bucket were seen in a listing: eight bytes a name, so that a million cost no more than 8 MB.

NumPy is imported where it is used: a server that lists nothing starts a tenth of a second sooner without it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WORTH_LISTING = 200  # keys of one folder asked for before it is listed
_MOST_FOLDERS = 8  # listings kept
_FRESH_S = 60.0  # objects may be deleted: older listings prove nothing


class Listings:
    """Folders listed so far. Two names with one 64-bit hash would be confused: once in 10^7 million-name listings."""

    def __init__(self) -> None:
        self._asked: Counter[str] = Counter()
        self._hashes: dict[str, tuple[float, NDArray[np.int64]]] = {}

    def doubtful(self, keys: Sequence[str]) -> list[str]:
        """The keys that no listing has shown; they may be there all the same."""
        import numpy as np

        rest: list[str] = []
        for folder, members in _by_folder(keys).items():
            known = self._fresh(folder)
            if known is None or not len(known):
                rest += members
                continue
            wanted = np.fromiter(map(hash, members), np.int64, len(members))
            place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
            rest += [members[index] for index in np.flatnonzero(known[place] != wanted)]
        return rest

    def worth_listing(self, keys: Sequence[str]) -> list[str]:
        """Folders not listed yet that these keys, with those asked for before, make worth a listing."""
        found = []
        for folder, members in _by_folder(keys).items():
            self._asked[folder] += len(members)
            if folder and self._fresh(folder) is None and self._asked[folder] >= WORTH_LISTING:
                found.append(folder)
        return found

    def learn(self, folder: str, keys: Iterable[str]) -> None:
        """Keep what a listing showed; the oldest listing goes when there are too many."""
        import numpy as np

        hashes = np.fromiter((hash(key) for key in keys), np.int64)
        hashes.sort()
        if len(self._hashes) >= _MOST_FOLDERS:
            self._hashes.pop(next(iter(self._hashes)))
        self._hashes[folder] = (monotonic(), hashes)
        del self._asked[folder]

    def _fresh(self, folder: str) -> NDArray[np.int64] | None:
        listed_at, hashes = self._hashes.get(folder, (-_FRESH_S, None))
        return hashes if monotonic() - listed_at < _FRESH_S else None


def _by_folder(keys: Sequence[str]) -> dict[str, list[str]]:
    """Keys by the folder they are in, with its slash; empty at the top of the bucket."""
    groups: dict[str, list[str]] = {}
    for key in keys:
        groups.setdefault(key[: key.rfind("/") + 1], []).append(key)
    return groups
