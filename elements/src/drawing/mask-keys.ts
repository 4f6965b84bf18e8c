/** The keys of the mask elements, besides those of every drawing element. */
import type { KeyAction } from "../keys/registry.js";
import type { KeyboardBrush } from "./keyboard-brush.js";

export interface MaskActs {
  readonly brush: KeyboardBrush;
  resize(factor: number): void;
  fade(by: number): void;
  tolerate(by: number): void;
  toggleErasing(): void;
  toggleSparing(): void;
  pickHere(): void;
  clear(): void;
  next(step: 1 | -1): void;
}

const SIZE_STEP = 1.25;
const OPACITY_STEP = 0.1;
const TOLERANCE_STEP = 4;
const ARROWS = [["left", -1, 0], ["right", 1, 0], ["up", 0, -1], ["down", 0, 1]] as const;

export function maskActions(acts: MaskActs): KeyAction[] {
  const { brush } = acts;
  const act = (id: string, title: string, keys: readonly string[], run: () => void, more: Partial<KeyAction> = {}): KeyAction => ({
    id: `mask.${id}`, title, group: "Mask", keys, run, ...more,
  });
  const byKeys = { when: () => brush.at !== null };
  const again = { repeats: true };
  const arrows = ARROWS.flatMap(([way, dx, dy]) => {
    const key = `Arrow${way.slice(0, 1).toUpperCase()}${way.slice(1)}`;
    return [
      act(way, `Brush ${way} by 1 pixel`, [key], () => brush.move(dx, dy, false), { ...byKeys, ...again }),
      act(`far-${way}`, `Brush ${way} by its width`, [`Shift+${key}`], () => brush.move(dx, dy, true), { ...byKeys, ...again }),
    ];
  });
  return [
    act("keyboard", "Paint with the keyboard", ["n"], () => brush.toggle()),
    act("stamp", "Paint where the brush is", ["Enter"], () => brush.stamp(), byKeys),
    act("hold", "Paint while moving; finish an outline", ["Shift+Enter"], () => brush.hold(), byKeys),
    act("leave", "Put the keyboard's brush away", ["Escape"], () => brush.toggle(), byKeys),
    ...arrows,
    act("smaller", "Smaller brush", ["["], () => acts.resize(1 / SIZE_STEP), again),
    act("larger", "Larger brush", ["]"], () => acts.resize(SIZE_STEP), again),
    act("less-tolerant", "Wand takes fewer colours", ["Shift+w"], () => acts.tolerate(-TOLERANCE_STEP), again),
    act("more-tolerant", "Wand takes more colours", ["Alt+w"], () => acts.tolerate(TOLERANCE_STEP), again),
    act("fainter", "Fainter mask", ["o"], () => acts.fade(-OPACITY_STEP), again),
    act("stronger", "Stronger mask", ["Shift+o"], () => acts.fade(OPACITY_STEP), again),
    act("erase", "Let every tool erase", ["x"], () => acts.toggleErasing()),
    act("spare", "Paint only where nothing is painted", ["u"], () => acts.toggleSparing()),
    act("pick", "Take what is under the brush", ["t"], () => acts.pickHere()),
    act("next", "Next thing painted", ["."], () => acts.next(1), again),
    act("previous", "Thing painted before", [","], () => acts.next(-1), again),
    act("clear", "Remove everything painted", ["Mod+Delete", "Mod+Backspace"], () => acts.clear()),
  ];
}
