/** The keys of the drawing elements. Every action of pointer and toolbar is here, so that each has a key. */
import { KEYED, type NameSearch } from "../chrome/name-search.js";
import { labelKey, STANDARD_KEYS } from "../keys/standard.js";
import type { KeyAction } from "../keys/registry.js";
import type { Editor } from "../model/editor.js";
import type { Gestures } from "./gestures.js";
import { UNADJUSTED, type Stage } from "./stage.js";

export interface KeyContext {
  readonly editor: Editor;
  readonly stage: Stage;
  readonly gestures: Gestures;
  /** Something of the chrome has to be rendered again. */
  update(): void;
  toggleAdjustments(): void;
  toggleNothing(): void;
  /** What is typed to find one of many labels, and how its field is shown. */
  readonly search: NameSearch;
  openSearch(): void;
  /** Deletes the selected shape and keeps the focus near. */
  remove(): void;
}

const DIRECTIONS = [
  ["left", "ArrowLeft", -1, 0],
  ["right", "ArrowRight", 1, 0],
  ["up", "ArrowUp", 0, -1],
  ["down", "ArrowDown", 0, 1],
] as const;

const FAR_PX = 10;
const PAN_PX = 64;
export const ZOOM_STEP = 1.25;

// Enter ends a search by name; after a number it submits, as always.
function endSearch(search: NameSearch): KeyAction {
  return {
    id: "names.take", title: "Take the label that was found", group: "Labels", keys: [], also: ["Enter"], inFields: "line",
    when: () => search.query !== "" && !/^\d+$/.test(search.query), run: () => search.set(""),
  };
}

export function labelActions({ editor, search, openSearch }: KeyContext): KeyAction[] {
  const choose = (label: string | undefined): void => {
    if (label === undefined) return;
    editor.setLabel(label);
    editor.say(`Label ${label}`);
  };
  // What somebody picked is meant; what is only selected because it was just drawn is not: the next shape is.
  const chooseAlsoForPicked = (label: string): void => {
    choose(label);
    if (editor.selection?.picked) editor.relabel(label);
  };
  const { labels } = editor;
  const at = labels.indexOf(editor.label ?? "");
  const byNumber = (labels.length > KEYED ? [] : labels).map((label, index) => ({
    id: `label.${index + 1}`, title: `Choose the label ${label}, also for the shape picked`, group: "Labels", keys: labelKey(index), run: () => chooseAlsoForPicked(label),
  }));
  return [
    ...byNumber,
    ...(labels.length > KEYED ? [...search.actions({ letters: false, open: openSearch }), endSearch(search)] : []),
    { id: "label.next", title: "Next label", group: "Labels", keys: ["PageDown"], repeats: true, run: () => choose(labels[(at + 1) % labels.length]) },
    { id: "label.previous", title: "Label before", group: "Labels", keys: ["PageUp"], repeats: true, run: () => choose(labels.at(at - 1)) },
  ];
}

export function toolActions({ editor }: KeyContext, tools: readonly (readonly [KeyAction["id"], string, readonly string[], () => void])[]): KeyAction[] {
  return tools.map(([id, title, keys, choose]) => ({
    id: `tool.${id}`, title, group: "Tools", keys,
    run: () => {
      choose();
      editor.say(title);
    },
  }));
}

export function viewActions({ editor, stage, gestures, update, toggleAdjustments }: KeyContext): KeyAction[] {
  const act = (id: keyof typeof STANDARD_KEYS, title: string, run: () => void, more: Partial<KeyAction> = {}): KeyAction => ({
    id, title, group: "View", keys: STANDARD_KEYS[id], run, ...more,
  });
  const adjust = (key: "brightness" | "contrast" | "dim", by: number) => () => {
    stage.adjust({ [key]: stage.adjustments[key] + by });
    editor.say(`${key} ${Math.round(stage.adjustments[key] * 100)} %`);
    update();
  };
  const idle = (): boolean => editor.selected === null;
  const pans = DIRECTIONS.map(([way, , dx, dy]) =>
    act(`view.${way}`, `Pan ${way}`, () => stage.panBy(-dx * PAN_PX, -dy * PAN_PX), { when: idle, repeats: true }),
  );
  return [
    act("view.zoom-in", "Zoom in", () => stage.zoomBy(ZOOM_STEP), { repeats: true }),
    act("view.zoom-out", "Zoom out", () => stage.zoomBy(1 / ZOOM_STEP), { repeats: true }),
    act("view.fit", "Fit the image", () => stage.fit()),
    act("view.actual-size", "Actual size, 1:1", () => stage.actualSize()),
    ...pans,
    {
      id: "view.pan", title: "Hold to pan with the pointer", group: "View", keys: ["Space"], repeats: true,
      run: () => void (gestures.spaceHeld = true),
      up: () => void (gestures.spaceHeld = false),
    },
    {
      id: "view.pan-mode", title: "Pan instead of drawing", group: "View", keys: ["p"],
      run: () => {
        gestures.panMode = !gestures.panMode;
        editor.say(gestures.panMode ? "Panning" : "Drawing");
        update();
      },
    },
    act("view.hide-labels", "Hide or show everything drawn", () => {
      const hide = editor.labels.some((label) => !editor.hidden.has(label));
      for (const label of editor.labels) editor.setHidden(label, hide);
      editor.say(hide ? "Labels hidden" : "Labels shown");
    }),
    { id: "view.adjust", title: "Brightness, contrast, dimmer", group: "View", keys: ["a"], run: toggleAdjustments },
    { id: "view.brighter", title: "Brighter", group: "View", keys: ["k"], repeats: true, run: adjust("brightness", 0.1) },
    { id: "view.darker", title: "Darker", group: "View", keys: ["Shift+k"], repeats: true, run: adjust("brightness", -0.1) },
    { id: "view.more-contrast", title: "More contrast", group: "View", keys: ["j"], repeats: true, run: adjust("contrast", 0.1) },
    { id: "view.less-contrast", title: "Less contrast", group: "View", keys: ["Shift+j"], repeats: true, run: adjust("contrast", -0.1) },
    { id: "view.dim", title: "Dim the image", group: "View", keys: ["d"], repeats: true, run: adjust("dim", 0.1) },
    { id: "view.undim", title: "Dim the image less", group: "View", keys: ["Shift+d"], repeats: true, run: adjust("dim", -0.1) },
    {
      id: "view.reset-image", title: "Image as it was", group: "View", keys: ["Shift+a"],
      run: () => {
        stage.adjust(UNADJUSTED);
        update();
      },
    },
  ];
}

