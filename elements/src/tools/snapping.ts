/** Neighbouring outlines share their borders: points near another shape's vertex or edge are put on it. */
import { boundsOf, grow } from "../geometry/box.js";
import { nearestEdge } from "../geometry/path.js";
import { distance, type Point } from "../geometry/point.js";
import type { Editor } from "../model/editor.js";
import { kindOf } from "../model/registry.js";
import { reach, type ToolPointer } from "./tool.js";

const SNAP_PX = 6;

/** The place near the pointer that a neighbour's outline attracts it to; vertices before edges. Alt switches it off. */
export function snapped(editor: Editor, pointer: ToolPointer, at: Point = pointer.point, except?: number): Point {
  if (pointer.alt) return at;
  const tolerance = reach(pointer, SNAP_PX);
  const around = grow(boundsOf([at]), tolerance);
  let best: Point | null = null;
  let nearest = tolerance;
  let onVertex = false;
  for (const shape of editor.document.shapes.within(around)) {
    if (shape.id === except || editor.hidden.has(shape.label) || !kindOf(shape).hasVertices) continue;
    for (const vertex of shape.points) {
      const d = distance(vertex, at);
      if (d <= (onVertex ? nearest : tolerance)) [best, nearest, onVertex] = [vertex, d, true];
    }
    if (onVertex) continue;
    const edge = nearestEdge(shape.points, kindOf(shape).closed, at);
    if (edge && edge.distance <= nearest) [best, nearest] = [edge.point, edge.distance];
  }
  return best ?? at;
}
