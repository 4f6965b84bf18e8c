"""Templates that strangers write to hold a server: each ends soon, in little memory, as an error of the template."""

from __future__ import annotations

import random
import re
import time
import tracemalloc
from typing import Any

import pytest

from groundswell.domain.errors import InvalidTemplate
from groundswell.templates.filters import own_filters
from groundswell.templates.liquid import Renderer, parse

LONG = "y" * 200_000
MANY = [{"a": "b", "n": n} for n in range(5_000)]
INPUT: dict[str, Any] = {
    "long": LONG,
    "many": MANY,
    "text": "a <b> c",
    "n": 3,
    "lines": "\n" * 100_000,
    "deep": {"a": [[[1]]]},
}

SHORT = {
    "a range joined": "{{ (1..20000000) | join }}",
    "a range joined with a long text": "{{ (1..90000) | join: task.input.long }}",
    "a range held": "{% assign a = (1..2000000000) %}{{ a | size }}",
    "a range looked into": "{% assign a = (1..1000000000000) %}{% if a contains 'x' %}y{% endif %}",
    "a range turned round": "{% for i in (1..2000000000) reversed %}x⟨⟩",
    "a range skipped": "{% for i in (1..2000000000000) offset: 1999999999999 %}x⟨⟩",
    "ranges of every filter": "{{ (1..99999999) | map: 'a' | uniq | sort | reverse | compact | first }}",
    "a range that the input bounds": "{% assign n = task.input.n | times: 999999999 %}{{ (1..n) | join }}",
    "loops in loops": "⟨500⟩⟨500⟩⟨500⟩x⟨⟩⟨⟩⟨⟩",
    "loop after loop": "⟨90000⟩{% if i %}{% endif %}⟨⟩" * 100,
    "a loop of long conditions": "⟨90000⟩{% if i == 0 " + "or i == 0 " * 2_000 + "%}x{% endif %}⟨⟩",
    "a text doubled": "{% assign a = 'xx' %}⟨99⟩{% assign a = a | append: a %}⟨⟩",
    "a text prepended": "{% assign a = 'xx' %}⟨99⟩{% assign a = a | prepend: a %}⟨⟩",
    "a text captured": "{% assign a = 'xx' %}⟨99⟩{% capture a %}{{ a }}{{ a }}{% endcapture %}⟨⟩",
    "a list doubled": "{% assign a = task.input.many %}⟨40⟩{% assign a = a | concat: a %}⟨⟩",
    "a list of one large value": "{% assign a = task.input.many %}⟨7⟩{% assign a = a | concat: a %}⟨⟩"
    "⟨99⟩{{ a | to_json }}⟨⟩",
    "a text split": "⟨999⟩{% assign a = task.input.long | split: '' %}⟨⟩",
    "words of a long text": "⟨40⟩{% assign a = a | append: ' b' | append: a %}⟨⟩{{ a | truncatewords: 3 }}",
    "line ends of a long text": "{% assign a = task.input.lines %}⟨9⟩{% assign a = a | append: a %}⟨⟩"
    "{{ a | newline_to_br }}",
    "a list as a name": "{{ task.input.many | map: task.input.many }}",
    "everything compared": "{% assign a = task.input.long | split: '' | uniq %}",
    "a text replaced by itself": "{% assign a = 'x' %}⟨99⟩{% assign a = a | replace: 'x', 'xxxx' %}⟨⟩",
    "a text removed again and again": "⟨99999⟩{% assign a = task.input.long | remove: 'z' %}⟨⟩",
    "a number squared": "{% assign a = 9 %}⟨60⟩{% assign a = a | times: a %}⟨⟩",
    "a number printed": "{% assign a = 9 %}⟨12⟩{% assign a = a | times: a %}⟨⟩{{ a }}",
    "a number too long": "{{ " + "9" * 5_000 + " }}",
    "a number too long in a text": "{{ '" + "9" * 5_000 + "' | plus: 1 }}",
    "an endless number": "{{ '1e400' | ceil }}",
    "by nothing": "{{ 1 | divided_by: 0 }}",
    "modulo nothing": "{{ 1.5 | modulo: 0 }}",
    "a date as text": "{{ '99999999999999999999999' | date: '%Y' }}",
    "a date format that fills memory": "{{ 'now' | date: '%2000000000d' }}",
    "blocks in blocks": "{% if 1 %}" * 2_000 + "{% endif %}" * 2_000,
    "loops inside loops without end": "{% for a in (1..2) %}" * 50 + "⟨⟩" * 50,
    "brackets in brackets": "{{ " + "a[" * 20_000 + "1" + "]" * 20_000 + " }}",
    "parentheses": "{% if " + "(" * 20_000 + "1" + ")" * 20_000 + " %}{% endif %}",
    "a tag too long": "{{ " + "a | upcase " * 5_000 + "}}",
    "tags without number": "{{a}}" * 30_000,
    "no such filter": "{{ 1 | zap }}",
    "an argument too many": "{{ 'a' | upcase: 1, 2, 3 }}",
    "an argument too few": "{{ 'a' | replace }}",
    "a filter of nothing": "{{ nothing | divided_by }}",
    "an include of a file": "{% include '/etc/passwd' %}",
    "itself": "{% include 'labels' %}" * 5 + "{% render 'x' %}",
    "output without end": "⟨90000⟩{{ task.input.long }}⟨⟩",
    "lists compared": "{% assign a = task.input.long | split: '' %}⟨90000⟩{% if a == a %}x{% endif %}⟨⟩",
}


