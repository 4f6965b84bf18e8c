/** Moving and reshaping the selected shape: the phases that every tool for shapes has in common. */
import { boundsOf, centre } from "../geometry/box.js";
import { distance, type Point } from "../geometry/point.js";
import type { Editor } from "../model/editor.js";
import { kindOf } from "../model/registry.js";
import type { Handle, Shape } from "../model/shape.js";
import { snapped } from "./snapping.js";
import { reach, type Phases, type ToolPointer } from "./tool.js";

/** What a press at a place would take hold of. */
export interface Grip {
  readonly shape: Shape;
  /** The handle, or null for the shape as a whole. */
  readonly handle: Handle | null;
}

const HANDLE_PX = 8;
const CENTRE_PX = 9;
const DRAG_FROM_PX = 2;
/** The outline of a shape just drawn is a narrow grip, so that its neighbour can be drawn close to it. */
const FRESH_OUTLINE_PX = 3;
/** Shapes smaller than this on the screen show no handles: they would cover the shape and leave no room to move it. */
export const HANDLES_FROM_PX = 20;

export const showsHandles = (shape: Shape, scale: number): boolean => {
  const { width, height } = boundsOf(shape.points);
  return kindOf(shape).maxPoints === 1 || Math.max(width, height) * scale >= HANDLES_FROM_PX;
};

/** Only the selected shape can be gripped, so that drawing over and beside others never moves them. Shift grips nothing. */
export function gripAt(editor: Editor, pointer: ToolPointer): Grip | null {
  const shape = editor.selected;
  if (!shape || pointer.shift || editor.readOnly || editor.hidden.has(shape.label)) return null;
  const kind = kindOf(shape);
  if (showsHandles(shape, pointer.scale)) {
    const tolerance = reach(pointer, HANDLE_PX);
    let best: Handle | null = null;
    for (const handle of kind.handles(shape.points)) {
      const d = distance(handle.point, pointer.point);
      if (d <= tolerance && (!best || d < distance(best.point, pointer.point))) best = handle;
    }
    if (best) return { shape, handle: best };
  }
  const onCentre = kind.closed && distance(centre(boundsOf(shape.points)), pointer.point) <= reach(pointer, CENTRE_PX);
  const picked = editor.selection?.picked === true;
  const onOutline = kind.distance(shape.points, pointer.point) <= reach(pointer, picked ? undefined : FRESH_OUTLINE_PX);
  const inside = picked && kind.inside(shape.points, pointer.point);
  return onCentre || onOutline || inside ? { shape, handle: null } : null;
}

/** The cursor and the highlighted shape under a pointer that is not pressed. */
export function cursorAt(editor: Editor, pointer: ToolPointer): string | null {
  const grip = gripAt(editor, pointer);
  if (grip) return grip.handle?.cursor ?? "move";
  return null;
}

/** Selects what a click without a drag means at this place: the best shape there, or the next one below the selected. */
export function pick(editor: Editor, pointer: ToolPointer): boolean {
  const hits = editor.hits(pointer.point, reach(pointer));
  const at = hits.findIndex(({ shape }) => shape.id === editor.selection?.id);
  const next = hits[at < 0 ? 0 : (at + 1) % hits.length];
  editor.select(next?.shape.id ?? null);
  if (next) editor.say(editor.inWords(next.shape));
  return next !== undefined;
}

/** The phases `moving` and `reshaping`, and `grab` that decides between them at a press. */
export function editingPhases(editor: Editor): { phases: Phases; grab(pointer: ToolPointer): string | undefined } {
  let grip: Grip | null = null;
  let from: Point = { x: 0, y: 0 };
  let points: readonly Point[] | null = null;

  const preview = (next: readonly Point[]): void => {
    points = next;
    if (grip) editor.setPreview({ shape: { ...grip.shape, points: next }, replaces: grip.shape.id });
  };
  const drop = (): string => {
    points = null;
    editor.setPreview(null);
    return "idle";
  };
  const commit = (name: string): string => {
    const [shape, next] = [grip?.shape, points];
    drop();
    if (shape && next) editor.reshape(shape, next, name);
    return "idle";
  };
  const moved = (pointer: ToolPointer, shape: Shape): readonly Point[] =>
    editor.shifted(shape, pointer.point.x - from.x, pointer.point.y - from.y);
  const dragged = (pointer: ToolPointer, { shape, handle }: Grip): readonly Point[] => {
    const kind = kindOf(shape);
    if (!handle) return shape.points;
    // The handle keeps its distance to the pointer, so that a press beside it does not make it jump.
    const held = { x: handle.point.x + pointer.point.x - from.x, y: handle.point.y + pointer.point.y - from.y };
    const to = kind.hasVertices ? snapped(editor, pointer, held, shape.id) : held;
    return kind.settle(kind.dragHandle(shape.points, handle, to), editor.document.size);
  };
  const asIs = { cancel: drop, interrupt: drop };

  return {
    grab(pointer) {
      grip = gripAt(editor, pointer);
      if (!grip) return undefined;
      [from, points] = [pointer.point, null];
      const { shape, handle } = grip;
      if (handle && !handle.inserts && pointer.alt && kindOf(shape).hasVertices) {
        editor.deleteVertex(shape, handle.index);
        return "idle";
      }
      return handle ? "reshaping" : "moving";
    },
    phases: {
      moving: {
        ...asIs,
        pointerMove: (pointer) => {
          const far = distance(pointer.point, from) > reach(pointer, DRAG_FROM_PX);
          if (grip && (points || far)) preview(moved(pointer, grip.shape));
        },
        pointerUp: (pointer) => {
          if (points) return commit("move");
          // A click on the selected shape hands the selection on to what lies below it.
          pick(editor, pointer);
          return drop();
        },
      },
      reshaping: {
        ...asIs,
        pointerMove: (pointer) => {
          const far = distance(pointer.point, from) > reach(pointer, DRAG_FROM_PX);
          if (grip && (points || far)) preview(dragged(pointer, grip));
        },
        pointerUp: () => {
          const { handle, shape } = grip ?? {};
          if (points) return commit(handle?.inserts ? "insert a point into" : "reshape");
          if (shape && handle && !handle.inserts && shape.kind !== "box") editor.select(shape.id, { vertex: handle.index });
          return drop();
        },
      },
    },
  };
}
