"""Templates are rendered as Ground Truth renders them."""

from __future__ import annotations

import json
from html import unescape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundswell.domain.errors import InvalidTemplate, NotFound
from groundswell.templates.loader import builtin_names, builtin_template
from groundswell.templates.render import leave_out, page_template, render

FRAME_SCRIPT = '<script src="/static/elements/frame.js"></script>'
QUOTED = "Have \"x\" & 'y'"


def rendered(template: str, **task_input: Any) -> str:
    page = render(f"<html>{template}", task_input, grant_read_access=lambda uri: f"/media/{uri}")
    return page.removeprefix("<html>").removeprefix(FRAME_SCRIPT)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ task.input.q }}", "Have &#34;x&#34; &amp; &#39;y&#39;"),  # escaped by itself
        ("{{ task.input.q | escape }}", "Have &#34;x&#34; &amp; &#39;y&#39;"),  # and once only
        ("{{ task.input.q | skip_autoescape }}", QUOTED),
        ("{{ '&lt; <' | escape_once }}", "&lt; &lt;"),
        ("{{ task.input.q | replace: 'x', '<' | slice: 6, 1 }}", "&lt;"),  # filters work on the unescaped text
        ("{{ '<b>x</b>' | replace: 'x', task.input.q }}", "<b>Have &#34;x&#34; &amp; &#39;y&#39;</b>"),
        ("{{ task.input.labels | to_json | escape }}", "[&#34;a&#34;, &#34;é&#39;&#34;]"),
        ("{{ task.input.labels | to_json }}", "[&#34;a&#34;, &#34;é&#39;&#34;]"),
        ("{{ task.input.labels }}", "[&#34;a&#34;, &#34;é&#39;&#34;]"),  # printed without to_json
        ("{{ task.input.map }}", "{&#34;0&#34;: {&#34;hex-color&#34;: &#34;#fff&#34;}}"),
        ("{{ task.input.source-ref | grant_read_access }}", "/media/s3://in/a.jpg"),  # hyphens after a dot
        ("{{ task.input.source-ref| grant_read_access }}", "/media/s3://in/a.jpg"),  # no blank before the bar
        ("{% for box in task.input.map %}{{ box[0] }}{{ box[1]['hex-color'] }}{% endfor %}", "0#fff"),  # pairs
        ("{% capture id %}0{% endcapture %}{{ task.input.map[id].hex-color }}", "#fff"),
        (
            "<!-- {{ task.input.n }} --><script>var x = {{ task.input.n }}</script>",
            "<!-- 5 --><script>var x = 5</script>",
        ),
        ("{{ task.input.none }}{{ task.input.missing.deep }}", ""),
        ("{{ true }} {{ 1.5 }} {{ task.input.yes }}", "true 1.5 true"),
        ("{% assign a = 'x' %}{% if a == 'x' %}{{ a | upcase }}{% endif %}", "X"),
        ("{{ task.input.crlf }}", "a&#13;\nb"),  # parsing HTML would lose it
    ],
)
def test_liquid(template: str, expected: str) -> None:
    found = rendered(
        template,
        q=QUOTED,
        labels=["a", "é'"],
        map={"0": {"hex-color": "#fff"}},
        none=None,
        n=5,
        yes=True,
        crlf="a\r\nb",
        **{"source-ref": "s3://in/a.jpg"},
    )
    assert found == expected


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_value_survives_an_attribute_as_json(value: Any) -> None:
    attribute = rendered("{{ task.input.value | to_json | escape }}", value=value)
    assert not set("\"'<>") & set(attribute)
    assert json.loads(unescape(attribute)) == value


@pytest.mark.parametrize(
    ("template", "line", "says"),
    [
        ("a\n\n{% for %}", 3, "missing expression"),
        ("\n{{ x | nofilter }}", 2, "unknown filter 'nofilter'"),
        ("{{ x", 1, "expected"),
        ("{% if x %}", None, "endif"),
        ("{% for i in (1..9999999) %}x{% endfor %}", 1, "limit"),
        ("{% include 'elsewhere' %}", 1, "elsewhere"),
    ],
)
def test_mistakes_are_named_with_their_line(template: str, line: int | None, says: str) -> None:
    with pytest.raises(InvalidTemplate, match=says) as caught:
        render(template, {}, grant_read_access=str)
    assert caught.value.line == line


