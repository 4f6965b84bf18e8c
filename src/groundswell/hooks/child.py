"""The process a user's Python function runs in: `python -m groundswell.hooks.child SOURCE FUNCTION`.

Handlers take Lambda's `(event, context)`, or the event alone.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import os
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Context:
    """What AWS's Python functions find in their second argument."""

    function_name: str
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    function_version: str = "$LATEST"
    memory_limit_in_mb: str = "1024"
    invoked_function_arn: str = ""
    deadline_s: float = field(default_factory=lambda: time.monotonic() + 60)

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.deadline_s - time.monotonic()) * 1000))


def load(source: str, name: str) -> Callable[..., Any]:
    """The function of a module or of a file; raises ImportError, AttributeError."""
    if source.endswith(".py"):
        path = Path(source).resolve()
        sys.path.insert(0, str(path.parent))
        spec = importlib.util.spec_from_file_location(path.stem, path)
        if spec is None or spec.loader is None:
            raise ImportError(f"cannot load {source}")
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
    else:
        sys.path.insert(0, os.getcwd())
        module = importlib.import_module(source)
    found: Callable[..., Any] = getattr(module, name)
    return found


def answer(function: Callable[..., Any], event: Any) -> dict[str, Any]:
    """What the function says to the event, or why it failed."""
    try:
        try:
            inspect.signature(function).bind(event, None)
        except TypeError:
            return {"answer": function(event)}
        return {"answer": function(event, Context(function.__name__))}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def main() -> None:
    """Answer events line by line until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the function prints is no answer
    try:
        function = load(*sys.argv[1:3])
        problem = None
    except Exception as error:
        problem = {"error": f"cannot be loaded: {type(error).__name__}: {error}"}
    for line in sys.stdin:
        said = problem or answer(function, json.loads(line))
        try:
            text = json.dumps(said)
        except (TypeError, ValueError) as error:
            text = json.dumps({"error": f"its answer is no JSON: {error}"})
        answers.write(text + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
