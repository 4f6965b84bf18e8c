"""Things drawn on images: reading workers' shapes, writing consolidated ones. One `Shape` a kind; a table, no branches.

Coordinates are pixels of the natural image, origin at the top left; in manifests they are whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from groundswell.consolidation.estimates import Estimate
from groundswell.domain.errors import InvalidAnnotation
from groundswell.tasktypes import metadata
from groundswell.tasktypes.answers import FARTHEST_PX, items_of, label_of, member_of, number_of, part, whole_of
from groundswell.tasktypes.base import DecodeContext, EncodeContext, EncodedLabel

Item = Mapping[str, Any]


@dataclass(frozen=True)
class Shape:
    """One kind of drawn thing."""

    member: str  # the answer's list: `boundingBoxes`
    elements: tuple[str, ...]  # names its element usually has
    read: Callable[[Item, str], dict[str, Any]]  # (item, where) -> its geometry, checked
    write: Callable[[Item], dict[str, Any]]  # geometry as manifests have it


def _read_box(item: Item, where: str) -> dict[str, Any]:
    sides = {name: number_of(member_of(item, name, where), f"{where}.{name}") for name in ("left", "top")}
    return sides | {
        name: number_of(member_of(item, name, where), f"{where}.{name}", least=0, most=FARTHEST_PX)
        for name in ("width", "height")
    }


def _write_box(item: Item) -> dict[str, Any]:
    """Edges are rounded, not sides, so that neighbours stay neighbours."""
    left, top = round(item["left"]), round(item["top"])
    right, bottom = round(item["left"] + item["width"]), round(item["top"] + item["height"])
    return {"left": left, "top": top, "width": max(1, right - left), "height": max(1, bottom - top)}


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


BOX = Shape("boundingBoxes", ("boundingBox", "crowd-bounding-box", "annotatedResult"), _read_box, _write_box)
POLYGON = Shape("polygons", ("crowd-polygon", "annotatedResult"), _vertices_reader(3), _write_vertices)
POLYLINE = Shape("polylines", ("crowd-polyline", "annotatedResult"), _vertices_reader(2), _write_vertices)
LINE = Shape("lines", ("crowd-line", "annotatedResult"), _vertices_reader(2, 2), _write_vertices)
KEYPOINT = Shape("keypoints", ("crowd-keypoint", "annotatedResult"), _read_point, _write_point)


def decoder(shape: Shape) -> Callable[[Item, DecodeContext], list[dict[str, Any]]]:
    """Reads an answer as a list of `{"label", ...geometry}`; raises InvalidAnnotation naming the shape at fault."""

    def decode(content: Item, context: DecodeContext) -> list[dict[str, Any]]:
        answer = part(content, shape.elements, shape.member)
        image_size(answer)
        found = []
        for index, item in enumerate(items_of(answer[shape.member], shape.member)):
            where = f"{shape.member}[{index}]"
            label = label_of(member_of(item, "label", where), context.labels, f"{where}.label")
            found.append({"label": label} | shape.read(item, where))
        return found

    return decode


def encoder(shape: Shape, manifest_type: str) -> Callable[[Estimate, EncodeContext], EncodedLabel]:
    """Writes shapes as Ground Truth writes boxes: `image_size`, `annotations`, a confidence each, the classes used."""

    def encode(estimate: Estimate, context: EncodeContext) -> EncodedLabel:
        confidences = estimate.details.get("confidences") or [estimate.confidence] * len(estimate.value)
        annotations = [{"class_id": context.labels.index(item["label"])} | shape.write(item) for item in estimate.value]
        said = {
            "objects": [{"confidence": metadata.confidence(value, context)} for value in confidences],
            "class-map": metadata.class_map(list(context.labels), {item["class_id"] for item in annotations}),
        }
        value = {"image_size": [_size_of(shape, context)], "annotations": annotations}
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


def image_size(answer: Item) -> tuple[int, int] | None:
    """(width, height) of the image a worker drew on, None where the answer does not say; raises InvalidAnnotation."""
    said = answer.get("inputImageProperties")
    if said is None:
        return None
    where = "inputImageProperties"
    if not isinstance(said, Mapping):
        raise InvalidAnnotation(f"{where}: expected width and height, got {said!r:.100}", field=where)
    sides = (whole_of(member_of(said, side, where), f"{where}.{side}", least=1) for side in ("width", "height"))
    width, height = sides
    return width, height


def _size_of(shape: Shape, context: EncodeContext) -> dict[str, int]:
    for content in context.answers:
        size = image_size(part(content, shape.elements, shape.member))
        if size is not None:
            return {"width": size[0], "height": size[1], "depth": context.image_depth}
    return {"width": 0, "height": 0, "depth": context.image_depth}
