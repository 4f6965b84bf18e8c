"""Things drawn on images: reading workers' shapes, writing consolidated ones. One `Shape` a kind; a table, no branches.

Coordinates are pixels of the natural image, origin at the top left; in manifests they are whole numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

from groundswell.consolidation.estimates import Estimate
from groundswell.domain.errors import InvalidAnnotation
from groundswell.tasktypes import metadata
from groundswell.tasktypes.answers import FARTHEST_PX, items_of, label_of, member_of, number_of, part, shown, whole_of
from groundswell.tasktypes.base import DecodeContext, EncodeContext, EncodedLabel
from groundswell.tasktypes.clipping import Clip, clip_box, clip_line, clip_point, clip_polygon
from groundswell.tasktypes.picture_facts import Picture

Item = Mapping[str, Any]


@dataclass(frozen=True)
class Shape:
    """One kind of drawn thing."""

    member: str  # the answer's list: `boundingBoxes`
    elements: tuple[str, ...]  # names its element usually has
    read: Callable[[Item, str], dict[str, Any]]  # (item, where) -> its geometry, checked
    write: Callable[[Item], dict[str, Any]]  # geometry as manifests have it
    clip: Clip  # geometry, cut to a picture of this size; None where nothing is left


def _read_box(item: Item, where: str) -> dict[str, Any]:
    sides = {name: number_of(member_of(item, name, where), f"{where}.{name}") for name in ("left", "top")}
    return sides | {
        name: number_of(member_of(item, name, where), f"{where}.{name}", least=0, most=FARTHEST_PX)
        for name in ("width", "height")
    }


def _write_box(item: Item) -> dict[str, Any]:
    """Edges are rounded, not sides, so that neighbours stay neighbours; what rounds to nothing is one pixel."""
    (left, right), (top, bottom) = _span(item["left"], item["width"]), _span(item["top"], item["height"])
    return {"left": left, "top": top, "width": right - left, "height": bottom - top}


def _span(start: float, length: float) -> tuple[int, int]:
    first, last = round(start), round(start + length)
    return (first, last) if last > first else (ceil(start + length) - 1, ceil(start + length))


def _read_point(item: Item, where: str) -> dict[str, Any]:
    return {axis: number_of(member_of(item, axis, where), f"{where}.{axis}") for axis in ("x", "y")}


def _write_point(item: Item) -> dict[str, Any]:
    return {"x": round(item["x"]), "y": round(item["y"])}


def _vertices_reader(least: int, most: int = 100_000) -> Callable[[Item, str], dict[str, Any]]:
    def read(item: Item, where: str) -> dict[str, Any]:
        vertices = items_of(member_of(item, "vertices", where), f"{where}.vertices")
        if not least <= len(vertices) <= most:
            expected = str(least) if least == most else f"at least {least}"
            raise InvalidAnnotation(
                f"{where}.vertices: expected {expected} points, got {len(vertices)}", field=f"{where}.vertices"
            )
        return {"vertices": [_read_point(point, f"{where}.vertices[{i}]") for i, point in enumerate(vertices)]}

    return read


def _write_vertices(item: Item) -> dict[str, Any]:
    return {"vertices": [_write_point(point) for point in item["vertices"]]}


BOX = Shape("boundingBoxes", ("boundingBox", "crowd-bounding-box", "annotatedResult"), _read_box, _write_box, clip_box)
POLYGON = Shape("polygons", ("crowd-polygon", "annotatedResult"), _vertices_reader(3), _write_vertices, clip_polygon)
POLYLINE = Shape("polylines", ("crowd-polyline", "annotatedResult"), _vertices_reader(2), _write_vertices, clip_line)
LINE = Shape("lines", ("crowd-line", "annotatedResult"), _vertices_reader(2, 2), _write_vertices, clip_line)
KEYPOINT = Shape("keypoints", ("crowd-keypoint", "annotatedResult"), _read_point, _write_point, clip_point)


def decoder(shape: Shape) -> Callable[[Item, DecodeContext], list[dict[str, Any]]]:
    """Reads an answer as a list of `{"label", ...geometry}`, cut to the picture where its size is known.

    Raises InvalidAnnotation naming the shape at fault: one that cannot be read, is empty or is outside the picture.
    """

    def decode(content: Item, context: DecodeContext) -> list[dict[str, Any]]:
        answer = part(content, shape.elements, shape.member)
        if context.picture is None and context.handed_in:
            said_size(answer)
        found = []
        for index, item in enumerate(items_of(answer[shape.member], shape.member)):
            where = f"{shape.member}[{index}]"
            label = label_of(member_of(item, "label", where), context.labels, f"{where}.label")
            found.append({"label": label} | _on_picture(shape, shape.read(item, where), context.picture, where))
        return found

    return decode


def _on_picture(shape: Shape, geometry: Item, picture: Picture | None, where: str) -> dict[str, Any]:
    clipped = shape.clip(geometry, picture.size if picture else None)
    if clipped is None:
        on = f" on the picture of {picture.width} x {picture.height} pixels" if picture else ""
        raise InvalidAnnotation(
            f"{where}: expected a shape with an extent{on}, got one that is empty{' or outside' * bool(picture)}: "
            f"{shown(geometry)}",
            field=where,
        )
    return clipped


def encoder(shape: Shape, manifest_type: str) -> Callable[[Estimate, EncodeContext], EncodedLabel]:
    """Writes shapes as Ground Truth writes boxes: `image_size`, `annotations`, a confidence each, the classes used."""

    def encode(estimate: Estimate, context: EncodeContext) -> EncodedLabel:
        confidences = estimate.details.get("confidences") or [estimate.confidence] * len(estimate.value)
        size = context.picture.size if context.picture else None
        annotations = [
            {"class_id": context.labels.index(item["label"])} | shape.write(shape.clip(item, size) or item)
            for item in estimate.value
        ]
        said = {
            "objects": [{"confidence": metadata.confidence(value, context)} for value in confidences],
            "class-map": metadata.class_map(list(context.labels), {item["class_id"] for item in annotations}),
        }
        value = {"image_size": [image_size(shape, context)], "annotations": annotations}
        return EncodedLabel(value, said | metadata.common(context, manifest_type))

    return encode


def reader(shape: Shape) -> Callable[[Any, Item, Sequence[str]], list[dict[str, Any]]]:
    """Reads a manifest's label as `decode` would have given it; raises InvalidAnnotation."""

    def read_label(value: Any, said: Item, labels: Sequence[str]) -> list[dict[str, Any]]:
        names = said.get("class-map", {})
        found = []
        for index, item in enumerate(items_of(member_of(value, "annotations", "label"), "annotations")):
            where = f"annotations[{index}]"
            k = whole_of(member_of(item, "class_id", where), f"{where}.class_id")
            name = names.get(str(k), labels[k] if k < len(labels) else None)
            found.append({"label": label_of(name, labels, f"{where}.class_id")} | shape.read(item, where))
        return found

    return read_label


