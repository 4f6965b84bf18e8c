"""A service's own model, as botocore has it: which operations there are, and what a request to each must be.

Nothing of the model is copied here: it is read from botocore at run time, once, when a request first needs it.
Messages are AWS's: every violation at once, with the path of the member as the service spells it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from groundswell.server.aws.errors import AwsError

if TYPE_CHECKING:  # a server that no client of AWS asks does not wait for botocore
    from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

Check = Callable[[Any, str, list[str]], Any]
"""(given value, path of the member, violations so far) -> the value as operations get it."""

_SHOWN = 1_000  # characters of a value in a message
_LONGEST_MATCHED = 1 << 16  # what is longer than this is too long for every pattern of a model
_INT32 = range(-(2**31), 2**31)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_SECOND = 253_402_300_799  # of the year 9999


class Model:
    """One service: `Model("sagemaker")`. Safe to share between threads."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._checks: dict[str, Check] = {}

    @cached_property
    def service(self) -> ServiceModel:
        """The model, in botocore's form."""
        from botocore.loaders import Loader
        from botocore.model import ServiceModel

        return ServiceModel(Loader().load_service_model(self._name, "service-2"), self._name)

    @property
    def target(self) -> str:
        """What X-Amz-Target begins with."""
        return str(self.service.metadata.get("targetPrefix", ""))

    def operation(self, name: str) -> OperationModel:
        """An operation of the service."""
        return self.service.operation_model(name)

    def checked(self, operation: str, given: Any) -> dict[str, Any]:
        """The request's members as the operation gets them: times aware, unknown members and nulls left out.

        Raises AwsError: SerializationException for a value of another type, ValidationException with all violations.
        """
        check = self._checks.get(operation)
        if check is None:
            shape = self.operation(operation).input_shape
            check = self._checks[operation] = _compiled(shape, {}) if shape is not None else _anything
        violations: list[str] = []
        value: dict[str, Any] = check(given, "", violations)
        if violations:
            count = len(violations)
            found = f"{count} validation error{'s' if count > 1 else ''} detected: {'; '.join(violations)}"
            raise AwsError("ValidationException", found)
        return value


def _anything(value: Any, path: str, violations: list[str]) -> Any:
    return _structure_of(value, path)


def _compiled(shape: Shape, known: dict[str, list[Check]]) -> Check:
    """The check of a shape; one that contains itself is made once."""
    if shape.name in known:
        later = known[shape.name]
        return lambda value, path, violations: later[0](value, path, violations)
    made = known[shape.name] = []
    check = _MAKERS.get(shape.type_name, _opaque)(shape, known)
    made.append(check)
    return check


def _structure(shape: StructureShape, known: dict[str, list[Check]]) -> Check:
    required = frozenset(shape.required_members)
    members = [
        (name, _lower_first(name), _compiled(member, known), name in required) for name, member in shape.members.items()
    ]

    def check(value: Any, path: str, violations: list[str]) -> Any:
        given = _structure_of(value, path)
        found: dict[str, Any] = {}
        for name, shown, inner, needed in members:
            one = given.get(name)
            where = f"{path}.{shown}" if path else shown
            if one is not None:
                found[name] = inner(one, where, violations)
            elif needed:
                violations.append(_violation(None, where, "Member must not be null"))
        return found

    return check


def _list(shape: ListShape, known: dict[str, list[Check]]) -> Check:
    inner = _compiled(shape.member, known)
    plain = shape.member.type_name not in ("structure", "list", "map")
    lengths = list(_length_rules(shape))
    longest = shape.metadata.get("max")

    def check(value: Any, path: str, violations: list[str]) -> Any:
        if not isinstance(value, list):
            raise _mistyped(value, "List", path)
        violations += [_violation(value, path, text) for holds, text in lengths if not holds(len(value))]
        if longest is not None and len(value) > 10 * longest + 100:
            return value  # said to be too long already; what is in it is not worth the time
        found = []
        for number, one in enumerate(value, 1):
            where = f"{path}.{number}.member"
            if one is None:
                violations.append(_violation(None, where, "Member must not be null"))
            elif plain:
                found.append(_plain_item(inner, one, value, path, violations))
            else:
                found.append(inner(one, where, violations))
        return found

    return check


def _plain_item(inner: Check, one: Any, whole: Any, path: str, violations: list[str]) -> Any:
    """An item of a list of texts: the list is what AWS names, with all that an item must be."""
    of_item: list[str] = []
    value = inner(one, path, of_item)
    if of_item:
        rules = ", ".join(text.split("failed to satisfy constraint: ", 1)[1] for text in of_item)
        violations.append(_violation(whole, path, f"Member must satisfy constraint: [{rules}]"))
    return value


def _map(shape: MapShape, known: dict[str, list[Check]]) -> Check:
    key_check, value_check = _compiled(shape.key, known), _compiled(shape.value, known)
    lengths = list(_length_rules(shape))

    def check(value: Any, path: str, violations: list[str]) -> Any:
        given = _structure_of(value, path)
        violations += [_violation(given, path, text) for holds, text in lengths if not holds(len(given))]
        return {
            key_check(key, path, violations): value_check(one, f"{path}.{key}.member", violations)
            for key, one in given.items()
            if one is not None
        }

    return check


