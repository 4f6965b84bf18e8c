"""The mask elements' exact answers, by real pointers, keys and fingers, and their accessibility."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image

from browser.elements.canvas import HEIGHT, MARK_BOX, SIZE, WIDTH, OpenPage, marked_image, open_canvas

SEMANTIC, INSTANCE = "crowd-semantic-segmentation", "crowd-instance-segmentation"
TAGS = [SEMANTIC, INSTANCE]


@pytest.fixture(autouse=True)
def image(site: Any) -> None:
    site.add("/marked.png", marked_image(WIDTH, HEIGHT, MARK_BOX), "image/png")


def mask_of(answer: Any) -> Image.Image:
    """The picture of an answer, as it is stored."""
    return Image.open(io.BytesIO(base64.b64decode(answer["labeledImage"]["pngImageData"])))


def test_a_painted_class(elements_page: OpenPage) -> None:
    opened, canvas = open_canvas(elements_page, SEMANTIC)
    canvas.drag(100.5, 100.5, 200.5, 100.5)
    answer = opened.submit()["it"]
    mask = mask_of(answer)
    assert (mask.mode, mask.size) == ("P", (WIDTH, HEIGHT))
    assert answer["inputImageProperties"] == SIZE
    assert [mask.getpixel((150, y)) for y in (86, 90, 110, 114)] == [0, 1, 1, 0]
