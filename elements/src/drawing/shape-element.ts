/**
 * The base of the elements whose answer is a list of shapes. A subclass names its tool and states, in one adapter, how
 * shapes are written in the answer and read from `initial-value`.
 */
import { type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { lenient } from "../chrome/base.js";
import type { KeyAction } from "../keys/registry.js";
import type { Point } from "../geometry/point.js";
import { kindOf } from "../model/registry.js";
import type { Shape } from "../model/shape.js";
import { DrawingElement } from "./drawing-element.js";
import { PAGE, renderShapeList } from "./shape-list.js";
import { shapeActions, type KeyContext } from "./stage-keys.js";

/** How one kind of shape is written in the answer. */
export interface ShapeAdapter {
  readonly kind: string;
  /** The key of the list in the answer: `boundingBoxes`. */
  readonly list: string;
  write(shape: Shape): Record<string, unknown>;
  /** The shape's points, or null when the record does not describe one. */
  read(record: Record<string, unknown>): readonly Point[] | null;
  /** Are shapes of labels that the element does not have left out? */
  readonly onlyKnownLabels?: boolean;
}

interface SavedDrawing {
  readonly answer: unknown;
  readonly nothing?: boolean;
}

export abstract class ShapeElement extends DrawingElement {
  /** Shapes to begin with: a list of records, or an object holding the list under its key in the answer. */
  @property({ converter: lenient, attribute: "initial-value" }) initialValue: unknown;

  @state() private page = 0;
  protected abstract readonly adapter: ShapeAdapter;
  /** What the shapes of `initial-value` look like in the answer, to tell whether they were modified. */
  #initialAnswer: string | null = null;
  #touched = false;

  protected override get empty(): boolean {
    return this.editor.document.shapes.size === 0;
  }

  protected override get count(): number {
    return this.editor.document.shapes.size;
  }

  protected override get things(): string {
    const kind = kindOf(this.adapter);
    return this.count === 1 ? kind.noun : kind.plural;
  }

  /** The documented answer. Setting it puts other shapes in place of those drawn. */
  override get value(): Record<string, unknown> {
    const list = this.#records();
    const modified = this.#initialAnswer === null ? {} : { initialValueModified: JSON.stringify(list) !== this.#initialAnswer };
    return { [this.adapter.list]: list, ...this.imageProperties, ...modified };
  }

  override set value(value: unknown) {
    this.#touched = true;
    this.editor.load(this.#read(value));
  }

  override get draft(): unknown {
    return { answer: { [this.adapter.list]: this.#records() }, nothing: this.nothingToLabel } satisfies SavedDrawing;
  }

  override restore(draft: unknown): void {
    const saved = (draft ?? {}) as Partial<SavedDrawing>;
    this.value = saved.answer ?? draft;
    this.nothingToLabel = saved.nothing === true && this.empty;
  }

  override reset(): void {
    this.#touched = false;
    this.nothingToLabel = false;
    this.#loadInitial();
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    const mayMatter = changed.has("initialValue") || (changed.has("labels") && this.adapter.onlyKnownLabels);
    if (mayMatter && !this.#touched) this.#loadInitial();
  }

  protected override changed(options: { final?: boolean } = {}): void {
    this.#touched = true;
    super.changed(options);
  }

  #loadInitial(): void {
    this.editor.load(this.#read(this.initialValue));
    this.#initialAnswer = this.initialValue === undefined || this.initialValue === null ? null : JSON.stringify(this.#records());
  }

  #records(): Record<string, unknown>[] {
    return this.editor.document.shapes.all.map((shape) => this.adapter.write(shape));
  }

  #read(value: unknown): Omit<Shape, "id">[] {
    const { adapter } = this;
    const list = Array.isArray(value) ? value : (value as Record<string, unknown> | null | undefined)?.[adapter.list];
    if (!Array.isArray(list)) return [];
    return list.flatMap((record: Record<string, unknown> | null) => {
      const label = String(record?.label ?? "");
      const points = record && adapter.read(record);
      const wanted = !adapter.onlyKnownLabels || this.labels.includes(label);
      return points && wanted ? [{ kind: adapter.kind, label, points }] : [];
    });
  }

  // The list of shapes

  protected override moreKeyActions(context: KeyContext): readonly KeyAction[] {
    return shapeActions(context);
  }

  protected override renderDrawn(): TemplateResult {
    return renderShapeList({
      editor: this.editor,
      palette: this.palette,
      from: this.page,
      turnTo: (from) => (this.page = Math.max(from, 0)),
      picked: (shape) => {
        this.editor.select(shape.id);
        this.stage.reveal(shape.points);
      },
    });
  }

  protected override statusText(): string {
    const shape = this.editor.preview?.shape ?? this.editor.selected;
    return shape ? kindOf(shape).measure(shape.points) : "";
  }

  protected override onEditor(event: Parameters<DrawingElement["onEditor"]>[0]): void {
    super.onEditor(event);
    const { selection } = this.editor;
    if (event.type === "active" || event.type === "message" || !selection) return;
    const at = this.editor.document.shapes.all.findIndex(({ id }) => id === selection.id);
    if (at >= 0) this.page = Math.floor(at / PAGE) * PAGE;
  }

  /** With the focus in the list, the entry that takes the deleted one's place gets it. */
  protected override removeSelected(): void {
    const entries = (): HTMLElement[] => [...this.renderRoot.querySelectorAll<HTMLElement>(".shapes .pick")];
    const at = entries().indexOf(this.shadowRoot?.activeElement as HTMLElement);
    super.removeSelected();
    if (at < 0) return;
    void this.updateComplete.then(() => (entries()[at] ?? entries()[at - 1] ?? this.surface)?.focus());
  }
}

/** Whole pixels, as the answer states them; also for values that came in with fractions. */
export const whole = (value: number): number => Math.round(value);

/** The finite numbers under these keys, which may be texts; null when one is missing. */
export function readNumbers<K extends string>(record: Record<string, unknown> | null, keys: readonly K[]): Record<K, number> | null {
  const read = keys.map((key) => {
    const value = record?.[key];
    return typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  });
  if (!read.every((value) => typeof value === "number" && Number.isFinite(value))) return null;
  return Object.fromEntries(keys.map((key, i) => [key, read[i]])) as Record<K, number>;
}

/** `[{x, y}, ...]` as points; null when there are too few or one is unreadable. */
export function readVertices(value: unknown, least: number): Point[] | null {
  if (!Array.isArray(value) || value.length < least) return null;
  const points = value.map((vertex: Record<string, unknown> | null) => readNumbers(vertex, ["x", "y"]));
  return points.every((p) => p !== null) ? points : null;
}

export const writeVertices = (shape: Shape): { x: number; y: number }[] => shape.points.map(({ x, y }) => ({ x: whole(x), y: whole(y) }));