def _text(shape: Shape, known: dict[str, list[Check]]) -> Check:
    lengths = list(_length_rules(shape))
    longest = shape.metadata.get("max", _LONGEST_MATCHED)
    pattern = shape.metadata.get("pattern")
    import regex

    matches = regex.compile(pattern).fullmatch if pattern else None
    choices: list[str] = shape.metadata.get("enum") or []
    # A model's patterns have no anchors, AWS's messages show them with theirs.
    pattern_text = f"Member must satisfy regular expression pattern: {pattern}"

    def check(value: Any, path: str, violations: list[str]) -> Any:
        if not isinstance(value, str):
            raise _mistyped(value, "String", path)
        violations += [_violation(value, path, text) for holds, text in lengths if not holds(len(value))]
        if matches is not None and (len(value) > max(longest, _LONGEST_MATCHED) or not matches(value)):
            violations.append(_violation(value, path, pattern_text))
        if choices and value not in choices:
            violations.append(_violation(value, path, f"Member must satisfy enum value set: [{', '.join(choices)}]"))
        return value

    return check


def _integer(shape: Shape, known: dict[str, list[Check]]) -> Check:
    bounds = list(_value_rules(shape))
    wide = shape.type_name == "long"

    def check(value: Any, path: str, violations: list[str]) -> Any:
        whole = isinstance(value, int) and not isinstance(value, bool)
        if isinstance(value, float) and value.is_integer():
            value, whole = int(value), True
        if not whole or not (wide or value in _INT32):
            raise _mistyped(value, "Long" if wide else "Integer", path)
        violations += [_violation(value, path, text) for holds, text in bounds if not holds(value)]
        return value

    return check


def _float(shape: Shape, known: dict[str, list[Check]]) -> Check:
    bounds = list(_value_rules(shape))

    def check(value: Any, path: str, violations: list[str]) -> Any:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise _mistyped(value, "Float", path)
        violations += [_violation(value, path, text) for holds, text in bounds if not holds(value)]
        return value

    return check


def _boolean(shape: Shape, known: dict[str, list[Check]]) -> Check:
    def check(value: Any, path: str, violations: list[str]) -> Any:
        if not isinstance(value, bool):
            raise _mistyped(value, "Boolean", path)
        return value

    return check


def _timestamp(shape: Shape, known: dict[str, list[Check]]) -> Check:
    def check(value: Any, path: str, violations: list[str]) -> Any:
        if not isinstance(value, int | float) or isinstance(value, bool) or not -_LAST_SECOND < value <= _LAST_SECOND:
            raise _mistyped(value, "Timestamp", path)
        try:
            return _EPOCH + timedelta(seconds=value)
        except OverflowError:
            raise _mistyped(value, "Timestamp", path) from None

    return check


def _opaque(shape: Shape, known: dict[str, list[Check]]) -> Check:
    return lambda value, path, violations: value


_MAKERS: Mapping[str, Callable[[Any, dict[str, list[Check]]], Check]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _text,
    "integer": _integer,
    "long": _integer,
    "float": _float,
    "double": _float,
    "boolean": _boolean,
    "timestamp": _timestamp,
}


def _length_rules(shape: Shape) -> Iterator[tuple[Callable[[int], bool], str]]:
    if (most := shape.metadata.get("max")) is not None:
        yield (lambda size: size <= most), f"Member must have length less than or equal to {most}"
    if least := shape.metadata.get("min"):
        yield (lambda size: size >= least), f"Member must have length greater than or equal to {least}"


def _value_rules(shape: Shape) -> Iterator[tuple[Callable[[float], bool], str]]:
    if (most := shape.metadata.get("max")) is not None:
        yield (lambda value: value <= most), f"Member must have value less than or equal to {most}"
    if (least := shape.metadata.get("min")) is not None:
        yield (lambda value: value >= least), f"Member must have value greater than or equal to {least}"


def _violation(value: Any, path: str, text: str) -> str:
    shown = "null" if value is None else f"'{_shown(value)}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {text}"


def _shown(value: Any) -> str:
    if isinstance(value, list):
        text = "[" + ", ".join(_shown(one) for one in value[:20]) + "]"
    elif isinstance(value, dict):
        text = "{" + ", ".join(f"{key}={_shown(one)}" for key, one in list(value.items())[:20]) + "}"
    else:
        text = str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _structure_of(value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _mistyped(value, "Structure", path)
    return value


def _mistyped(value: Any, expected: str, path: str) -> AwsError:
    given = {bool: "BOOLEAN", int: "NUMBER", float: "NUMBER", str: "STRING", list: "LIST", dict: "STRUCTURE"}
    kind = given.get(type(value), "NULL")
    where = f" at '{path}'" if path else ""
    return AwsError("SerializationException", f"{kind}_VALUE cannot be converted to {expected}{where}")


def _lower_first(name: str) -> str:
    return name[:1].lower() + name[1:]
