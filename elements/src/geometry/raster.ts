/** Which pixels a brush stroke, a polygon or a flood covers, as runs in rows. A pixel is covered when its centre is. */
import type { Point } from "./point.js";

/** A run of pixels in one row: from `from` up to, not with, `to`. */
export interface Span {
  readonly y: number;
  readonly from: number;
  readonly to: number;
}

/** The pixels within `radius` of the line from `a` to `b`: one step of a round brush. At least the pixel under `b`. */
export function* strokeSpans(a: Point, b: Point, radius: number): Generator<Span> {
  const top = Math.floor(Math.min(a.y, b.y) - radius);
  const bottom = Math.ceil(Math.max(a.y, b.y) + radius);
  let any = false;
  for (let y = top; y <= bottom; y++) {
    const range = capsuleAt(a, b, radius, y + 0.5);
    if (!range) continue;
    const from = Math.ceil(range[0] - 0.5);
    const to = Math.floor(range[1] - 0.5) + 1;
    if (from >= to) continue;
    any = true;
    yield { y, from, to };
  }
  if (!any) yield { y: Math.floor(b.y), from: Math.floor(b.x), to: Math.floor(b.x) + 1 };
}

// Where the row at height y is inside the two discs or the band between them; a capsule is convex, so it is one range.
function capsuleAt(a: Point, b: Point, radius: number, y: number): [number, number] | undefined {
  let low = Infinity;
  let high = -Infinity;
  const take = (from: number, to: number) => {
    low = Math.min(low, from);
    high = Math.max(high, to);
  };
  for (const { x, y: centre } of [a, b]) {
    const half = radius * radius - (y - centre) * (y - centre);
    if (half >= 0) take(x - Math.sqrt(half), x + Math.sqrt(half));
  }
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  if (length > 0) {
    const [nx, ny] = [(-(b.y - a.y) / length) * radius, ((b.x - a.x) / length) * radius];
    const corners = [
      { x: a.x + nx, y: a.y + ny }, { x: b.x + nx, y: b.y + ny }, { x: b.x - nx, y: b.y - ny }, { x: a.x - nx, y: a.y - ny },
    ];
    for (const crossing of crossings(corners, y)) take(crossing, crossing);
  }
  return low <= high ? [low, high] : undefined;
}

function crossings(corners: readonly Point[], y: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < corners.length; i++) {
    const [p, q] = [corners[i]!, corners[(i + 1) % corners.length]!];
    if (p.y <= y !== q.y <= y) found.push(p.x + ((y - p.y) / (q.y - p.y)) * (q.x - p.x));
  }
  return found;
}

/** The pixels inside a closed path, by the even-odd rule. */
export function* polygonSpans(path: readonly Point[]): Generator<Span> {
  if (path.length < 3) return;
  const top = Math.floor(Math.min(...path.map(({ y }) => y)));
  const bottom = Math.ceil(Math.max(...path.map(({ y }) => y)));
  for (let y = top; y <= bottom; y++) {
    const xs = crossings(path, y + 0.5).sort((one, other) => one - other);
    for (let i = 0; i + 1 < xs.length; i += 2) {
      const from = Math.ceil(xs[i]! - 0.5);
      const to = Math.ceil(xs[i + 1]! - 0.5);
      if (from < to) yield { y, from, to };
    }
  }
}

/**
 * The connected pixels around a seed for which `inside` says yes, by rows; four neighbours count. Each pixel is asked a
 * few times at most; the work is in proportion to the area found.
 */
export function floodSpans(width: number, height: number, seed: Point, inside: (x: number, y: number) => boolean): Span[] {
  const [sx, sy] = [Math.floor(seed.x), Math.floor(seed.y)];
  if (sx < 0 || sy < 0 || sx >= width || sy >= height || !inside(sx, sy)) return [];
  const seen = new Uint8Array(width * height);
  const found: Span[] = [];
  const waiting: [number, number][] = [[sx, sy]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [x, y] = next;
    const row = y * width;
    if (seen[row + x]) continue;
    let from = x;
    while (from > 0 && !seen[row + from - 1] && inside(from - 1, y)) from--;
    let to = x + 1;
    while (to < width && !seen[row + to] && inside(to, y)) to++;
    seen.fill(1, row + from, row + to);
    found.push({ y, from, to });
    for (const other of [y - 1, y + 1]) {
      if (other < 0 || other >= height) continue;
      for (let at = from; at < to; at++) {
        if (seen[other * width + at] || !inside(at, other)) continue;
        waiting.push([at, other]);
        while (at + 1 < to && !seen[other * width + at + 1] && inside(at + 1, other)) at++;
      }
    }
  }
  return found;
}