export function historyActions({ editor, toggleNothing }: KeyContext): KeyAction[] {
  return [
    { id: "edit.undo", title: "Undo", group: "Drawing", keys: STANDARD_KEYS["edit.undo"], repeats: true, run: () => editor.undo() },
    { id: "edit.redo", title: "Redo", group: "Drawing", keys: STANDARD_KEYS["edit.redo"], repeats: true, run: () => editor.redo() },
    { id: "draw.nothing", title: "Nothing to label", group: "Drawing", keys: ["0"], run: toggleNothing },
    {
      id: "draw.complete", title: "Finish the shape", group: "Drawing", keys: ["Enter"],
      when: () => editor.tool?.canComplete === true, run: () => editor.tool?.send("complete"),
    },
    {
      id: "draw.cancel", title: "Give up the shape, or select nothing", group: "Drawing", keys: ["Escape"],
      run: () => {
        if (editor.tool?.phase === "idle") editor.select(null);
        else editor.tool?.send("cancel");
      },
    },
  ];
}

export function shapeActions({ editor, stage, remove }: KeyContext): KeyAction[] {
  const selected = (): boolean => editor.selected !== null;
  const after = (run: () => void) => () => {
    run();
    if (editor.selected) stage.reveal(editor.selected.points);
  };
  const act = (id: string, title: string, keys: readonly string[], run: () => void, more: Partial<KeyAction> = {}): KeyAction => ({
    id: `shape.${id}`, title, group: "Selected shape", keys, run: after(run), when: selected, ...more,
  });
  const arrows = DIRECTIONS.flatMap(([way, key, dx, dy]) => [
    act(`${way}`, `Move ${way} by 1 pixel`, [key], () => editor.nudge(dx, dy), { repeats: true }),
    act(`far-${way}`, `Move ${way} by ${FAR_PX} pixels`, [`Shift+${key}`], () => editor.nudge(dx * FAR_PX, dy * FAR_PX), { repeats: true }),
    act(`stretch-${way}`, `Resize ${way} by 1 pixel`, [`Mod+${key}`], () => editor.stretch(dx, dy), { repeats: true }),
    act(`stretch-far-${way}`, `Resize ${way} by ${FAR_PX} pixels`, [`Mod+Shift+${key}`], () => editor.stretch(dx * FAR_PX, dy * FAR_PX), { repeats: true }),
  ]);
  const always = { when: () => true };
  return [
    act("new", "New shape in the middle", ["n"], () => editor.addStarter(stage.centre), always),
    act("next", "Select the next shape", ["."], () => editor.selectNext(1), { ...always, repeats: true }),
    act("previous", "Select the shape before", [","], () => editor.selectNext(-1), { ...always, repeats: true }),
    act("delete", "Delete", ["Delete", "Backspace"], remove),
    act("copy", "Copy", ["Mod+c"], () => editor.copy()),
    act("paste", "Paste", ["Mod+v"], () => editor.paste(), always),
    act("duplicate", "Copy and paste at once", ["Mod+d"], () => {
      editor.copy();
      editor.paste();
    }),
    act("relabel", "Give it the chosen label", ["l"], () => void (editor.label !== null && editor.relabel(editor.label))),
    act("next-vertex", "Next point of the shape", ["]"], () => editor.selectVertex(1), { repeats: true }),
    act("previous-vertex", "Point before", ["["], () => editor.selectVertex(-1), { repeats: true }),
    act("insert-vertex", "Insert a point", ["Insert", "Shift+n"], () => editor.insertVertex()),
    ...arrows,
  ];
}
