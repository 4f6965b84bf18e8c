/**
 * Labeled spans of a text, and every change to them as a step that can be undone. No DOM. Positions are UTF-16 units;
 * a span ends before its `end`. Spans may overlap; the same span with the same label is there once.
 */

export interface Entity {
  readonly id: number;
  readonly label: string;
  readonly start: number;
  readonly end: number;
}

/** A stretch of text with the same entities over all of it. */
export interface Segment {
  readonly start: number;
  readonly end: number;
  readonly entities: readonly Entity[]; // the longest first
  readonly ending: readonly Entity[]; // those that end with it
}

export class EntityList {
  private list: readonly Entity[] = [];
  private readonly past: (readonly Entity[])[] = [];
  private future: (readonly Entity[])[] = [];
  private nextId = 1;

  constructor(readonly text: string) {}

  /** In order of the text. */
  get all(): readonly Entity[] {
    return this.list;
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  /** Puts entities there without a step to undo: an initial value, a draft. Impossible ones are left out. */
  load(entities: Iterable<Omit<Entity, "id">>): void {
    const kept: Entity[] = [];
    for (const entity of entities) {
      const { label, start, end } = entity;
      const fits = Number.isInteger(start) && Number.isInteger(end) && start >= 0 && end <= this.text.length && start < end;
      if (fits && !has(kept, entity)) kept.push({ id: this.nextId++, label, start, end });
    }
    this.list = sorted(kept);
    this.past.length = 0;
    this.future = [];
  }

  /** Labels a span, without the blanks around it; undefined when nothing is left of it or it is there already. */
  add(label: string, start: number, end: number): Entity | undefined {
    const span = this.trimmed(start, end);
    if (!span || has(this.list, { label, ...span })) return undefined;
    const entity = { id: this.nextId++, label, ...span };
    this.replace([...this.list, entity]);
    return entity;
  }

  remove(id: number): void {
    if (this.get(id)) this.replace(this.list.filter((entity) => entity.id !== id));
  }

  /** Gives an entity another label. */
  relabel(id: number, label: string): void {
    const entity = this.get(id);
    if (!entity || entity.label === label) return;
    if (has(this.list, { ...entity, label })) this.remove(id);
    else this.replace(this.list.map((other) => (other.id === id ? { ...other, label } : other)));
  }

  /** Moves an entity's ends by whole characters; ends that would cross or leave the text stay. */
  resize(id: number, startBy: number, endBy: number): void {
    const entity = this.get(id);
    if (!entity) return;
    const start = Math.max(0, this.step(entity.start, startBy));
    const end = Math.min(this.text.length, this.step(entity.end, endBy));
    if (start >= end || (start === entity.start && end === entity.end) || has(this.list, { ...entity, start, end })) return;
    this.replace(this.list.map((other) => (other.id === id ? { ...other, start, end } : other)));
  }

  get(id: number): Entity | undefined {
    return this.list.find((entity) => entity.id === id);
  }

  undo(): void {
    this.travel(this.past, this.future);
  }

  redo(): void {
    this.travel(this.future, this.past);
  }

  /** The text from `start` to `end` as segments, in order and without gaps. */
  segments(start: number, end: number): Segment[] {
    const within = this.list.filter((entity) => entity.start < end && entity.end > start);
    const cuts = new Set([start, end]);
    for (const entity of within) cuts.add(Math.max(start, entity.start)).add(Math.min(end, entity.end));
    const places = [...cuts].sort((a, b) => a - b);
    return places.slice(0, -1).map((from, index) => {
      const to = places[index + 1]!;
      const entities = within.filter((entity) => entity.start <= from && entity.end >= to).sort((a, b) => b.end - b.start - (a.end - a.start));
      return { start: from, end: to, entities, ending: entities.filter((entity) => entity.end === to) };
    });
  }

  private travel(from: (readonly Entity[])[], to: (readonly Entity[])[]): void {
    const list = from.pop();
    if (!list) return;
    to.push(this.list);
    this.list = list;
  }

  private replace(list: readonly Entity[]): void {
    this.past.push(this.list);
    this.future = [];
    this.list = sorted(list);
  }

  private trimmed(start: number, end: number): { start: number; end: number } | undefined {
    let [from, to] = start < end ? [start, end] : [end, start];
    from = Math.max(0, from);
    to = Math.min(this.text.length, to);
    while (from < to && /\s/.test(this.text[from]!)) from++;
    while (to > from && /\s/.test(this.text[to - 1]!)) to--;
    return from < to ? { start: from, end: to } : undefined;
  }

  // One character is one code point: a step never lands inside a surrogate pair.
  private step(from: number, by: number): number {
    let at = from;
    for (let left = Math.abs(by); left > 0; left--) {
      at += Math.sign(by);
      const unit = this.text.charCodeAt(at);
      if (unit >= 0xdc00 && unit <= 0xdfff) at += Math.sign(by);
    }
    return at;
  }
}

function sorted(list: readonly Entity[]): readonly Entity[] {
  return [...list].sort((a, b) => a.start - b.start || a.end - b.end || a.id - b.id);
}

function has(list: readonly Entity[], wanted: Omit<Entity, "id">): boolean {
  return list.some((entity) => entity.start === wanted.start && entity.end === wanted.end && entity.label === wanted.label);
}

/** Where the lines of a text are, each with the line break that ends it; a text has at least one line. */
export function linesOf(text: string): { start: number; end: number }[] {
  const lines: { start: number; end: number }[] = [];
  let start = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", start)) {
    lines.push({ start, end: at + 1 });
    start = at + 1;
  }
  if (start < text.length || lines.length === 0) lines.push({ start, end: text.length });
  return lines;
}
