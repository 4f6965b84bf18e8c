"""One type for a column of ids or classes, whatever its files and parts hold it as.

A column read from several files may hold 1, 1.0, "1" and "1.0" for one and the same thing. `Facts` gather what all of
them hold; `Spelling` gives every value the one id that follows. The same facts give the same ids in memory and out of
core, in one file and in parts. Elsewhere: reading files (`annotation_files.py`), Arrow columns (`arrow_columns.py`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from groundswell.consolidation.columns import is_missing
from groundswell.domain.errors import InvalidInput

MISSING_WORDS = frozenset(
    "#N/A|#N/A N/A|#NA|-1.#IND|-1.#QNAN|-NaN|-nan|1.#IND|1.#QNAN|<NA>|N/A|NA|NULL|NaN|NaT|None|n/a|nan|null".split("|")
)
"""Texts that stand for no value, as pandas reads them."""
_PLAIN_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?", re.ASCII)  # "01" is none: two of its kind may differ by zeros
_LONGEST = 300  # digits of a text that is taken for a number
_BIG = 2**63  # integers from here on have no Arrow type
_INEXACT = 2**53  # integers from here on are not exact as floats

Id = int | float | str


def cell(value: Any, keep: Collection[str] = ()) -> bool | Id | None:
    """A value as a boolean, a number (whole ones as integers) or a text without spaces around it; None where missing.

    keep : words that are values though they are among `MISSING_WORDS`.
    """
    if isinstance(value, str):
        text = value.strip()
        return None if not text or (text in MISSING_WORDS and text not in keep) else text
    if isinstance(value, (bool, int)):
        return value
    if is_missing(value) or (isinstance(value, Decimal) and value.is_nan()):
        return None
    if isinstance(value, (float, Decimal)):
        if value in (math.inf, -math.inf):
            return str(value)
        return int(value) if value == int(value) else float(value)
    if isinstance(value, datetime):
        return str(value) if value.time() != time() or value.tzinfo else value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


@dataclass(frozen=True)
class Facts:
    """What the values of a column are; those of all parts together are the parts' facts, added."""

    numbers: bool = False  # some are numbers by their type
    fractions: bool = False  # some of these are not whole
    inexact: bool = False  # some of these are whole, and as floats no longer exact
    big: bool = False  # some of these have no Arrow type
    booleans: bool = False  # some are booleans by their type
    wholes: bool = False  # some are texts such as "1"
    points: bool = False  # some are texts such as "1.0" or "1.5"
    words: bool = False  # some are other texts

    @classmethod
    def of(cls, values: Iterable[Any], keep: Collection[str] = ()) -> Facts:
        """The facts of some values, each of which need be there once only."""
        found = last = cls()
        for value in values:
            if found.words and isinstance(value, str):
                continue  # no text tells more
            fact = _fact(cell(value, keep))
            if fact is not last:
                found, last = found | fact, fact
        return found

    def __or__(self, other: Facts) -> Facts:
        return Facts(*(mine or theirs for mine, theirs in zip(_flags(self), _flags(other), strict=True)))

    @property
    def text(self) -> bool:
        """Whether ids are texts: some value is one, or no type of numbers holds them all."""
        of_text = self.wholes or self.points or self.words or self.booleans
        return of_text or not self.numbers or self.big or (self.fractions and self.inexact)


def _flags(facts: Facts) -> tuple[bool, ...]:
    return (
        facts.numbers, facts.fractions, facts.inexact, facts.big, facts.booleans, facts.wholes, facts.points,
        facts.words,
    )  # fmt: skip


def _fact(value: bool | Id | None) -> Facts:
    if value is None:
        return _NOTHING
    if isinstance(value, bool):
        return _BOOLEAN
    if isinstance(value, int):
        if abs(value) < _INEXACT:
            return _WHOLE
        return Facts(numbers=True, inexact=True, big=not -_BIG <= value < _BIG)
    if isinstance(value, float):
        return _FRACTION
    if not _PLAIN_NUMBER.fullmatch(value) or len(value) > _LONGEST:
        return _WORD
    return _POINT if "." in value else _WHOLE_TEXT


_NOTHING, _BOOLEAN, _WHOLE, _WORD = Facts(), Facts(booleans=True), Facts(numbers=True), Facts(words=True)
_FRACTION, _POINT, _WHOLE_TEXT = Facts(numbers=True, fractions=True), Facts(points=True), Facts(wholes=True)


