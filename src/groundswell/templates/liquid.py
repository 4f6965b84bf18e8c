"""Liquid as Ground Truth has it: autoescape on, its five filters, hyphenated names, objects printed as JSON, limits.

Source: Amazon SageMaker developer guide, "Add automation with Liquid"; Shopify Liquid by python-liquid.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any, TextIO

from liquid import DictLoader, Environment, Mode
from liquid.builtin.output import Output, OutputNode
from liquid.context import RenderContext
from liquid.exceptions import LiquidError, ResourceLimitError
from liquid.template import BoundTemplate
from liquid.token import Token
from liquid.undefined import Undefined
from markupsafe import Markup, escape

from groundswell.domain.errors import InvalidTemplate

MAX_TEMPLATE_CHARACTERS = 1_000_000
MAX_FILTERED_CHARACTERS = 200_000_000  # what all filters of one rendering may work through: about a second
PARTS = Path(__file__).with_name("builtin") / "parts"


def printed(value: Any) -> str:
    """How a value is printed: lists and objects as JSON, true and false in small letters, nothing for nothing."""
    if isinstance(value, str) or hasattr(value, "__html__"):
        return value  # type: ignore[no-any-return]
    if value is None or isinstance(value, Undefined):
        return ""
    if isinstance(value, range):
        return f"{value.start}..{value.stop - 1}"
    return json_of(value)


def json_of(value: Any) -> str:
    """The JSON text of a value, in Unicode as it stands; what Liquid does not know is null."""
    if isinstance(value, Undefined):
        return "null"
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if hasattr(value, "__iter__") else str(value)


class Escaped(Markup):
    """Text that has been escaped once: escaping it again changes nothing."""

    __slots__ = ()


def escaped(text: str) -> Escaped:
    """Escaped for HTML text and attributes of either quote; a carriage return is named, or parsing would lose it."""
    return Escaped(str(escape(str(text))).replace("\r", "&#13;"))


class _OutputNode(OutputNode):
    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        text = printed(self.expression.evaluate(context))
        return buffer.write(text if hasattr(text, "__html__") else escaped(text))


class _Output(Output):
    node_class = _OutputNode


_work_left: ContextVar[list[int] | None] = ContextVar("work_left", default=None)


def _spend(characters: int) -> None:
    """Counts what filters work through: a limit on time that is the same on every machine."""
    left = _work_left.get()
    if left is None:
        return
    left[0] -= characters + 20  # a call costs something by itself
    if left[0] < 0:
        raise ResourceLimitError("the filters have too much to do", token=None)


class _Context(RenderContext):
    def filter(self, name: str, token: Token | None) -> Callable[..., object]:
        found = super().filter(name, token)

        def counted(left: object, *args: object, **named: object) -> object:
            _spend(_size(left))
            result = found(left, *args, **named)
            _spend(_size(result))
            return result

        return counted


def _size(value: object) -> int:
    return len(value) if isinstance(value, str | list | tuple | dict) else 0


class _Template(BoundTemplate):
    context_class = _Context


class _Environment(Environment):
    template_class = _Template
    loop_iteration_limit = 200_000
    output_stream_limit = 20_000_000
    local_namespace_limit = 20_000_000
    context_depth_limit = 30
    block_nesting_limit = 60


def _to_json(value: Any) -> str:
    return json_of(value)


def _skip_autoescape(value: Any) -> Markup:
    return Markup(printed(value))


def _replace(value: Any, old: Any, new: Any = "") -> str:
    text, sought, put = printed(value), printed(old), printed(new)
    if isinstance(text, Markup):  # what is put into safe text must be safe as well
        sought, put = escape(sought), escape(put)
    # Known before it is made: two short texts can make one that fills the memory.
    _spend(text.count(sought) * len(put) if sought else (len(text) + 1) * len(put))
    return type(text)(str(text).replace(str(sought), str(put)))


def _escape(value: Any) -> Escaped:
    text = printed(value)
    return text if isinstance(text, Escaped) else escaped(text)


def _escape_once(value: Any) -> Escaped:
    text = printed(value)
    return text if isinstance(text, Escaped) else escaped(Markup(text).unescape())


def _environment(grant_read_access: Callable[[str], str]) -> _Environment:
    parts = {path.name.split(".")[0]: path.read_text("utf-8") for path in sorted(PARTS.glob("*.liquid.html"))}
    found = _Environment(autoescape=True, tolerance=Mode.STRICT, strict_filters=True, loader=DictLoader(parts))
    found.add_tag(_Output)
    found.add_filter("to_json", _to_json)
    found.add_filter("skip_autoescape", _skip_autoescape)
    found.add_filter("replace", _replace)
    found.add_filter("escape", _escape)
    found.add_filter("escape_once", _escape_once)
    found.add_filter("grant_read_access", lambda value: grant_read_access(str(printed(value))))
    return found


def invalid(error: LiquidError) -> InvalidTemplate:
    """The template's error in one sentence, with its line where Liquid knows it."""
    line = None
    if error.token is not None and error.token.start_index >= 0:
        line = error.token.source.count("\n", 0, error.token.start_index) + 1
    where = f"line {line}: " if line else ""
    return InvalidTemplate(f"{where}{error.message or 'this is not Liquid'}", line=line)


@lru_cache(maxsize=64)
def _parsed_for_check(text: str) -> BoundTemplate:
    return _environment(lambda uri: uri).from_string(text)


def parse(text: str) -> BoundTemplate:
    """The parsed template; raises InvalidTemplate with the line at fault."""
    if len(text) > MAX_TEMPLATE_CHARACTERS:
        raise InvalidTemplate(f"expected at most {MAX_TEMPLATE_CHARACTERS:,} characters, got {len(text):,}")
    try:
        return _parsed_for_check(text)
    except LiquidError as error:
        raise invalid(error) from error


class Renderer:
    """Renders templates with one way to grant read access; parsed templates are kept."""

    def __init__(self, grant_read_access: Callable[[str], str], *, kept: int = 64) -> None:
        self._environment = _environment(grant_read_access)
        self._parsed = lru_cache(maxsize=kept)(self._environment.from_string)

    def render(self, text: str, task_input: Mapping[str, Any]) -> str:
        """The template with `task.input` filled in; raises InvalidTemplate."""
        before = _work_left.set([MAX_FILTERED_CHARACTERS])
        try:
            return self._parsed(text).render(task={"input": dict(task_input)})
        except LiquidError as error:
            raise invalid(error) from error
        except RecursionError as error:
            raise InvalidTemplate("the template is nested too deeply") from error
        finally:
            _work_left.reset(before)
