"""Reads a template's HTML with its lines, Liquid left alone: which elements stand where, with which attributes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_LIQUID = re.compile(r"\{\{.*?\}\}|\{%-?\s*(raw|comment)\s*-?%\}.*?\{%-?\s*end\1\s*-?%\}|\{%.*?%\}", re.S)
_MARK = re.compile("\ue000(\\d+)\ue001\n*")
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())


@dataclass(frozen=True)
class Attribute:
    """One attribute, its value as the template has it."""

    name: str
    value: str  # with Liquid in it
    has_liquid: bool


@dataclass
class Tag:
    """One start tag and where it stands."""

    name: str
    line: int  # 1-based
    attributes: dict[str, Attribute]
    ancestors: tuple[str, ...]  # outermost first
    self_closed: bool = False
    children: set[str] = field(default_factory=set)  # names of the tags directly inside

    def get(self, name: str) -> Attribute | None:
        return self.attributes.get(name)

    def plain(self, name: str) -> str | None:
        """The attribute's value where no Liquid decides it; None without one."""
        found = self.attributes.get(name)
        return found.value if found and not found.has_liquid else None


def tags_of(template: str) -> list[Tag]:
    """Every start tag, in order; what stands in scripts, styles and comments is not looked at."""
    reader = _Reader()
    reader.feed(reader.masked(template))
    reader.close()
    return reader.tags


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[Tag] = []
        self.open: list[Tag] = []
        self.liquid: list[str] = []

    # Quotes and angle brackets inside Liquid would end attributes and tags: each piece becomes a mark of as many lines.
    def masked(self, template: str) -> str:
        def mark(match: re.Match[str]) -> str:
            self.liquid.append(match[0])
            return f"\ue000{len(self.liquid) - 1}\ue001" + "\n" * match[0].count("\n")

        return _LIQUID.sub(mark, template)

    def _attributes(self, given: list[tuple[str, str | None]]) -> dict[str, Attribute]:
        found: dict[str, Attribute] = {}
        for name, value in given:
            if _MARK.search(name):
                continue
            text = value or ""
            whole = _MARK.sub(lambda match: self.liquid[int(match[1])], text)
            found.setdefault(name, Attribute(name, whole, whole != text))
        return found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        ancestors = tuple(one.name for one in self.open)
        made = Tag(tag, self.getpos()[0], self._attributes(attrs), ancestors)
        if self.open:
            self.open[-1].children.add(tag)
        self.tags.append(made)
        if tag not in _VOID:
            self.open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # HTML ignores the slash: the element stays open.
        self.handle_starttag(tag, attrs)
        self.tags[-1].self_closed = True

    def handle_endtag(self, tag: str) -> None:
        names = [one.name for one in self.open]
        if tag in names:
            del self.open[len(names) - 1 - names[::-1].index(tag) :]
