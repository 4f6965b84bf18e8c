"""What a template's own scripts ask for that its frame, or its escaping, does not give: warnings, with their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SCRIPT = re.compile(r"<script\b[^>]*>(.*?)</script\s*>", re.S | re.I)
_TO_JSON = re.compile(r"\{\{-?[^{}]*\|\s*to_json\b[^{}]*\}\}")
_RAW = re.compile(r"\|\s*skip_autoescape\b")
_DEFINED = re.compile(r"customElements\s*\.\s*define\s*\(\s*['\"`]([a-z][\w.-]*)['\"`]")

# What a page without an origin of its own cannot do, and what to do instead.
_CANNOT = (
    (
        re.compile(r"\b(?:localStorage|sessionStorage|indexedDB)\b|\bdocument\s*\.\s*cookie\b"),
        "storage and cookies last as long as this one task is open: keep nothing there that the next task needs",
    ),
    (
        re.compile(r"\b(?:window\s*\.\s*)?(?:top|parent)\s*\.\s*(?:document|location|frames)\b"),
        "a task's page cannot reach the page around it: use only what is inside the template",
    ),
    (
        re.compile(r"\bnavigator\s*\.\s*(?:geolocation|mediaDevices|getUserMedia|serviceWorker|bluetooth|usb)\b"),
        "a task's page has no camera, microphone, place, devices or service workers",
    ),
    (
        re.compile(r"\bcredentials\s*:\s*['\"]include['\"]|\bwithCredentials\s*=\s*true"),
        "a task's page has no cookies to send: an address that asks for a sign-in answers nothing here",
    ),
    (
        re.compile(r"\bdocument\s*\.\s*domain\b"),
        "a task's page has no domain: other pages cannot be let in by it",
    ),
)


def defined_elements(template: str) -> frozenset[str]:
    """Names of elements that the template defines itself."""
    return frozenset(_DEFINED.findall(template))


def script_warnings(template: str) -> Iterator[tuple[int, str]]:
    """(line, what usually goes wrong there and what to write instead), 1-based."""
    for script in _SCRIPT.finditer(template):
        for printed in _TO_JSON.finditer(script[1]):
            if not _RAW.search(printed[0]):
                filtered = printed[0].replace("to_json", "to_json | skip_autoescape", 1)
                yield (
                    _line(template, script.start(1) + printed.start()),
                    f"inside a script {printed[0]} is escaped for HTML (&quot; for quotes): write {filtered}",
                )
        for pattern, message in _CANNOT:
            if found := pattern.search(script[1]):
                yield _line(template, script.start(1) + found.start()), message


def _line(template: str, index: int) -> int:
    return template.count("\n", 0, index) + 1
