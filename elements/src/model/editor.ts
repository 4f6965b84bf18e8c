/**
 * The editor: a document, its history, what is selected, and the tool in hand. It has no page; the drawing element
 * feeds it pointer events in image coordinates and draws what it holds, tests feed it the same way.
 *
 * What is view state (hidden labels, hover, selection, the label in hand) stays out of the document and of the answer.
 */
import { boundsOf, shiftInside } from "../geometry/box.js";
import { translate, type Point, type Size } from "../geometry/point.js";
import type { Tool } from "../tools/tool.js";
import { ChangeDraft, ChangeShapes, Document, type Draft } from "./document.js";
import { History, type Command } from "./history.js";
import { kindOf } from "./registry.js";
import type { Hit, ShapeChange } from "./shape-store.js";
import type { Shape } from "./shape.js";

export type EditorEvent =
  /** The document changed; `byUser` is false for changes by script. */
  | { readonly type: "document"; readonly byUser: boolean }
  /** Selection, label in hand, visibility or tool changed. */
  | { readonly type: "view" }
  /** Only what follows the pointer changed: preview, hover, aim. Comes with every move, so it asks for little. */
  | { readonly type: "active" }
  /** Something to tell the worker; refusals are also shown. */
  | { readonly type: "message"; readonly text: string; readonly refused: boolean };

/** A shape as it looks during a gesture that has not become a command yet. */
export interface Preview {
  readonly shape: Shape;
  /** The shape it stands for, or null when it is new. */
  readonly replaces: number | null;
}

export interface Selection {
  readonly id: number;
  /** Picked by the worker, not just left selected by drawing it: only then its whole inside is a grip. */
  readonly picked: boolean;
  readonly vertex: number | null;
}

const PASTE_OFFSET_PX = 12;

export class Editor {
  readonly document: Document;
  readonly history = new History();
  /** The label new shapes get. */
  label: string | null = null;
  #labels: readonly string[] = [];
  #hidden = new Set<string>();
  #selection: Selection | null = null;
  #preview: Preview | null = null;
  #hover: number | null = null;
  #clipboard: Shape | null = null;
  #tool: Tool | null = null;
  #listeners = new Set<(event: EditorEvent) => void>();
  #drawings = 0;
  /** True while drawing is not wanted, for read-only use. */
  readOnly = false;

  constructor(size: Size) {
    this.document = new Document(size);
  }

  // What there is

  get labels(): readonly string[] {
    return this.#labels;
  }

  get hidden(): ReadonlySet<string> {
    return this.#hidden;
  }

  get selection(): Selection | null {
    return this.#selection;
  }

  get selected(): Shape | null {
    return this.#selection ? (this.document.shapes.get(this.#selection.id) ?? null) : null;
  }

  get preview(): Preview | null {
    return this.#preview;
  }

  get hover(): number | null {
    return this.#hover;
  }

  get tool(): Tool | null {
    return this.#tool;
  }

