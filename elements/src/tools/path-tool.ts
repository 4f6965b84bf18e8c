/**
 * Draws paths vertex by vertex: what the tools for polygons, polylines and lines share.
 *
 * Each click is a vertex and a step of the history; a drag is a freehand stroke whose needless points are dropped. The draft
 * lives in the document, so panning, zooming, undo and redo never lose it, and the phase follows from it (`sync`).
 */
import { closingCrosses, simplify, wouldCross } from "../geometry/path.js";
import { clampTo, distance, roundPoint, type Point } from "../geometry/point.js";
import type { Editor } from "../model/editor.js";
import { kindOf } from "../model/registry.js";
import { editingPhases, pick } from "./editing.js";
import { snapped } from "./snapping.js";
import { reach, Tool, type Phases, type ToolPointer } from "./tool.js";

export interface PathRules {
  readonly kind: string;
  readonly title: string;
  /** By default that of the kind. */
  readonly name?: string;
  /** Are edges that cross earlier ones refused? */
  readonly simple: boolean;
}

const DRAG_FROM_PX = 5;
const STROKE_STEP_PX = 3;
const STROKE_TOLERANCE_PX = 1.5;
const CLOSE_PX = 9;

export class PathTool extends Tool {
  readonly name: string;
  readonly title: string;
  readonly kind: string;
  /** Where the next vertex would go; the renderer draws the edge to it. */
  cursorPoint: Point | null = null;
  protected readonly phases: Phases;
  #pressed: Point = { x: 0, y: 0 };
  #stroke: Point[] = [];

  constructor(
    readonly editor: Editor,
    readonly rules: PathRules,
  ) {
    super();
    this.kind = rules.kind;
    this.name = rules.name ?? rules.kind;
    this.title = rules.title;
    const editing = editingPhases(editor);
    const start = (pointer: ToolPointer): string => {
      this.#pressed = pointer.point;
      this.#stroke = [];
      return "pointing";
    };
    this.phases = {
      ...editing.phases,
      idle: {
        pointerDown: (pointer) => editing.grab(pointer) ?? start(pointer),
        sync: () => this.#phaseOfDraft(),
      },
      drawing: {
        pointerDown: start,
        pointerMove: (pointer) => this.#aim(pointer),
        complete: () => this.#finish(),
        cancel: () => {
          editor.draw(this.kind, [], `give up ${this.kind}`);
          return this.#phaseOfDraft();
        },
        sync: () => this.#phaseOfDraft(),
      },
      pointing: {
        pointerMove: (pointer) => {
          if (distance(pointer.point, this.#pressed) < reach(pointer, DRAG_FROM_PX)) return;
          return this.#begin(pointer) ? "stroking" : this.#phaseOfDraft();
        },
        pointerUp: (pointer) => this.#click(pointer),
        interrupt: () => this.#phaseOfDraft(),
        cancel: () => this.#phaseOfDraft(),
      },
      stroking: {
        pointerMove: (pointer) => this.#extend(pointer),
        pointerUp: (pointer) => this.#endStroke(pointer),
        interrupt: () => this.#phaseOfDraft(),
        cancel: () => this.#phaseOfDraft(),
      },
    };
  }

  /** The points of the draft so far, with the freehand stroke in progress. */
  get drawnPoints(): readonly Point[] {
    return [...this.#points, ...this.#stroke];
  }

  get #points(): readonly Point[] {
    const { draft } = this.editor.document;
    return draft?.kind === this.kind ? draft.points : [];
  }

  /** Also forgets the stroke: whoever asks has ended or dropped it. */
  #phaseOfDraft(): string {
    this.#stroke = [];
    if (this.#points.length === 0) this.cursorPoint = null;
    this.editor.activeChanged();
    return this.#points.length > 0 ? "drawing" : "idle";
  }

  #aim(pointer: ToolPointer): void {
    const first = this.#points[0];
    this.cursorPoint = first && this.#closes(pointer) ? first : this.#place(pointer);
    this.editor.activeChanged();
  }

  /** On a neighbour's outline if one is near, on whole pixels, inside the image. */
  #place(pointer: ToolPointer): Point {
    return roundPoint(clampTo(snapped(this.editor, pointer), this.editor.document.size));
  }

