/**
 * A tool is a named state machine. Its phases are a table; each phase answers the events it cares about and names the next
 * phase, or nothing to stay. Tools know image coordinates and the editor, never the page.
 */
import type { Point } from "../geometry/point.js";

/** A pointer event in image coordinates. */
export interface ToolPointer {
  readonly point: Point;
  /** Screen pixels per image pixel, to turn a reach on the screen into one on the image. */
  readonly scale: number;
  readonly pointerType: "mouse" | "pen" | "touch";
  /** 2 for the second press of a double click. */
  readonly clicks: number;
  readonly shift: boolean;
  readonly alt: boolean;
  readonly ctrl: boolean;
  /** Pen pressure in [0, 1]; 0.5 for devices without. */
  readonly pressure: number;
}

type Next = string | void;

export interface Phase {
  enter?(): void;
  exit?(): void;
  pointerDown?(pointer: ToolPointer): Next;
  pointerMove?(pointer: ToolPointer): Next;
  pointerUp?(pointer: ToolPointer): Next;
  /** Finish what is being drawn (Enter). */
  complete?(): Next;
  /** Give up what is being drawn (Escape). */
  cancel?(): Next;
  /** The gesture turned into something else, such as a two-finger pan: drop what depends on the pointer. */
  interrupt?(): Next;
  /** The document changed under the tool by undo, redo or a script. */
  sync?(): Next;
}

export type ToolEvent = Exclude<keyof Phase, "enter" | "exit">;
export type Phases = Readonly<Record<string, Phase>>;

export abstract class Tool {
  abstract readonly name: string;
  /** Shown on its button. */
  abstract readonly title: string;
  /** The kind of shape it draws, or null for tools that paint. */
  abstract readonly kind: string | null;
  /** The pointer's shape over empty ground. */
  readonly cursor: string = "crosshair";
  /** Does it want every position of a fast pointer, not just one a frame? Brushes do. */
  readonly everyMove: boolean = false;
  protected abstract readonly phases: Phases;
  #phase = "idle";

  get phase(): string {
    return this.#phase;
  }

  pointer(event: "pointerDown" | "pointerMove" | "pointerUp", pointer: ToolPointer): void {
    this.#go(this.phases[this.#phase]?.[event]?.(pointer));
  }

  send(event: "complete" | "cancel" | "interrupt" | "sync"): void {
    this.#go(this.phases[this.#phase]?.[event]?.());
  }

  /** Can `complete` do something now? Decides whether Enter belongs to the tool or to the form. */
  get canComplete(): boolean {
    return this.phases[this.#phase]?.complete !== undefined;
  }

  #go(next: Next): void {
    if (!next || next === this.#phase) return;
    this.phases[this.#phase]?.exit?.();
    this.#phase = next;
    this.phases[next]?.enter?.();
  }
}

/** How near, in image units, a pointer has to be to touch something. Fingers are wider than arrows. */
export const reach = (pointer: ToolPointer, px = 7): number =>
  (pointer.pointerType === "touch" ? px * 2 : px) / pointer.scale;
