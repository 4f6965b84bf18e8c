/** Points in image coordinates: continuous, origin at the image's top left corner, one unit = one natural pixel. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Width and height in natural pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export const point = (x: number, y: number): Point => ({ x, y });

export const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

export const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

/** The nearest point of the image; edges count as inside. */
export const clampTo = (p: Point, size: Size): Point => ({ x: clamp(p.x, 0, size.width), y: clamp(p.y, 0, size.height) });

export const translate = (points: readonly Point[], dx: number, dy: number): Point[] =>
  points.map((p) => ({ x: p.x + dx, y: p.y + dy }));

/** On the corner of the nearest natural pixel: shapes are kept in whole pixels, as the answer states them. */
export const roundPoint = (p: Point): Point => ({ x: Math.round(p.x), y: Math.round(p.y) });
