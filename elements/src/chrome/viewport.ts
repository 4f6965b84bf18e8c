/** The view of an image: a scale and an offset, so that screen = image * scale + offset (CSS pixels). Pure. */
export interface View {
  readonly scale: number; // screen pixels per image pixel
  readonly x: number; // screen position of the image's left edge
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const LARGEST = 40;

/**
 * The view that shows all of an image in a frame, centred, never enlarged more than `most` times. `top` pixels at the
 * upper edge are left free for what is shown there.
 */
export function fit(image: Size, frame: Size, { margin = 24, most = 8, top = 0 } = {}): View {
  const free = { width: frame.width, height: Math.max(frame.height - top, 1) };
  const room = (side: number) => Math.max(side - 2 * margin, 1);
  const scale = Math.min(room(free.width) / image.width, room(free.height) / image.height, most);
  const view = centred(image, free, scale);
  // The middle of the whole frame where there is room for it, lower where there is not.
  return { ...view, y: Math.max(view.y + top / 2, top + margin / 2) };
}

/** The view at a given scale with the image in the middle of the frame. */
export function centred(image: Size, frame: Size, scale: number): View {
  return { scale, x: (frame.width - image.width * scale) / 2, y: (frame.height - image.height * scale) / 2 };
}

/** Zooms by a factor so that the image point under (x, y) stays there. */
export function zoomAt(view: View, factor: number, x: number, y: number, least = 0.01): View {
  const scale = Math.min(Math.max(view.scale * factor, least), LARGEST);
  const ratio = scale / view.scale;
  return { scale, x: x - (x - view.x) * ratio, y: y - (y - view.y) * ratio };
}

/** Moves the view, but keeps at least a corner of the image inside the frame. */
export function moved(view: View, dx: number, dy: number, image: Size, frame: Size): View {
  const keep = 48;
  const clamp = (value: number, size: number, room: number) => Math.min(Math.max(value, keep - size), room - keep);
  return {
    scale: view.scale,
    x: clamp(view.x + dx, image.width * view.scale, frame.width),
    y: clamp(view.y + dy, image.height * view.scale, frame.height),
  };
}
