/** Label colours: Okabe and Ito's, safe for colour-blind eyes, then hues spread by the golden angle. */
const COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#8c8c8c"];

/** The colour of the label with this index (0-based). */
export function labelColour(index: number): string {
  return COLOURS[index] ?? `hsl(${Math.round((index * 137.508) % 360)} 62% ${index % 2 ? 42 : 58}%)`;
}
