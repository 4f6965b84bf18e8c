"""S3's XML: written by hand, read without entities, document types or depth."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_MAX_DEPTH = 20
_MAX_ELEMENTS = 50_000  # ten thousand parts with their checksums
_ENTITIES = {'"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}
_NEVER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # no XML can say these


@dataclass
class Element:
    """An element without its namespace and attributes."""

    name: str
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, name: str) -> list[Element]:
        """The children of this name."""
        return [child for child in self.children if child.name == name]

    def texts(self, name: str) -> list[str]:
        """Their texts."""
        return [child.text.strip() for child in self.all(name)]

    def get(self, name: str) -> str | None:
        """The text of the first child of this name."""
        return next(iter(self.texts(name)), None)


class BadXml(Exception):
    """What came is not XML, or more than anybody needs to say."""


def read(data: bytes, root: str) -> Element:
    """The element of this name that a document is; raises BadXml."""
    top = Element("")
    stack = [top]
    count = 0

    def start(name: str, attributes: Any) -> None:
        nonlocal count
        count += 1
        if len(stack) > _MAX_DEPTH or count > _MAX_ELEMENTS:
            raise BadXml("too deep, or too many elements")
        element = Element(name.rpartition(" ")[2])
        stack[-1].children.append(element)
        stack.append(element)

    def refuse(*given: Any) -> None:
        raise BadXml("document types are not read")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: stack.pop()
    parser.CharacterDataHandler = lambda text: _add(stack[-1], text)
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise BadXml(str(error)) from error
    if [child.name for child in top.children] != [root]:
        raise BadXml(f"expected {root}")
    return top.children[0]


def _add(element: Element, text: str) -> None:
    element.text += text


def leaf(name: str, value: object) -> str:
    """An element with a text."""
    return f"<{name}>{escape(_NEVER.sub(chr(0xFFFD), str(value)), _ENTITIES)}</{name}>"


def node(name: str, *inside: str) -> str:
    """An element with elements."""
    return f"<{name}>{''.join(inside)}</{name}>"


def document(name: str, *inside: str, namespace: str | None = NAMESPACE) -> bytes:
    """A whole document."""
    named = f' xmlns="{namespace}"' if namespace else ""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{name}{named}>{"".join(inside)}</{name}>'.encode()