def written(short: str) -> str:
    """A template in full: ⟨9⟩ begins a loop of nine, ⟨⟩ ends it."""
    return re.sub(r"⟨(\d+)⟩", r"{% for i in (1..\1) %}", short).replace("⟨⟩", "{% endfor %}")


ENDED = {name: written(short) for name, short in SHORT.items()}


@pytest.mark.parametrize("name", ENDED)
def test_it_ends_soon_in_little_memory(name: str) -> None:
    deadline = time.monotonic() + 2
    begun = time.process_time()
    with pytest.raises(InvalidTemplate) as raised:
        Renderer(lambda uri: uri).render(ENDED[name], INPUT, expired=lambda: time.monotonic() > deadline)
    assert time.process_time() - begun < 5
    assert len(raised.value.message) < 1_000
    if name.startswith(("a range joined", "a number too", "by nothing", "a date format", "an argument", "no such")):
        assert raised.value.line == 1


@pytest.mark.parametrize(
    "name", [one for one in ENDED if one.startswith(("a range", "a text", "a list", "a number", "words", "line"))]
)
def test_it_takes_little_memory(name: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(InvalidTemplate):
            Renderer(lambda uri: uri).render(ENDED[name], INPUT, expired=lambda: False)
        assert tracemalloc.get_traced_memory()[1] < 120_000_000
    finally:
        tracemalloc.stop()


PIECES = ["{{", "{%", "{", "{% raw %}", "{% comment %}", "<", "<script", "<!--", "{{ a | ", "'", "{#", "}}", "{{ }}"]
PIECES += ["{% raw %}{% endraw %}", "{{" + " " * 99_999 + "}}", "{%" + " " * 99_999 + "%}", "{%-  raw"]


@pytest.mark.parametrize("piece", PIECES, ids=range(len(PIECES)))
def test_a_megabyte_of_anything_is_parsed_in_time(piece: str) -> None:
    text = (piece * (900_000 // len(piece) + 1))[:900_000]
    begun = time.process_time()
    try:
        parse(text)
    except InvalidTemplate:
        pass
    assert time.process_time() - begun < 10


@pytest.mark.parametrize("piece", ["<", "<script", "<!--", "<style>", "<a", "</", "<script></script", "><"])
def test_tags_are_stripped_in_one_pass(piece: str) -> None:
    strip = own_filters(str)["strip_html"]
    begun = time.process_time()
    strip(piece * (1_000_000 // len(piece)))
    assert time.process_time() - begun < 3


def test_stripped_text() -> None:
    strip = own_filters(str)["strip_html"]
    assert (
        strip("a <b>c</b> <!-- x > y --> d<script>if (1 < 2) {}</script>e <STYLE>p{}</STYLE>f < g") == "a c  de f < g"
    )
    assert strip("<p>1 &lt; 2") == "1 &lt; 2"
    assert strip("a <script> b <i>c</i>") == "a  b c"


VALUES = [
    "task.input.long",
    "task.input.many",
    "task.input.n",
    "task.input.deep",
    "nothing",
    "'x'",
    "-1",
    "1.5",
    "1e400",
    "(1..9)",
    "true",
    "99999999999999999999",
]


def test_no_filter_fails_otherwise_than_as_an_error_of_the_template() -> None:
    renderer, random_ = Renderer(lambda uri: uri), random.Random(7)
    filters = sorted(parse("x").env.filters)
    assert len(filters) > 50
    for name in filters:
        for _ in range(60):
            left, *arguments = (random_.choice(VALUES) for _ in range(random_.randrange(1, 5)))
            text = f"\n{{{{ {left} | {name}{': ' if arguments else ''}{', '.join(arguments)} }}}}"
            deadline = time.monotonic() + 2
            try:
                renderer.render(text, INPUT, expired=lambda: time.monotonic() > deadline)  # noqa: B023
            except InvalidTemplate as error:
                assert error.line == 2, (text, error.message)


def test_time_ends_a_rendering() -> None:
    calls = iter(range(10_000))
    with pytest.raises(InvalidTemplate, match="too much to do"):
        Renderer(str).render("{{ 1 }}" * 1_000, {}, expired=lambda: next(calls) > 500)
    assert next(calls) < 600


def test_ordinary_pages_have_room() -> None:
    """A page with thousands of shapes and a long text is far below every limit."""
    template = (
        "{% for one in task.input.many %}{% if one.n > 10 and one.a == 'b' %}<p id='{{ one.n }}'>{{ one.a | upcase }}"
        "</p>{% endif %}{% endfor %}{{ task.input.long }}{{ task.input.many | to_json }}"
        "{% for i in (1..1000) %}{{ i }}{% endfor %}"
    )
    assert Renderer(str).render(template, INPUT).count("<p") == 4_989


class Scribbler:
    """Templates put together at random from everything that makes something large."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)
        growing = ["append", "concat", "split", "join", "replace", "map"]
        self._filters = [*sorted(parse("x").env.filters), *growing * 3]

    def value(self) -> str:
        names = ["a", "b", "task.input.long", "task.input.many", "task.input.lines", "task.input.n", "' '", "''"]
        return self._draw.choice([*names, "99999", "(1..50000)"])

    def chain(self) -> str:
        text = self.value()
        for _ in range(self._draw.randrange(4)):
            arguments = ", ".join(self.value() for _ in range(self._draw.randrange(3)))
            text += f" | {self._draw.choice(self._filters)}" + (f": {arguments}" if arguments else "")
        return text

    def piece(self, depth: int = 0) -> str:
        kind = self._draw.random()
        if kind < 0.55 or depth > 3:
            return f"{{% assign {self._draw.choice('ab')} = {self.chain()} %}}"
        if kind < 0.65:
            return f"{{{{ {self.chain()} }}}}"
        inner = self.piece(depth + 1) + self.piece(depth + 1)
        if kind < 0.75:
            return f"{{% if {self.value()} contains {self.value()} %}}{inner}{{% endif %}}"
        if kind < 0.85:
            return f"{{% capture a %}}{inner}{{% endcapture %}}"
        over = self._draw.choice(["(1..40)", "(1..2000)", "task.input.many", "a"])
        return f"{{% for i in {over} %}}{inner}{{% endfor %}}"


def test_templates_at_random_end_soon() -> None:
    renderer, scribbler = Renderer(str, kept=1), Scribbler(5)
    for _ in range(150):
        template = "".join(scribbler.piece() for _ in range(6))
        begun, deadline = time.process_time(), time.monotonic() + 2
        try:
            renderer.render(template, INPUT, expired=lambda: time.monotonic() > deadline)  # noqa: B023
        except InvalidTemplate as error:
            assert "nested too deeply" not in error.message, template
        assert time.process_time() - begun < 4, template
