"""CSV that people open in a spreadsheet: texts that it would run as a formula are shown instead.

Tasks, workers and answers are strangers' texts. A cell such as `=HYPERLINK(...)` or `@SUM(1)*cmd|...` gets an
apostrophe before it, which spreadsheets take as "this is text". Numbers, and labels such as `-`, `+1` or `@home`, stay
as they are; so does everything in JSON Lines and Parquet. Source: OWASP, CSV Injection.
"""

from __future__ import annotations

import re
from typing import Any

_FORMULA = re.compile(r"[=\t\r]|[+\-@][^(|!]*[(|!]")


def shown_as_text(cell: Any) -> Any:
    """The cell, with an apostrophe where a spreadsheet would take it for a formula."""
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell
