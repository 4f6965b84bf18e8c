"""Globs over addresses, in linear time whatever the pattern: a hundred stars cost no more than a hundred letters.

`*` and `?` stay inside a folder, `**` crosses folders, `[abc]`, `[a-z]` and `[!abc]` are one of these; case counts.
As in shells, wildcards never stand for the dot that a hidden name begins with.

A pattern is a list of tokens and a match walks through all its positions at once (Thompson's construction); sets of
positions met before are remembered, so that most letters cost one look-up.
Source: Thompson 1968, Regular expression search algorithm, doi:10.1145/363347.363387.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_WILD = re.compile(r"[*?\[]")
_PIECES = re.compile(r"\*\*/|\*\*|\*|\?|\[[!^]?\]?[^\]]*\]|.", re.DOTALL)
_MOST_STEPS = 20_000  # remembered; then they are forgotten and found again

Token = str | Callable[[str], bool]
"""A letter that stands for itself, a set of letters, or one of the tokens below."""

_STAR = "*"  # takes letters but slashes, or none
_DEEP = "**"  # takes any letters, or none
_FOLDERS = "**/"  # takes letters up to a slash that it takes as well
_PERHAPS = ""  # leads to the next token, and past it: `**/` may stand for nothing


class Glob:
    """One pattern. `hidden`: wildcards may stand for the first dot of a name after all."""

    def __init__(self, pattern: str, *, hidden: bool = False) -> None:
        self._hidden = hidden
        self._tokens = [token for piece in _PIECES.findall(pattern) for token in _tokens(piece)]
        self._steps: dict[tuple[int, bool, str], int] = {}
        self._start = self._with_skipped(1)
        self._end = 1 << len(self._tokens)

    def matches(self, text: str) -> bool:
        """Whether the whole text is what the pattern says."""
        at, fresh, steps = self._start, True, self._steps
        for letter in text:
            key = (at, fresh, letter)
            after = steps.get(key)
            if after is None:
                after = self._step(key)
            if not after:
                return False
            at, fresh = after, letter == "/"
        return bool(at & self._end)

    def _step(self, key: tuple[int, bool, str]) -> int:
        at, fresh, letter = key
        after = 0
        guarded = fresh and letter == "." and not self._hidden
        for index, token in enumerate(self._tokens):
            if at >> index & 1:
                after |= self._moved(index, token, letter, guarded)
        after = self._with_skipped(after)
        if len(self._steps) >= _MOST_STEPS:
            self._steps.clear()
        self._steps[key] = after
        return after

    @staticmethod
    def _moved(index: int, token: Token, letter: str, guarded: bool) -> int:
        """Where a token leads with this letter, as a set of positions."""
        stays, leads_on = 1 << index, 1 << index + 1
        if token in (_STAR, _DEEP, _FOLDERS):
            if guarded or (token == _STAR and letter == "/"):
                return 0
            return stays | leads_on if token == _FOLDERS and letter == "/" else stays
        if isinstance(token, str):
            return leads_on if token == letter else 0
        return leads_on if token(letter) and not guarded else 0

    def _with_skipped(self, at: int) -> int:
        """The positions with those behind tokens that may stand for nothing."""
        for index, token in enumerate(self._tokens):
            if at >> index & 1:
                if token in (_STAR, _DEEP, _PERHAPS):
                    at |= 1 << index + 1
                if token == _PERHAPS:
                    at |= 1 << index + 2
        return at


def _tokens(piece: str) -> tuple[Token, ...]:
    if piece == _FOLDERS:
        return _PERHAPS, _FOLDERS
    if piece == "?":
        return (lambda letter: letter != "/",)
    return (_set(piece[1:-1]),) if len(piece) > 2 and piece[0] == "[" else (piece,)


def _set(inside: str) -> Callable[[str], bool]:
    """`abc`, `a-z`, `!abc`: never a slash."""
    negated = inside[0] in "!^"
    listed = inside[negated:]
    single, ranges = set(), []
    while listed:
        if len(listed) > 2 and listed[1] == "-":
            ranges.append((listed[0], listed[2]))
            listed = listed[3:]
        else:
            single.add(listed[0])
            listed = listed[1:]

    def holds(letter: str) -> bool:
        among = letter in single or any(first <= letter <= last for first, last in ranges)
        return letter != "/" and among != negated

    return holds


def is_glob(uri: str) -> bool:
    """Whether an address holds wildcards."""
    return bool(_WILD.search(uri))


def glob_prefix(uri: str) -> str:
    """The folder before the first wildcard: what has to be listed."""
    match = _WILD.search(uri)
    return uri if match is None else uri[: uri.rfind("/", 0, match.start()) + 1]
