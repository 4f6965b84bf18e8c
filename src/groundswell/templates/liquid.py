"""Liquid as Ground Truth has it: autoescape on, its five filters, hyphenated names, objects printed as JSON, limits.

Source: Amazon SageMaker developer guide, "Add automation with Liquid"; Shopify Liquid by python-liquid.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, TextIO

from liquid import DictLoader, Environment, Mode
from liquid.ast import Node
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.builtin.output import Output, OutputNode
from liquid.context import RenderContext
from liquid.exceptions import FilterError, LiquidError, ResourceLimitError
from liquid.parser import get_parser
from liquid.stream import TokenStream
from liquid.template import BoundTemplate
from liquid.token import TOKEN_EOF, Token

from groundswell.domain.errors import InvalidTemplate
from groundswell.templates import budget
from groundswell.templates.budget import Budget, checked_number, size_of, spend, spend_flat, spend_step
from groundswell.templates.filters import escaped, own_filters, printed, spend_before
from groundswell.templates.shape import check_shape

MAX_RANGE = 100_000
PARTS = Path(__file__).with_name("builtin") / "parts"


class _OutputNode(OutputNode):
    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        text = printed(self.expression.evaluate(context))
        spend(2 * len(text))
        return buffer.write(text if hasattr(text, "__html__") else escaped(text))


class _Output(Output):
    node_class = _OutputNode


class _Context(RenderContext):
    """Counts what is done: each step, what filters take in and give out, what variables hold."""

    @property
    def disabled_tags(self) -> list[str]:
        """Every tag and output asks for these before it is rendered: the place where steps can be counted."""
        spend_step()
        return self._disabled_tags

    @disabled_tags.setter
    def disabled_tags(self, tags: list[str]) -> None:
        self._disabled_tags = tags

    def assign(self, key: str, val: Any) -> None:
        spend(size_of(val))
        self.locals[key] = checked_number(val)

    def filter(self, name: str, token: Token | None) -> Callable[..., object]:
        found = super().filter(name, token)

        def counted(left: object, *args: object, **named: object) -> object:
            try:
                spend(size_of(left) + 20)  # a call costs something by itself
                spend_flat(left)
                spend_before(name, left, args)
                for argument in args:
                    checked_number(argument)
                result = checked_number(found(checked_number(left), *args, **named))
                spend(size_of(result))
                return result
            except LiquidError as error:
                error.token = error.token or token
                raise
            except (ArithmeticError, LookupError, TypeError, ValueError, OSError, AttributeError) as error:
                raise FilterError(f"the filter {name} cannot be used here: {error}", token=token) from error

        return counted


def _bounded(evaluate: Callable[..., Any]) -> Callable[..., Any]:
    """Python makes a range of any length at once; whatever looks into it (a loop, a filter) would not come back."""

    def evaluated(self: Any, context: RenderContext) -> Any:
        found = evaluate(self, context)
        if found.stop - found.start > MAX_RANGE:
            raise ResourceLimitError(f"a range is limited to {MAX_RANGE:,} numbers", token=self.token)
        spend(max(0, found.stop - found.start))  # what looks for something in it goes through it
        return found

    return evaluated


# The parser makes these itself; there is no environment's setting for their class or their length.
setattr(RangeLiteral, "evaluate", _bounded(RangeLiteral.evaluate))  # noqa: B010


class _Template(BoundTemplate):
    context_class = _Context


class _Environment(Environment):
    template_class = _Template
    loop_iteration_limit = 200_000
    output_stream_limit = 20_000_000
    context_depth_limit = 30
    block_nesting_limit = 60

    def _parse(self, source: str) -> list[Node]:
        """As it was, but an expression that ends too early is at fault itself: its error would have no place."""
        stream = TokenStream(self.tokenizer()(source))
        stream.eof = Token(TOKEN_EOF, TOKEN_EOF, -1, "")  # the template's own end, told from an expression's
        try:
            return get_parser(self).parse(stream)
        except LiquidError as error:
            if error.token is TokenStream.eof and stream.pos:
                error.token = stream.tokens[stream.pos - 1]
            raise


def _environment(grant_read_access: Callable[[str], str]) -> _Environment:
    parts = {path.name.split(".")[0]: path.read_text("utf-8") for path in sorted(PARTS.glob("*.liquid.html"))}
    found = _Environment(autoescape=True, tolerance=Mode.STRICT, strict_filters=True, loader=DictLoader(parts))
    found.add_tag(_Output)
    for name, function in own_filters(grant_read_access).items():
        found.add_filter(name, function)
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
    check_shape(text)
    with _told():
        return _parsed_for_check(text)


def unknown_filters(text: str) -> Iterator[tuple[int, str]]:
    """(line, what is wrong) of each use of a filter that does not exist, in order: no task could be shown with it.

    Raises InvalidTemplate for what cannot be parsed. Lazy: a template may have many, each asked of what is like it.
    """
    parsed = parse(text)
    with _told():
        used = parsed.analyze(include_partials=False).filters
    known = parsed.env.filters
    unknown = used.keys() - known.keys()
    for index, name in sorted((span.index, each) for each in unknown for span in used[each]):
        near = difflib.get_close_matches(name, known, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        yield text.count("\n", 0, index) + 1, f"there is no filter {name:.100}.{hint}"


def check_usable(text: str) -> None:
    """Raise InvalidTemplate, with the line at fault, for a template that no task could be shown with."""
    for line, message in unknown_filters(text):
        raise InvalidTemplate(f"line {line}: {message}", line=line)


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong in a template, as an error of the template: whatever a stranger wrote, it is theirs to mend."""
    try:
        yield
    except LiquidError as error:
        raise invalid(error) from error
    except (RecursionError, MemoryError) as error:
        raise InvalidTemplate("the template is nested too deeply, or makes too much") from error
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise InvalidTemplate(f"the template cannot be used: {error}") from error


class Renderer:
    """Renders templates with one way to grant read access; parsed templates are kept."""

    def __init__(self, grant_read_access: Callable[[str], str], *, kept: int = 64) -> None:
        self._environment = _environment(grant_read_access)
        self._parsed = lru_cache(maxsize=kept)(self._parse)

    def render(self, text: str, task_input: Mapping[str, Any], *, expired: Callable[[], bool] = lambda: False) -> str:
        """The template with `task.input` filled in; raises InvalidTemplate, also when its time has `expired`."""
        with _told():
            parsed, step = self._parsed(text)
            before = budget.current.set(Budget(step, expired))
            try:
                return parsed.render(task={"input": dict(task_input)})
            finally:
                budget.current.reset(before)

    def _parse(self, text: str) -> tuple[BoundTemplate, int]:
        longest = check_shape(text)
        return self._environment.from_string(text), budget.step_of(longest)
