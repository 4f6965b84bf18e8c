/** The kinds of shapes there are. A new kind is one file in `kinds/` and one `register` call. */
import { box } from "./kinds/box.js";
import { keypoint } from "./kinds/keypoint.js";
import { line } from "./kinds/line.js";
import { polygon } from "./kinds/polygon.js";
import { polyline } from "./kinds/polyline.js";
import type { Shape, ShapeKind } from "./shape.js";

const kinds = new Map<string, ShapeKind>();

export function register(kind: ShapeKind): void {
  kinds.set(kind.name, kind);
}

export function kindOf(shape: Pick<Shape, "kind">): ShapeKind {
  const kind = kinds.get(shape.kind);
  if (!kind) throw new RangeError(`Expected a registered kind of shape, got "${shape.kind}": register it in model/registry.ts`);
  return kind;
}

for (const kind of [box, polygon, polyline, line, keypoint]) register(kind);
