/** The PNG of a mask, kept compressed in bands of one row of tiles: after a stroke only the bands it touched are done anew. */
import { assemblePng, base64, encodeBand, isIndexed, levelsOf, type Band, type Levels } from "../geometry/png.js";
import { TILE, type LabelPlane } from "./label-plane.js";

export interface Legend {
  /** The colour of each index of the picture, background first. */
  readonly colors: readonly string[];
  /** The index of each number of the plane, where they are not the same. */
  readonly indexOf?: readonly number[];
}

export class MaskPicture {
  private plane: LabelPlane | undefined;
  private legend: readonly [string, string] = ["", ""];
  private indexed = true;
  private levels: Levels = levelsOf([]);
  private bands: ({ readonly version: number; readonly band: Band } | undefined)[] = [];
  private text: string | undefined;

  /** The picture as base64 text. */
  encode(plane: LabelPlane, legend: Legend): string {
    while (this.step(plane, legend));
    const bands = this.bands.map((made) => made!.band);
    return (this.text ??= base64(assemblePng(plane.width, plane.height, bands, legend.colors)));
  }

  /** Compresses one band that is out of date; false when there is none. For idle moments. */
  step(plane: LabelPlane, legend: Legend): boolean {
    this.check(plane, legend);
    for (let row = 0; row < plane.down; row++) {
      const version = versionOf(plane, row);
      if (this.bands[row]?.version === version) continue;
      const to = Math.min((row + 1) * TILE, plane.height);
      this.bands[row] = { version, band: encodeBand(plane.width, row * TILE, to, (y, into) => plane.readRow(y, into), this.levels) };
      this.text = undefined;
      return true;
    }
    return false;
  }

  private check(plane: LabelPlane, { colors, indexOf }: Legend): void {
    const legend = [colors, indexOf ?? []].map((list) => `${list.join()},`) as [string, string];
    const same = plane === this.plane && legend.every((list, i) => list === this.legend[i]);
    if (same) return;
    // More colours at the end, as long as a palette holds them, leave the rows as they are.
    const grown = plane === this.plane && isIndexed(colors) === this.indexed && legend.every((list, i) => list.startsWith(this.legend[i]!));
    if (!grown) this.bands = [];
    this.plane = plane;
    this.legend = legend;
    this.indexed = isIndexed(colors);
    this.levels = levelsOf(colors, indexOf);
    this.text = undefined;
  }
}

// Versions only grow, so their sum is another one after any change of the row.
function versionOf(plane: LabelPlane, row: number): number {
  let sum = 0;
  for (let column = 0; column < plane.across; column++) sum += plane.versions[row * plane.across + column]!;
  return sum;
}