  #closes(pointer: ToolPointer): boolean {
    const [first] = this.#points;
    const { closed, minPoints } = kindOf({ kind: this.kind });
    return closed && first !== undefined && this.#points.length >= minPoints && distance(first, pointer.point) <= reach(pointer, CLOSE_PX);
  }

  #click(pointer: ToolPointer): string {
    const points = this.#points;
    if (points.length === 0 && !pointer.shift && this.#picks(pointer)) return "idle";
    if (this.#closes(pointer)) return this.#finish();
    const last = points[points.length - 1];
    if (last && distance(last, pointer.point) <= reach(pointer, CLOSE_PX / 2)) {
      const enough = points.length >= kindOf({ kind: this.kind }).minPoints;
      const ends = !kindOf({ kind: this.kind }).closed || pointer.clicks > 1;
      return enough && ends ? this.#finish() : "drawing";
    }
    return this.#append(this.#place(pointer));
  }

  /** A click on an outline selects that shape; a click inside one starts a path there. */
  #picks(pointer: ToolPointer): boolean {
    const [best] = this.editor.hits(pointer.point, reach(pointer));
    if (best && best.distance <= reach(pointer)) return pick(this.editor, pointer);
    return false;
  }

  #append(next: Point, name = "add a point"): string {
    const { editor, kind } = this;
    const points = this.#points;
    const last = points[points.length - 1];
    if (editor.readOnly || (last && distance(last, next) === 0)) return this.#phaseOfDraft();
    if (this.rules.simple && wouldCross(points, next)) {
      editor.refuse("That edge would cross the shape. Choose another place, or undo the last point.");
      return this.#phaseOfDraft();
    }
    if (points.length === 0) editor.select(null);
    editor.draw(kind, [...points, next], name);
    if (this.#points.length >= kindOf({ kind }).maxPoints) return this.#finish();
    return this.#phaseOfDraft();
  }

  #finish(): string {
    const { editor } = this;
    if (this.rules.simple && closingCrosses(this.#points)) {
      editor.refuse("The closing edge would cross the shape. Add points around it, or undo the last one.");
      return "drawing";
    }
    this.complete();
    return this.#phaseOfDraft();
  }

  /** What a finished path becomes. */
  protected complete(): void {
    this.editor.finishDraft();
  }

  /** The press becomes a stroke; it begins at the press unless a vertex is there already. */
  #begin(pointer: ToolPointer): boolean {
    const last = this.#points[this.#points.length - 1];
    const from = { ...pointer, point: this.#pressed };
    if (!last || distance(last, this.#pressed) > reach(pointer, CLOSE_PX / 2)) this.#append(this.#place(from));
    if (this.#points.length === 0) return false;
    this.#extend(pointer);
    return true;
  }

  #extend(pointer: ToolPointer): void {
    const at = this.#place({ ...pointer, alt: true });
    const last = this.#stroke[this.#stroke.length - 1] ?? this.#points[this.#points.length - 1];
    this.cursorPoint = at;
    const straight = kindOf({ kind: this.kind }).maxPoints === 2;
    if (!straight && last && distance(last, at) * pointer.scale >= STROKE_STEP_PX) this.#stroke.push(at);
    this.editor.activeChanged();
  }

  #endStroke(pointer: ToolPointer): string {
    const closes = this.#stroke.length > 1 && this.#closesStroke(pointer);
    const end = this.#place(pointer);
    const last = this.#points[this.#points.length - 1] as Point;
    const path = simplify([last, ...this.#stroke, ...(closes ? [] : [end])], STROKE_TOLERANCE_PX / pointer.scale);
    this.#stroke = [];
    const drawing = this.editor.document.draft?.drawing;
    for (const p of path.slice(1)) {
      const before = this.#points.length;
      this.#append(p);
      const ended = this.editor.document.draft?.drawing !== drawing;
      if (ended || this.#points.length === before) break;
    }
    return closes && this.#points.length > 2 ? this.#finish() : this.#phaseOfDraft();
  }

  #closesStroke(pointer: ToolPointer): boolean {
    const [first] = this.#points;
    return kindOf({ kind: this.kind }).closed && first !== undefined && distance(first, pointer.point) <= reach(pointer, CLOSE_PX);
  }
}
