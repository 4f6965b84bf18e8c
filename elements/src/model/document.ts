/** What is being edited: the image's size, the shapes on it, and the path that is being drawn right now. */
import type { Point, Size } from "../geometry/point.js";
import type { Command } from "./history.js";
import { ShapeStore, type ShapeChange } from "./shape-store.js";

/** A path in the making. It lives in the document so that each of its vertices is a step of the one history. */
export interface Draft {
  /** Drafts of one drawing share the number; it tells their commands from those of earlier drawings. */
  readonly drawing: number;
  /** The kind of shape it will be. */
  readonly kind: string;
  readonly label: string;
  readonly points: readonly Point[];
}

export class Document {
  readonly shapes = new ShapeStore();
  size: Size;
  draft: Draft | null = null;

  constructor(size: Size) {
    this.size = size;
  }
}

export class ChangeShapes implements Command {
  constructor(
    readonly document: Document,
    readonly name: string,
    readonly changes: readonly ShapeChange[],
  ) {}

  apply(): void {
    this.document.shapes.apply(this.changes);
  }

  revert(): void {
    this.document.shapes.apply(this.changes, true);
  }
}

export class ChangeDraft implements Command {
  readonly #before: Draft | null;

  constructor(
    readonly document: Document,
    readonly name: string,
    readonly after: Draft | null,
  ) {
    this.#before = document.draft;
  }

  get drawing(): number | undefined {
    return (this.after ?? this.#before)?.drawing;
  }

  apply(): void {
    this.document.draft = this.after;
  }

  revert(): void {
    this.document.draft = this.#before;
  }
}