@pytest.mark.parametrize(
    "bomb",
    [
        "{% assign a = 'xxxxxxxxxx' %}{% for i in (1..9) %}{% assign a = a | replace: 'x', 'xxxxxxxxxx' %}{% endfor %}",
        "{% assign a = 'x' %}{% for i in (1..99) %}{% assign a = a | append: a %}{% endfor %}",
        "{% for i in (1..1000) %}{% for j in (1..1000) %}{% assign a = i %}{% endfor %}{% endfor %}",
        "{% assign a = task.input.long %}{% for i in (1..9999) %}{% assign b = a | upcase %}{% endfor %}",
        "{% for i in (1..9999) %}{{ task.input.long }}{% endfor %}",
        "{% assign a = '' %}{% for i in (1..40) %}{% assign a = a | replace: '', task.input.long %}{% endfor %}",
    ],
)
def test_templates_that_would_never_end_are_ended(bomb: str) -> None:
    with pytest.raises(InvalidTemplate):
        render(bomb, {"long": "y" * 200_000}, grant_read_access=str)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://assets.crowd.aws/crowd-html-elements.js", "crowd-html-elements.js"),
        ("http://assets.crowd.aws/crowd-html-elements-v2.js", "crowd-html-elements-v2.js"),
        ("https://assets.crowd.aws/crowd-html-elements-v2s.js", "crowd-html-elements-v2.js"),  # a known misspelling
        ("https://assets.crowd.aws/css/crowd-html-elements-v2.css", "css/crowd-html-elements-v2.css"),
    ],
)
def test_ground_truths_scripts_are_ours(address: str, name: str) -> None:
    assert f'src="/e/{name}"' in page_template(f'<script src="{address}"></script>', "/e")


def test_fragment_becomes_a_page_that_loads_the_elements() -> None:
    page = page_template("<crowd-form></crowd-form>", "/e")
    assert page.startswith("<!doctype html>")
    assert page.count("/e/crowd-html-elements.js") == 1
    assert page_template("<!DOCTYPE html><p>mine</p>", "/e") == f"<!DOCTYPE html>{FRAME_SCRIPT}<p>mine</p>".replace(
        "/static/elements", "/e"
    )


@pytest.mark.parametrize("name", builtin_names())
def test_builtin_templates_render(name: str) -> None:
    page = rendered(
        builtin_template(name),
        taskObject="s3://in/a.jpg",
        labels=["<b>", "it's"],
        header='Which "one"?',
        shortInstructions="<p>Look</p>",
        fullInstructions="<p>Closely</p>",
        goodExample="s3://in/good.png",
    )
    assert "Which &#34;one&#34;?" in page
    assert "<p>Look</p>" in page
    assert "/media/s3://in/good.png" in page


def test_unknown_builtin_is_named() -> None:
    with pytest.raises(NotFound, match="image-classification"):
        builtin_template("../loader")


@pytest.mark.parametrize(
    ("before", "at"),
    [
        ("<p>x</p>", "<title>Task</title>"),
        ("<!DOCTYPE html><html><head><script src=x.js></script>", "<head>"),
        ("<!DOCTYPE html>\n<html lang=en><script>1</script>", "<html lang=en>"),
    ],
)
def test_what_a_page_without_an_origin_lacks_comes_before_its_scripts(before: str, at: str) -> None:
    page = render(before, {}, grant_read_access=str)
    assert f"{at}{FRAME_SCRIPT}" in page


@pytest.mark.parametrize(
    "template", ["<script>indexedDB.open('x')</script>", "<script src='https://x.example/y.js'></script>"]
)
def test_a_database_is_brought_only_where_it_may_be_asked_for(template: str) -> None:
    assert "indexed-db.js" in render(template, {}, grant_read_access=str)
    assert "indexed-db.js" not in render("<crowd-form></crowd-form>", {}, grant_read_access=str)


def test_only_what_did_not_answer_is_left_out() -> None:
    page = (
        '<script src="//a.example/x.js?a=1&amp;b=2"></script><script src=https://b.example/y.js></script>'
        "<link rel=stylesheet href='https://a.example/z.css'><p>text</p>"
    )
    left = leave_out(page, ["https://a.example/x.js?a=1&b=2", "https://a.example/z.css", "javascript:1"])
    assert left == "<script src=https://b.example/y.js></script><p>text</p>"
