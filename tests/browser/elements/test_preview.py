"""`groundswell template preview`: the task in its sandboxed frame, and the answer it gives."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from browser.elements.images import png
from groundswell.cli.template_preview import PreviewServer
from groundswell.templates.loader import builtin_template


def test_preview_shows_the_task_and_its_answer(built_elements: Path, browser: Any, tmp_path: Path) -> None:
    (tmp_path / "my photo.png").write_bytes(png())
    sample = {"taskObject": "my photo.png", "labels": ["Owl", "Bat"], "header": "Which?", "shortInstructions": "Look."}
    with PreviewServer(lambda: builtin_template("image-classification"), lambda: sample, tmp_path) as server:
        threading.Thread(target=server.serve, daemon=True).start()
        context = browser.new_context()
        page = context.new_page()
        page.goto(server.url)
        task = page.frame_locator("iframe")
        task.get_by_role("radio", name="Bat").click()
        assert task.locator("gs-image-viewer img").evaluate("image => image.naturalWidth") == 400
        assert task.locator("body").evaluate("() => origin") == "null"
        page.keyboard.press("Enter")
        page.get_by_text("Submitted answer").wait_for()
        assert '"label": "Bat"' in page.locator("#answer pre").inner_text()
        page.get_by_role("button", name="Phone").click()
        assert page.locator("iframe").bounding_box()["width"] < 400
        context.close()
        server.stop()
