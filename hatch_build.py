"""What building a wheel or an sdist adds to hatchling: it is refused while the custom elements are not there."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ELEMENTS = Path("src/groundswell/server/static/elements/crowd-html-elements.js")


class ElementsHook(BuildHookInterface[Any]):
    """Both kinds of archive carry the built elements, so that a wheel can be made of an sdist without Node."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Stop a build that would leave workers' pages empty; an editable install may build them later."""
        if version != "editable" and not (Path(self.root) / ELEMENTS).is_file():
            sys.exit(f"the custom elements are not built: {ELEMENTS} is missing; run `make elements`, or `make dist`")
