/**
 * Pointers on the stage, by Pointer Events alone: the primary button draws; Space, the middle button and the pan mode pan, also
 * in the middle of a drawing; two fingers pan and zoom; once a pen was seen, one finger pans and the pen draws. The wheel zooms.
 */
import { distance, type Point } from "../geometry/point.js";
import type { Tool, ToolPointer } from "../tools/tool.js";
import type { Stage } from "./stage.js";

const DOUBLE_CLICK_MS = 400;
const DOUBLE_CLICK_PX = 6;
const PRIMARY = 1;
const MIDDLE = 4;

export class Gestures {
  /** Space is held. */
  spaceHeld = false;
  /** The worker switched to panning, for those without Space and a middle button. */
  panMode = false;
  #stage: Stage;
  #surface: HTMLElement | null = null;
  #touches = new Map<number, Point>();
  /** The pointer whose press the tool was told of. */
  #drawing: number | null = null;
  #last = new Map<number, Point>();
  #penSeen = false;
  #pressed = { at: { x: 0, y: 0 }, time: -Infinity, clicks: 0 };

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  attach(surface: HTMLElement): void {
    if (this.#surface === surface) return;
    this.#surface = surface;
    surface.addEventListener("pointerdown", (event) => this.#down(event));
    surface.addEventListener("pointermove", (event) => this.#move(event));
    surface.addEventListener("pointerup", (event) => this.#up(event));
    surface.addEventListener("pointercancel", (event) => this.#cancel(event));
    surface.addEventListener("pointerleave", () => this.#drawing === null && this.#stage.setPointer(null));
    surface.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    // A key let go while another window has the focus is never heard of.
    window.addEventListener("blur", () => (this.spaceHeld = false));
    // The middle button would start the browser's own scrolling, a long press its menu.
    surface.addEventListener("mousedown", (event) => event.button === 1 && event.preventDefault());
    surface.addEventListener("contextmenu", (event) => (event as PointerEvent).pointerType === "touch" && event.preventDefault());
  }

  get #tool(): Tool | null {
    return this.#stage.editor.tool;
  }

  #down(event: PointerEvent): void {
    if (!this.#stage.loaded || !this.#surface) return;
    this.#surface.focus({ preventScroll: true });
    capture(this.#surface, event.pointerId);
    const at = this.#place(event);
    this.#last.set(event.pointerId, at);
    if (event.pointerType === "pen") this.#penSeen = true;
    if (event.pointerType === "touch") this.#touches.set(event.pointerId, at);
    if (this.#touches.size === 2) this.#drop();
    if (this.#touches.size >= 2 || this.#pans(event) || event.button !== 0 || this.#drawing !== null) return;
    this.#countClicks(at, event.timeStamp);
    this.#drawing = event.pointerId;
    this.#tell("pointerDown", event);
  }

  #move(event: PointerEvent): void {
    const at = this.#place(event);
    const from = this.#last.get(event.pointerId) ?? at;
    this.#last.set(event.pointerId, at);
    if (this.#touches.has(event.pointerId) && this.#touches.size >= 2) return this.#pinch(event.pointerId, at);
    // A released primary button while another is still down comes as a move.
    if (this.#drawing === event.pointerId && !(event.buttons & PRIMARY)) return this.#finish(event);
    if (event.buttons && this.#pans(event)) this.#stage.panBy(at.x - from.x, at.y - from.y);
    else if (this.#drawing === event.pointerId && this.#tool?.everyMove) for (const each of coalesced(event)) this.#tell("pointerMove", each);
    else if (this.#drawing === event.pointerId || (this.#drawing === null && !event.buttons)) this.#tell("pointerMove", event);
    this.#stage.setPointer(this.#toolPointer(event));
  }

  #up(event: PointerEvent): void {
    if (this.#drawing === event.pointerId) this.#finish(event);
    this.#release(event);
  }

  #finish(event: PointerEvent): void {
    this.#drawing = null;
    this.#tell("pointerUp", event);
  }

  #cancel(event: PointerEvent): void {
    if (this.#drawing === event.pointerId) this.#drop();
    this.#release(event);
  }

  #release(event: PointerEvent): void {
    this.#touches.delete(event.pointerId);
    this.#last.delete(event.pointerId);
    if (event.pointerType === "touch") this.#stage.setPointer(null);
  }

  /** Takes back what the press began: it was the first finger of two. */
  #drop(): void {
    if (this.#drawing === null) return;
    this.#drawing = null;
    this.#tool?.send("interrupt");
  }

  #pans(event: PointerEvent): boolean {
    const finger = event.pointerType === "touch" && this.#penSeen;
    return this.spaceHeld || this.panMode || finger || (event.buttons & MIDDLE) !== 0;
  }

  /** Two fingers: their middle pans, their distance zooms. */
  #pinch(id: number, at: Point): void {
    const [a, b] = [...this.#touches.values()] as [Point, Point];
    this.#touches.set(id, at);
    const [c, d] = [...this.#touches.values()] as [Point, Point];
    const from = middle(a, b);
    const to = middle(c, d);
    this.#stage.panBy(to.x - from.x, to.y - from.y);
    const spread = distance(a, b);
    if (spread > 0) this.#stage.zoomBy(distance(c, d) / spread, to);
  }

  #wheel(event: WheelEvent): void {
    if (!this.#stage.loaded) return;
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : event.deltaMode === WheelEvent.DOM_DELTA_PAGE ? 400 : 1;
    // A pinch on a touch pad comes as a wheel with Control, in much smaller steps.
    const factor = Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0015));
    this.#stage.zoomBy(Math.min(Math.max(factor, 0.5), 2), this.#place(event));
  }

  #countClicks(at: Point, time: number): void {
    const { at: before, time: then, clicks } = this.#pressed;
    const again = time - then < DOUBLE_CLICK_MS && distance(at, before) < DOUBLE_CLICK_PX;
    this.#pressed = { at, time, clicks: again ? clicks + 1 : 1 };
  }

  #tell(name: "pointerDown" | "pointerMove" | "pointerUp", event: PointerEvent): void {
    this.#tool?.pointer(name, this.#toolPointer(event));
  }

  #toolPointer(event: PointerEvent): ToolPointer {
    return {
      point: this.#stage.toImage(this.#place(event)),
      scale: this.#stage.scale,
      pointerType: event.pointerType === "pen" || event.pointerType === "touch" ? event.pointerType : "mouse",
      clicks: this.#pressed.clicks,
      shift: event.shiftKey,
      alt: event.altKey,
      ctrl: event.ctrlKey || event.metaKey,
      pressure: event.pressure || 0.5,
    };
  }

  #place(event: MouseEvent): Point {
    const { left, top } = (this.#surface as HTMLElement).getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }
}

const middle = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });

const coalesced = (event: PointerEvent): PointerEvent[] => {
  const events = event.getCoalescedEvents?.() ?? [];
  return events.length > 0 ? events : [event];
};

/** Synthetic events of scripts and assistive tools have no pointer that could be captured. */
function capture(surface: HTMLElement, id: number): void {
  try {
    surface.setPointerCapture(id);
  } catch {
    /* drawn without capture then */
  }
}
