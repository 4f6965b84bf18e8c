/** Between the browser's selection and positions in the text, for text shown as `.segment[data-start]` spans. */

export interface TextRange {
  readonly start: number; // UTF-16 units
  readonly end: number;
}

interface ComposedSelection extends Selection {
  getComposedRanges(options: { shadowRoots: ShadowRoot[] }): StaticRange[];
}

/** The selected part of the text, or undefined where nothing of it is selected. */
export function selectedRange(root: ShadowRoot, place: HTMLElement): TextRange | undefined {
  const range = rawRange(root);
  if (!range || !place.contains(range.startContainer) || !place.contains(range.endContainer)) return undefined;
  const start = positionOf(place, range.startContainer, range.startOffset);
  const end = positionOf(place, range.endContainer, range.endOffset);
  return start < end ? { start, end } : undefined;
}

/** Takes the selection away. */
export function clearSelection(root: ShadowRoot): void {
  selectionOf(root)?.removeAllRanges();
}

/** Puts the caret after a position of the text, so that working by keyboard goes on from there. */
export function placeCaret(place: HTMLElement, position: number): void {
  const segment = [...place.querySelectorAll<HTMLElement>(".segment")].find((one) => Number(one.dataset.end) >= position);
  const text = [...(segment?.childNodes ?? [])].find((child) => child.nodeType === Node.TEXT_NODE);
  if (segment && text) document.getSelection()?.collapse(text, position - Number(segment.dataset.start));
}

function selectionOf(root: ShadowRoot): Selection | null {
  const own = (root as ShadowRoot & { getSelection?: () => Selection | null }).getSelection;
  return own ? own.call(root) : document.getSelection();
}

function rawRange(root: ShadowRoot): StaticRange | Range | undefined {
  const selection = document.getSelection();
  if (selection && "getComposedRanges" in selection) {
    return (selection as ComposedSelection).getComposedRanges({ shadowRoots: [root] })[0];
  }
  const own = selectionOf(root);
  return own && own.rangeCount > 0 ? own.getRangeAt(0) : undefined;
}

function positionOf(place: HTMLElement, node: Node, offset: number): number {
  const segment = (node instanceof Element ? node : node.parentElement)?.closest<HTMLElement>(".segment");
  if (segment) return Number(segment.dataset.start) + textBefore(segment, node, offset);
  return positionBetween(place, node, offset);
}

function textBefore(segment: HTMLElement, node: Node, offset: number): number {
  if (node.nodeType === Node.TEXT_NODE) return offset;
  return [...segment.childNodes].slice(0, offset).reduce((sum, child) => sum + (child.nodeType === Node.TEXT_NODE ? child.textContent!.length : 0), 0);
}

// Between segments (in a line, beside a tag): the start of the next segment, or the end of the text.
function positionBetween(place: HTMLElement, node: Node, offset: number): number {
  const point = document.createRange();
  point.setStart(node, offset);
  const segments = [...place.querySelectorAll<HTMLElement>(".segment")];
  const next = segments.find((segment) => point.comparePoint(segment, 0) >= 0);
  if (next) return Number(next.dataset.start);
  const last = segments.at(-1);
  return last ? Number(last.dataset.end) : 0;
}