def size_of_mask(answer: Item, context: DecodeContext) -> tuple[int, int] | None:
    """(width, height) that a mask must have: the picture's; of a new answer to one nobody can read, what it says."""
    if context.picture is not None:
        return context.picture.size
    return said_size(answer) if context.handed_in else None


def said_size(answer: Item) -> tuple[int, int] | None:
    """(width, height) of the image that the worker's page saw, None where none is said. Raises InvalidAnnotation."""
    said = answer.get("inputImageProperties")
    if said is None:
        return None
    where = "inputImageProperties"
    if not isinstance(said, Mapping):
        raise InvalidAnnotation(f"{where}: expected width and height, got {said!r:.100}", field=where)
    sides = (whole_of(member_of(said, side, where), f"{where}.{side}", least=1) for side in ("width", "height"))
    width, height = sides
    return width, height


def image_size(shape: Shape, context: EncodeContext) -> dict[str, int]:
    """The picture's own size; only where it cannot be read (it is on the web), what most workers' pages saw."""
    if context.picture is not None:
        return asdict(context.picture)
    said = Counter(size for content in context.answers if (size := _size_in(shape, content)) is not None)
    width, height = said.most_common(1)[0][0] if said else (0, 0)
    return {"width": width, "height": height, "depth": 3}


def _size_in(shape: Shape, content: Item) -> tuple[int, int] | None:
    try:
        return said_size(part(content, shape.elements, shape.member))
    except InvalidAnnotation:  # stored before it was refused
        return None