  /** Visible shapes at a point, best first. */
  hits(at: Point, tolerance: number): Hit[] {
    return this.document.shapes.hits(at, tolerance).filter(({ shape }) => !this.#hidden.has(shape.label));
  }

  on(listener: (event: EditorEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  // View state

  set labels(labels: readonly string[]) {
    this.#labels = labels;
    if (this.label === null || !labels.includes(this.label)) this.label = labels[0] ?? null;
    this.viewChanged();
  }

  setLabel(label: string): void {
    this.label = label;
    this.viewChanged();
  }

  setHidden(label: string, hidden: boolean): void {
    if (hidden) this.#hidden.add(label);
    else this.#hidden.delete(label);
    if (hidden && this.selected?.label === label) this.#selection = null;
    this.viewChanged();
  }

  setHover(id: number | null): void {
    if (this.#hover === id) return;
    this.#hover = id;
    this.activeChanged();
  }

  setPreview(preview: Preview | null): void {
    if (preview === null && this.#preview === null) return;
    this.#preview = preview;
    this.activeChanged();
  }

  select(id: number | null, { picked = true, vertex = null as number | null } = {}): void {
    const now = this.#selection;
    if (id === (now?.id ?? null) && picked === (now?.picked ?? picked) && vertex === (now?.vertex ?? null)) return;
    this.#selection = id === null ? null : { id, picked, vertex };
    this.viewChanged();
  }

  /** Selects the visible shape after (or before) the selected one, in the order of the answer. */
  selectNext(step: 1 | -1): void {
    const shapes = this.document.shapes.all.filter(({ label }) => !this.#hidden.has(label));
    if (shapes.length === 0) return;
    const at = shapes.findIndex(({ id }) => id === this.#selection?.id);
    const next = shapes[at < 0 ? (step > 0 ? 0 : shapes.length - 1) : (at + step + shapes.length) % shapes.length] as Shape;
    this.select(next.id);
    this.say(this.inWords(next));
  }

  /** Makes the next (or previous) vertex of the selected shape the one that arrows move. */
  selectVertex(step: 1 | -1): void {
    const shape = this.selected;
    if (!shape || !this.#selection || shape.kind === "box") return;
    const n = shape.points.length;
    const vertex = this.#selection.vertex === null ? (step > 0 ? 0 : n - 1) : (this.#selection.vertex + step + n) % n;
    this.select(shape.id, { vertex });
    const { x, y } = shape.points[vertex] as Point;
    this.say(`Point ${vertex + 1} of ${n}, x ${Math.round(x)}, y ${Math.round(y)}`);
  }

  setTool(tool: Tool): void {
    if (this.#tool === tool) return;
    this.#tool?.send("interrupt");
    this.#tool = tool;
    tool.send("sync");
    this.viewChanged();
  }

  // Changes, each one step of the history

  run(command: Command): void {
    this.history.run(command);
    this.documentChanged();
  }

  /** Records a command that has already taken effect (a brush stroke). */
  record(command: Command): void {
    this.history.push(command);
    this.documentChanged();
  }

  undo(): void {
    this.#tool?.send("interrupt");
    const command = this.history.undo();
    if (command) this.#travelled(`Undone: ${command.name}`);
  }

  redo(): void {
    this.#tool?.send("interrupt");
    const command = this.history.redo();
    if (command) this.#travelled(`Redone: ${command.name}`);
  }

  /** Adds a shape under the label in hand and selects it; null, with the reason said, when it may not be. */
  add(kind: string, points: readonly Point[], { picked = false, label = this.label } = {}): Shape | null {
    if (this.readOnly) return null;
    if (label === null) return this.refuse("Choose a label first.");
    const settled = kindOf({ kind }).settle(points, this.document.size);
    const problem = kindOf({ kind }).problem(settled);
    if (problem) return this.refuse(problem);
    const shape: Shape = { id: this.document.shapes.takeId(), kind, label, points: settled };
    this.#hidden.delete(label);
    this.#selection = { id: shape.id, picked, vertex: null };
    this.run(new ChangeShapes(this.document, `draw ${kindOf(shape).noun}`, [{ before: null, after: shape }]));
    this.say(`Drawn: ${this.inWords(shape)}`);
    return shape;
  }

  /** Gives a shape other points; false, with the reason said, when they may not be. */
  reshape(shape: Shape, points: readonly Point[], name: string): boolean {
    const before = this.#inForce(shape);
    if (!before) return false;
    const settled = kindOf(shape).settle(points, this.document.size);
    const problem = kindOf(shape).problem(settled);
    if (problem) this.refuse(problem);
    if (problem || this.readOnly || samePoints(settled, before.points)) return false;
    const after = { ...before, points: settled };
    this.run(new ChangeShapes(this.document, `${name} ${kindOf(shape).noun}`, [{ before, after }]));
    return true;
  }

  /** Moves the selected shape, or its active vertex, by whole pixels, as far as the image reaches. */
  nudge(dx: number, dy: number): void {
    const shape = this.selected;
    if (!shape) return;
    const vertex = this.#selection?.vertex ?? null;
    const points =
      vertex === null
        ? this.shifted(shape, dx, dy)
        : shape.points.map((p, i) => (i === vertex ? { x: p.x + dx, y: p.y + dy } : p));
    if (this.reshape(shape, points, "move")) this.say(kindOf(shape).describe(this.selected?.points ?? points));
  }

  stretch(dx: number, dy: number): void {
    const shape = this.selected;
    if (!shape) return;
    const points = kindOf(shape).stretch(shape.points, dx, dy);
    if (this.reshape(shape, points, "resize")) this.say(kindOf(shape).describe(this.selected?.points ?? points));
  }

  /** The shape's points moved by whole pixels without leaving the image. */
  shifted(shape: Shape, dx: number, dy: number): readonly Point[] {
    const { x, y } = shiftInside(boundsOf(shape.points), Math.round(dx), Math.round(dy), this.document.size);
    return translate(shape.points, x, y);
  }

  /** Deletes the active vertex, else the selected shape. */
  deleteSelected(): void {
    const shape = this.selected;
    if (!shape || this.readOnly) return;
    const vertex = this.#selection?.vertex ?? null;
    if (vertex !== null && kindOf(shape).hasVertices) return this.deleteVertex(shape, vertex);
    this.#tool?.send("interrupt");
    this.#selection = null;
    this.run(new ChangeShapes(this.document, `delete ${kindOf(shape).noun}`, [{ before: shape, after: null }]));
    this.say(`Deleted: ${this.inWords(shape)}`);
  }

  deleteVertex(shape: Shape, vertex: number): void {
    const now = this.#inForce(shape) ?? shape;
    if (!this.reshape(now, now.points.filter((_, i) => i !== vertex), "delete a point of")) return;
    this.select(now.id);
    this.say(`Point deleted, ${now.points.length - 1} left`);
  }

  /** Inserts a vertex in the middle of the edge after the active vertex, and makes it the active one. */
  insertVertex(): void {
    const shape = this.selected;
    if (!shape || !kindOf(shape).hasVertices) return;
    const from = Math.min(this.#selection?.vertex ?? 0, kindOf(shape).closed ? Infinity : shape.points.length - 2);
    const a = shape.points[from] as Point;
    const b = shape.points[(from + 1) % shape.points.length] as Point;
    const middle = { x: Math.round((a.x + b.x) / 2), y: Math.round((a.y + b.y) / 2) };
    const points = [...shape.points.slice(0, from + 1), middle, ...shape.points.slice(from + 1)];
    if (this.reshape(shape, points, "insert a point into")) this.select(shape.id, { vertex: from + 1 });
  }

  relabel(label: string, given: Shape | null = this.selected): void {
    const shape = given && this.#inForce(given);
    if (!shape || shape.label === label || this.readOnly) return;
    const change: ShapeChange = { before: shape, after: { ...shape, label } };
    this.run(new ChangeShapes(this.document, `relabel ${kindOf(shape).noun}`, [change]));
    this.say(`Now ${label}`);
  }

  copy(): void {
    this.#clipboard = this.selected ?? this.#clipboard;
    if (this.selected) this.say(`Copied: ${this.inWords(this.selected)}`);
  }

  /** Pastes the copied shape a little aside, away from the image's border; pasting again steps further. */
  paste(): void {
    const shape = this.#clipboard;
    if (!shape) return;
    const { width, height } = this.document.size;
    const bounds = boundsOf(shape.points);
    const dx = bounds.left + bounds.width + PASTE_OFFSET_PX <= width ? PASTE_OFFSET_PX : -PASTE_OFFSET_PX;
    const dy = bounds.top + bounds.height + PASTE_OFFSET_PX <= height ? PASTE_OFFSET_PX : -PASTE_OFFSET_PX;
    const pasted = this.add(shape.kind, this.shifted(shape, dx, dy), { picked: true, label: shape.label });
    if (pasted) this.#clipboard = pasted;
  }

  /** A modest new shape around a point, for those who draw without a pointer. */
  addStarter(centre: Point): void {
    const kind = this.#tool?.kind;
    if (kind) this.add(kind, kindOf({ kind }).starter(centre, this.document.size), { picked: true });
  }

  clear(): void {
    const changes = this.document.shapes.all.map((shape) => ({ before: shape, after: null }));
    if (changes.length === 0 || this.readOnly) return;
    this.#tool?.send("interrupt");
    this.#selection = null;
    this.run(new ChangeShapes(this.document, "delete everything", changes));
    this.say("Everything deleted");
  }

  // Drafts

  /** Gives the draft other points, as one step of the history; an empty list ends it. */
  draw(kind: string, points: readonly Point[], name: string): void {
    if (this.label === null && !this.document.draft) return void this.refuse("Choose a label first.");
    const now = this.document.draft;
    const drawing = now?.drawing ?? ++this.#drawings;
    const draft: Draft = { drawing, kind, label: now?.label ?? (this.label as string), points };
    this.run(new ChangeDraft(this.document, name, points.length > 0 ? draft : null));
  }

  /** Turns the draft into a shape. Its steps leave the history: from now on the whole shape is one step. */
  finishDraft(): Shape | null {
    const draft = this.document.draft;
    if (!draft) return null;
    const problem = kindOf(draft).problem(kindOf(draft).settle(draft.points, this.document.size));
    if (problem) return this.refuse(problem);
    this.takeDraft();
    return this.add(draft.kind, draft.points, { label: draft.label });
  }

  /** Ends the draft and forgets its steps; whoever takes it makes one step of it all. */
  takeDraft(): Draft | null {
    const { draft } = this.document;
    this.document.draft = null;
    if (draft) this.history.forget((command) => command instanceof ChangeDraft && command.drawing === draft.drawing);
    return draft;
  }

  // Replacing everything by script

  /** Puts these shapes in place of all others and starts a new history. Not an act of the worker. */
  load(shapes: readonly Omit<Shape, "id">[]): void {
    this.#tool?.send("interrupt");
    const { shapes: store } = this.document;
    const gone = store.all.map((shape) => ({ before: shape, after: null }));
    const come = shapes.map((shape) => ({ before: null, after: { ...shape, id: store.takeId() } }));
    store.apply([...gone, ...come]);
    this.document.draft = null;
    this.history.clear();
    this.#selection = null;
    this.#preview = null;
    this.#tool?.send("sync");
    this.documentChanged(false);
  }

  // Telling

  say(text: string): void {
    this.#emit({ type: "message", text, refused: false });
  }

  refuse(text: string): null {
    this.#emit({ type: "message", text, refused: true });
    return null;
  }

  inWords(shape: Shape): string {
    return `${shape.label} ${kindOf(shape).noun}, ${kindOf(shape).describe(shape.points)}`;
  }

  viewChanged(): void {
    this.#emit({ type: "view" });
  }

  activeChanged(): void {
    this.#emit({ type: "active" });
  }

  documentChanged(byUser = true): void {
    if (this.#selection && !this.document.shapes.get(this.#selection.id)) this.#selection = null;
    this.#emit({ type: "document", byUser });
  }

  /** The shape as it is now: a gesture or a list may still hold what it was, or one that has been deleted meanwhile. */
  #inForce(shape: Shape): Shape | undefined {
    return this.document.shapes.get(shape.id);
  }

  #travelled(text: string): void {
    const shape = this.selected;
    const vertex = this.#selection?.vertex ?? null;
    if (shape && vertex !== null && vertex >= shape.points.length) this.select(shape.id);
    this.#tool?.send("sync");
    this.documentChanged();
    this.say(text);
  }

  #emit(event: EditorEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

const samePoints = (a: readonly Point[], b: readonly Point[]): boolean =>
  a.length === b.length && a.every((p, i) => p.x === b[i]?.x && p.y === b[i]?.y);
