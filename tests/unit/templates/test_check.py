"""The checker names each problem of a template with its line, and finds none in good ones."""

from __future__ import annotations

from typing import Any

import pytest

from groundswell.templates.check import Problem, check
from groundswell.templates.loader import builtin_names, builtin_template

SCRIPT = '<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>\n'


def problems(body: str, sample: dict[str, Any] | None = None) -> list[tuple[int, str, str]]:
    return [(found.line - 1, found.severity, found.message) for found in check(SCRIPT + body, sample)]


def form(inner: str) -> str:
    return f"<crowd-form>\n{inner}\n</crowd-form>"


@pytest.mark.parametrize(
    ("body", "line", "severity", "says"),
    [
        (form("<crowd-imput name=a></crowd-imput>"), 2, "error", "Did you mean <crowd-input>"),
        (form("<crowd-entity-annotator></crowd-entity-annotator>"), 2, "error", "crowd-entity-annotation"),
        (form("<short-instruction>x</short-instruction>"), 2, "warning", "short-instructions"),
        (form("<crowd-classifier name=c categories=\"['a' 'b']\"></crowd-classifier>"), 2, "error", "cannot be read"),
        (form('<crowd-classifier name=c categories="{a: 1}"></crowd-classifier>'), 2, "error", "expected a list"),
        (form("<crowd-classifier name=c categories=\"['a', 'a']\"></crowd-classifier>"), 2, "warning", "2 times"),
        (form("<crowd-classifier name=c></crowd-classifier>"), 2, "error", "needs the attribute categories"),
        (form("<crowd-input></crowd-input>"), 2, "warning", "has no name"),
        (form("<crowd-input name=a />"), 2, "warning", "HTML ignores the slash"),
        (form("<crowd-input name=a></crowd-input>\n<input name=a>"), 3, "warning", "both come as a list"),
        (form("<crowd-slider name=a></crowd-slider>\n<crowd-slider name=a></crowd-slider>"), 3, "warning", "are lost"),
        (form("<script>\nf({{ task.input.x | to_json }})</script>"), 3, "warning", "to_json | skip_autoescape"),
        (form("<script>\nlocalStorage.a = 1</script>"), 3, "warning", "last as long as"),
        (form("<script>parent.document.title</script>"), 2, "warning", "cannot reach the page around"),
        (form("\n{{ taskObject }}"), 3, "error", "Write task.input.taskObject"),
        (form("{{ task.inputs.x }}"), 2, "error", "task.inputs.x"),
        (form("{% for x in task.input.xs %}"), 2, "error", "endfor"),
        (form("{{ task.input.x | upcse }}"), 2, "error", "no filter upcse. Did you mean upcase?"),
        ("<crowd-input name=a></crowd-input>", 1, "error", "no <crowd-form>"),
        (form("<p></p>") + "<crowd-input name=a></crowd-input>", 3, "warning", "outside <crowd-form>"),
        (form("<crowd-form></crowd-form>"), 2, "error", "one form is enough"),
        (
            form("<crowd-entity-annotation name=e text=t labels=\"['a']\"></crowd-entity-annotation>"),
            2,
            "error",
            "brings its own form",
        ),
        (
            form(
                "<crowd-classifier name=a categories=\"['x']\"></crowd-classifier>\n"
                "<crowd-classifier name=b categories=\"['y']\"></crowd-classifier>"
            ),
            3,
            "warning",
            "digit keys",
        ),
        (form("<button accesskey=k>1</button>\n<button accesskey=K>2</button>"), 3, "warning", "accesskey 'k'"),
    ],
)
def test_each_problem_with_its_line(body: str, line: int, severity: str, says: str) -> None:
    found = problems(body)
    assert [(one[0], one[1]) for one in found] == [(line, severity)], found
    assert says in found[0][2]


