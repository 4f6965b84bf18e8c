"""Names every problem of a worker task template with its line, before any worker meets it.

Errors keep the task from working; warnings are what usually is a mistake. Nothing here runs the template's scripts.
"""

from __future__ import annotations

import difflib
import html
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

import json5
from liquid.template import BoundTemplate

from groundswell.domain.errors import InvalidTemplate
from groundswell.templates.check_scripts import defined_elements, script_warnings
from groundswell.templates.elements import ELEMENTS, REGIONS
from groundswell.templates.liquid import Renderer, parse, unknown_filters
from groundswell.templates.markup import Attribute, Tag, tags_of

Severity = Literal["error", "warning"]
# What `task.input` holds besides the keys of the manifest line, when no pre-annotation hook makes it.
GIVEN = frozenset(
    "taskObject labels manifestLine header shortInstructions fullInstructions goodExample goodExampleText "
    "badExample badExampleText auditLabelAttributeName source source-ref".split()
)
# Where a template asks whether a variable is there, or says what stands for it, it may be missing.
_OPTIONAL = re.compile(r"\{%-?\s*(if|unless|elsif|case)\b|.*\|\s*default\b", re.S)
_BLOCK = re.compile(r"\{%-?\s*(end)?(if|unless|for|case|capture|tablerow|comment|raw)\b")
_FIELDS = frozenset({"input", "select", "textarea"})


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with a template."""

    line: int  # 1-based
    severity: Severity
    message: str  # what is wrong, and what to do


def check(template: str, sample_input: Mapping[str, Any] | None = None) -> list[Problem]:
    """Everything wrong with the template, in order of lines.

    sample_input: a `task.input` as the template will get it; with one, variables that it lacks are named, and
    attributes made by Liquid are checked as they come out.
    """
    try:
        parsed = parse(template)
    except InvalidTemplate as error:
        line = error.line or _unclosed_line(template)
        return [Problem(line, "error", error.message.removeprefix(f"line {error.line}: "))]
    own = defined_elements(template)
    tags = [tag for tag in tags_of(template) if tag.name not in own]
    found = {
        *(Problem(line, "warning", message) for line, message in script_warnings(template)),
        *(Problem(line, "error", message) for line, message in unknown_filters(template)),
        *_variables(template, parsed, sample_input),
        *_structure(tags),
        *_names(tags),
        *_keys(tags),
        *(problem for tag in tags for problem in _element(tag, sample_input)),
    }
    if sample_input is not None:
        found |= set(_rendering(template, sample_input))
    return sorted(found)


def _rendering(template: str, sample: Mapping[str, Any]) -> Iterator[Problem]:
    try:
        Renderer(lambda uri: uri, kept=1).render(template, sample)
    except InvalidTemplate as error:
        yield Problem(error.line or 1, "error", error.message.removeprefix(f"line {error.line}: "))


def _unclosed_line(template: str) -> int:
    """The line of the last block that is opened and not closed; the first line where all are."""
    unclosed: list[tuple[str, int]] = []
    for tag in _BLOCK.finditer(template):
        if not tag[1]:
            unclosed.append((tag[2], tag.start()))
        elif unclosed and unclosed[-1][0] == tag[2]:
            unclosed.pop()
    return template.count("\n", 0, unclosed[-1][1]) + 1 if unclosed else 1


def _variables(template: str, parsed: BoundTemplate, sample: Mapping[str, Any] | None) -> Iterator[Problem]:
    """Variables that nothing fills in: not under `task.input`, or not in the sample."""
    analysis = parsed.analyze()
    uses = [use for found in analysis.globals.values() for use in found if not use.span.template_name]
    optional = {str(use) for use in uses if _OPTIONAL.match(_piece(template, use.span.index))}
    for use in uses:
        line = template.count("\n", 0, use.span.index) + 1
        name, path = str(use.segments[0]), use.segments[1:]
        if name != "task":
            hint = f" Write task.input.{name}." if name in GIVEN or name in (sample or {}) else ""
            yield Problem(line, "error", f"no input has the variable {use}; inputs begin with task.input.{hint}")
        elif path and path[0] != "input":
            yield Problem(line, "error", f"no input has the variable {use}; inputs begin with task.input.")
        elif sample is not None and str(use) not in optional and (missing := _missing(path[1:], sample)):
            near = difflib.get_close_matches(missing, [*sample, *GIVEN], n=1)
            hint = f" Did you mean {near[0]}?" if near and near[0] != missing else ""
            severity: Severity = "warning" if missing in GIVEN else "error"
            yield Problem(line, severity, f"the sample input has nothing for {use}.{hint}")


def _piece(template: str, index: int) -> str:
    """The output or tag that a place of the template is in."""
    start = max(template.rfind("{{", 0, index), template.rfind("{%", 0, index), 0)
    end = min((at for at in (template.find("}}", index), template.find("%}", index)) if at >= 0), default=index)
    return template[start:end]


def _missing(path: list[Any], value: Any) -> str | None:
    """The first member of a path that a value does not have; None when all are there or cannot be known."""
    for step in path:
        if isinstance(step, list) or step in ("size", "first", "last"):
            return None
        if isinstance(value, Mapping):
            if step not in value:
                return str(step)
            value = value[step]
        elif isinstance(value, list | tuple) and isinstance(step, int):
            if not -len(value) <= step < len(value):
                return str(step)
            value = value[step]
        else:
            return None if value is None else str(step)
    return None


def _structure(tags: list[Tag]) -> Iterator[Problem]:
    """Forms: one around what answers, none around an element that brings its own."""
    forms = [tag for tag in tags if tag.name == "crowd-form"]
    own_form = [tag for tag in tags if tag.name in ELEMENTS and ELEMENTS[tag.name].own_form]
    answering = [tag for tag in tags if _answers(tag)]
    for tag in own_form:
        if "crowd-form" in tag.ancestors:
            yield Problem(tag.line, "error", f"<{tag.name}> brings its own form: take it out of <crowd-form>")
    for form in forms:
        if "crowd-form" in form.ancestors:
            yield Problem(form.line, "error", "<crowd-form> inside <crowd-form>: one form is enough")
    if not forms and not own_form:
        line = answering[0].line if answering else 1
        yield Problem(line, "error", "there is no <crowd-form>: put one around the task, or nothing can be submitted")
    for tag in answering if forms else []:
        if "crowd-form" not in tag.ancestors and not set(tag.ancestors) & {one.name for one in own_form}:
            if tag not in own_form:
                yield Problem(tag.line, "warning", f"<{tag.name}> stands outside <crowd-form>: it is not submitted")


def _answers(tag: Tag) -> bool:
    if tag.name in _FIELDS:
        return tag.get("name") is not None and tag.plain("type") not in ("submit", "button", "reset", "image")
    return tag.name in ELEMENTS and ELEMENTS[tag.name].answers


def _names(tags: list[Tag]) -> Iterator[Problem]:
    """Names used twice. Liquid loops make names of their own."""

    def shares(tag: Tag) -> bool:
        if tag.name in _FIELDS:
            return tag.plain("type") in ("radio", "checkbox")
        return ELEMENTS[tag.name].shares_name

    seen: dict[str, Tag] = {}
    for tag in (tag for tag in tags if _answers(tag)):
        name = tag.plain("name")
        if not name:
            continue
        first = seen.setdefault(name, tag)
        if first is not tag and not (shares(tag) and shares(first)):
            what = "both come as a list" if _lists(tag, first) else "the last answer is kept, the others are lost"
            yield Problem(tag.line, "warning", f"the name {name!r} is used already in line {first.line}: {what}")


def _lists(tag: Tag, first: Tag) -> bool:
    """Whether two things of one name answer with a list of both."""
    return all(
        one.name in _FIELDS or one.name in ("crowd-input", "crowd-text-area", "crowd-text-input")
        for one in (tag, first)
    )


def _keys(tags: list[Tag]) -> Iterator[Problem]:
    """Keys that mean two things."""
    digits = [tag for tag in tags if tag.name in ELEMENTS and ELEMENTS[tag.name].digits]
    for tag in digits[1:]:
        yield Problem(
            tag.line,
            "warning",
            f"<{tag.name}> and <{digits[0].name}> in line {digits[0].line} both use the digit keys: "
            "they act on the one used last",
        )
    keyed = sorted((tag for tag in tags if tag.plain("accesskey")), key=lambda tag: tag.plain("accesskey") or "")
    for key, group in groupby(keyed, key=lambda tag: (tag.plain("accesskey") or "").lower()):
        first, *others = sorted(group, key=lambda tag: tag.line)
        for tag in others:
            yield Problem(tag.line, "warning", f"accesskey {key!r} is used already in line {first.line}")


def _element(tag: Tag, sample: Mapping[str, Any] | None) -> Iterator[Problem]:
    """What is wrong with one element by itself."""
    if tag.name not in ELEMENTS:
        yield from _unknown(tag)
        return
    known = ELEMENTS[tag.name]
    if tag.self_closed:
        message = f"<{tag.name} /> does not end here, HTML ignores the slash: write <{tag.name} ...></{tag.name}>"
        yield Problem(tag.line, "warning", message)
    for name in known.required:
        found = tag.get(name)
        if found is None or not found.value.strip():
            yield Problem(tag.line, "error", f"<{tag.name}> needs the attribute {name}")
    if known.answers and "name" not in known.required and tag.get("name") is None:
        yield Problem(tag.line, "warning", f"<{tag.name}> has no name: its answer is left out")
    for name in known.json:
        attribute = tag.get(name)
        if attribute is not None and attribute.value.strip():
            yield from _json(tag, attribute, sample)


def _unknown(tag: Tag) -> Iterator[Problem]:
    if tag.name.startswith("crowd-"):
        near = difflib.get_close_matches(tag.name, ELEMENTS, n=1)
        hint = f" Did you mean <{near[0]}>?" if near else ""
        yield Problem(tag.line, "error", f"there is no element <{tag.name}>.{hint}")
    elif "-" in tag.name and tag.name not in REGIONS:
        near = difflib.get_close_matches(tag.name, REGIONS, n=1, cutoff=0.85)
        if near:
            yield Problem(tag.line, "warning", f"<{tag.name}> has no place of its own. Did you mean <{near[0]}>?")


def _json(tag: Tag, attribute: Attribute, sample: Mapping[str, Any] | None) -> Iterator[Problem]:
    where = f"{attribute.name} of <{tag.name}>"
    text = attribute.value
    if attribute.has_liquid:
        rendered = _rendered_alone(text, sample)
        if rendered is None:
            return
        text = html.unescape(rendered)
    if attribute.name == "initial-value" and not text.lstrip().startswith(("[", "{", '"', "'")):
        return  # the name of a category
    try:
        value = json5.loads(_without_stray_commas(text))
    except ValueError as error:
        reason = str(error).removeprefix("<string>:").strip()
        yield Problem(tag.line, "error", f"{where} cannot be read as a list or object: {reason}")
        return
    if attribute.name in ("labels", "categories"):
        yield from _labels(tag, attribute.name, value)


def _rendered_alone(text: str, sample: Mapping[str, Any] | None) -> str | None:
    """An attribute as the sample makes it; None without a sample, or where it needs what stands before it."""
    if sample is None:
        return None
    try:
        if any(name != "task" for name in parse(text).analyze().globals) or "{% include" in text:
            return None
        return Renderer(lambda uri: uri, kept=1).render(text, sample)
    except InvalidTemplate:
        return None  # half of a block: the whole template tells


def _without_stray_commas(text: str) -> str:
    """Loops leave commas behind; the elements pass over them, and so does this."""
    return text.strip().replace(",,", ",").replace("[,", "[").replace("{,", "{")


def _labels(tag: Tag, name: str, value: Any) -> Iterator[Problem]:
    where = f"{name} of <{tag.name}>"
    if not isinstance(value, list):
        yield Problem(tag.line, "error", f"{where}: expected a list, got {type(value).__name__}")
        return
    texts = [str(one.get("label", one)) if isinstance(one, dict) else str(one) for one in value]
    for text, count in Counter(texts).items():
        if count > 1:
            yield Problem(tag.line, "warning", f"{where}: {text!r} is there {count} times")