@dataclass(frozen=True)
class Spelling:
    """The id of each value of a column with such facts.

    Numbers by type alone stay numbers. Once a value is text, all ids are text, numbers as CSV would have them ("1" for
    1.0). Where all of them are numbers, by type or spelled out, 1.0 and "1.0" are the same as "1"; in a column that
    spells every number with a point ("1.0", "1.1": versions) they stay as they are.
    """

    facts: Facts
    keep: Collection[str] = ()  # see `cell`

    def id_of(self, value: Any) -> Id | None:
        """The id; None for a missing value."""
        plain = cell(value, self.keep)
        if plain is None:
            return None
        if not self.facts.text:
            return float(plain) if self.facts.fractions else int(plain)  # of a text: a number spelled on the way
        return self._text(plain)

    def declared(self, names: Iterable[str]) -> list[Id]:
        """Classes named as text, as this column has them. Raises: InvalidInput, for a name where all are numbers."""
        try:
            return [name if (known := self.id_of(name)) is None else known for name in names]
        except ValueError as error:
            raise InvalidInput(
                f"labels= must be numbers, as those of the label column are, but {error}", field="labels"
            ) from error

    def ids_of(self, values: list[Any]) -> list[Id | None]:
        """The ids of a column, each distinct value looked at once; the list itself where all are ids already."""
        if self.plain_texts:
            return self._stripped(values)
        keys = keys_of(values)
        known = {key: self.id_of(value) for key, value in dict(zip(keys, values, strict=True)).items()}
        return list(map(known.__getitem__, keys))

    def _stripped(self, values: list[Any]) -> list[Id | None]:
        """The ids where nothing is to be spelled: quick, as most columns are such."""
        missing = self.missing
        ids = {
            value: self.id_of(value)
            for value in set(values)
            if not isinstance(value, str) or value in missing or value != value.strip()
        }
        return [ids.get(value, value) for value in values] if ids.keys() - {None} else values

    @property
    def missing(self) -> frozenset[str]:
        """Texts that stand for no value."""
        return MISSING_WORDS.difference(self.keep) | {""}

    @property
    def plain_texts(self) -> bool:
        """Whether ids are texts as they stand, but for spaces around them."""
        facts = self.facts
        return facts.text and not facts.numbers and not facts.booleans and not (self._numeric and facts.points)

    def _text(self, plain: bool | Id) -> str:
        if isinstance(plain, bool):
            return "true" if plain else "false"
        if not isinstance(plain, str):
            return str(plain)
        if self.facts.booleans and plain.lower() in ("true", "false"):
            return plain.lower()
        number = as_plain_number(plain) if self._numeric and "." in plain else None
        return plain if number is None else str(number)

    @property
    def _numeric(self) -> bool:
        """Whether every value is a number, and 1.0 and "1.0" may meet 1 and "1"."""
        facts = self.facts
        return not facts.words and not facts.booleans and (facts.numbers or facts.wholes)


def as_plain_number(text: str) -> int | float | None:
    """A number in plain decimal digits, whole ones as integers; None for another text."""
    if not _PLAIN_NUMBER.fullmatch(text) or len(text) > _LONGEST:
        return None
    number = Decimal(text)
    return int(number) if number == int(number) else float(number)


def spelling_of(values: Collection[Any], keep: Collection[str] = ()) -> Spelling:
    """How a whole column of values is spelled."""
    return Spelling(Facts.of(distinct(values), keep), keep)


def distinct(values: Collection[Any]) -> Collection[Any]:
    """Each value once, True and 1 apart."""
    keys = keys_of(values)
    return set(values) if keys is values else dict(zip(keys, values, strict=True)).values()


def one_id_for_each(values: list[Any], keep: Collection[str] = ()) -> list[Id | None]:
    """A whole column of values as ids of one type; None where missing."""
    return spelling_of(values, keep).ids_of(values)


def same_id(value: Any) -> str:
    """A text that is the same for ids that differ in type or spelling alone: 1, 1.0, "1" and "1.0"."""
    plain = cell(value, MISSING_WORDS)
    if isinstance(plain, bool):
        return str(plain).lower()
    number = as_plain_number(plain) if isinstance(plain, str) else plain
    return str(plain if number is None else number)


def finder(ids: Iterable[Any]) -> Callable[[Any], Any]:
    """What finds an id by how somebody else writes it: the same text first, then the same number; None for no id."""
    by_text: dict[str, Any] = {}
    by_number: dict[str, Any] = {}
    for known in ids:
        by_text.setdefault(str(known), known)
        by_number.setdefault(same_id(known), known)
    return lambda given: by_text.get(str(given), by_number.get(same_id(given)))


def keys_of(values: Collection[Any]) -> Collection[Any]:
    """What tells values apart: True is not 1 here, as it is for Python."""
    kinds = set(map(type, values))
    return [(type(value), value) for value in values] if bool in kinds and len(kinds) > 1 else values