GOOD = form(
    """<!-- <crowd-nothing> {{ task.input.x }} -->
  <crowd-classifier name="c" header="{{ task.input.h | default: "a>b" }}"
  categories="[ 'Cat', {% for l in task.input.labels %}'{{ l }}', {% endfor %}]" initial-value="Cat">
  <classification-target>{{ task.input.source-ref| grant_read_access }}</classification-target></crowd-classifier>
  <crowd-checkbox name="k" value="1">a</crowd-checkbox><crowd-checkbox name="k" value="2">b</crowd-checkbox>
  <input type="radio" name="r" value="1"><input type="radio" name="r" value="2"><my-own-element></my-own-element>
  <script>if (a < b) { document.write("<crowd-nothing>") }</script>"""
)


def test_good_templates_have_no_problem() -> None:
    assert problems(GOOD) == []
    sample = {"x": 1, "h": "H", "labels": ["Dog"], "source-ref": "s3://a/b"}
    assert problems(GOOD, sample) == []


def test_sample_shows_what_is_missing_and_what_comes_out() -> None:
    body = form(
        "{{ task.input.sorce }} {{ task.input.deep.down }} {{ task.input.list[4] }}\n"
        '<crowd-classifier name="c" categories="{{ task.input.source }}"></crowd-classifier>\n'
        '<crowd-bounding-box name="b" src="x" labels="{{ task.input.labels | to_json | escape }}"></crowd-bounding-box>'
    )
    sample = {"source": "no list", "deep": {"up": 1}, "list": [1], "labels": ["a", "a"]}
    found = problems(body, sample)
    assert [one[0] for one in found] == [2, 2, 2, 3, 4, 4]
    text = " | ".join(one[2] for one in found)
    for said in (
        "task.input.sorce. Did you mean source?",
        "task.input.deep.down",
        "list[4]",
        "cannot be read",
        "2 times",
    ):
        assert said in text


def test_lines_hold_with_liquid_over_several_lines() -> None:
    body = form(
        "{% comment %}\n<crowd-x>\n{% endcomment %}\n<crowd-input\n  name=a></crowd-input>\n<crowd-wrong></crowd-wrong>"
    )
    assert [one[0] for one in problems(body)] == [7]


def test_many_labels_are_no_problem_they_are_found_by_typing() -> None:
    labels = [f"c{index}" for index in range(200)]
    assert problems(form(f'<crowd-bounding-box name=b src=x labels="{labels}"></crowd-bounding-box>')) == []


@pytest.mark.parametrize("name", builtin_names())
def test_builtin_templates_have_no_problem(name: str) -> None:
    sample = {"taskObject": "s3://a/b.png", "labels": ["a", "b"], "header": "?", "responses": ["x", "y"]}
    errors = [found for found in check(builtin_template(name), sample) if found.severity == "error"]
    assert errors == []
    assert check(builtin_template(name)) == []


def test_problems_sort_by_line() -> None:
    assert Problem(1, "warning", "b") < Problem(2, "error", "a")


def test_an_element_that_the_template_defines_is_no_unknown_one() -> None:
    own = (
        "<script>customElements.define('crowd-stars', class extends HTMLElement {})</script><crowd-stars></crowd-stars>"
    )
    assert check(form(own)) == []


def test_what_is_not_escaped_in_a_script_is_no_problem() -> None:
    assert check(form("<script>f({{ task.input.x | to_json | skip_autoescape }})</script>")) == []


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("a\nb {% for x in %}\nc{% endfor %}", 2),
        ("x\n\n{{ task.input.a | }}", 3),
        ("x\n{{ task.input.a | append: b: }}\n\n", 2),
        ("{% if task.input.a %}\n{% assign b = %}\n{% endif %}\n", 2),
        ("{% if task.input.a %}\n\n{% if task.input.b == %}x{% endif %}{% endif %}", 3),
        ("<p>\n{% if task.input.a %}\nx", 2),  # the block that is not closed
    ],
)
def test_an_expression_that_ends_too_early_has_its_line(template: str, line: int) -> None:
    assert [(one.line, one.severity) for one in check(template)] == [(line, "error")]
