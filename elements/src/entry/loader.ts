/**
 * The classic script that templates load in their head. It hides raw content for the moment until the elements are
 * defined, imports the module, and keeps the `all-crowd-elements-ready` event for listeners that come late.
 */
declare const GROUNDSWELL_ENTRY: string;

// Of no weight, so that anything the template says wins. Pictures in instructions keep to their column.
const REGIONS = ":where(short-instructions,full-instructions,classification-target,short-summary,detailed-instructions,positive-example,negative-example)";
const PAGE_STYLES = [
  ":where(html){background:Canvas;color:CanvasText}",
  ":where(body){font-family:system-ui,sans-serif}",
  ":where(crowd-form) :where(input,select,textarea,button){font:inherit}",
  // A form without a tool that fills the page: margins, a measure for its texts, pictures in proportion.
  ":where(crowd-form:not([full])){display:block;box-sizing:border-box;max-width:1080px;margin-inline:auto;padding:12px clamp(4px,2vw,24px)}",
  ":where(crowd-form:not([full])) :where(p,li,blockquote,legend){max-width:72ch;line-height:1.5}",
  ":where(crowd-form) :where(img,video){max-width:100%;object-fit:contain}",
  `${REGIONS} :where(img,video){max-width:100%;height:auto}`,
  `${REGIONS} :where(figure){margin:0 0 12px;overflow:hidden;border:1px solid color-mix(in srgb,currentColor 20%,transparent);border-radius:5px}`,
  `${REGIONS} :where(figure img){display:block;width:100%}`,
  `${REGIONS} :where(figcaption){padding:6px 10px;font-size:13px}`,
  "crowd-form:not(:defined),crowd-entity-annotation:not(:defined){visibility:hidden}",
  "full-instructions:not(:defined),worker-comment:not(:defined){display:none}",
];
const READY = "all-crowd-elements-ready";
const state = window as unknown as { groundswellLoading?: boolean };

function load(base: string): void {
  const style = document.createElement("style");
  style.dataset.groundswell = "";
  style.textContent = PAGE_STYLES.join("");
  document.head.append(style);
  replayReady();
  import(new URL(GROUNDSWELL_ENTRY, base).href).catch((error: unknown) => {
    style.remove();
    const message = document.createElement("p");
    message.setAttribute("role", "alert");
    message.textContent = `The labeling tools could not be loaded. Check the connection and reload the page. (${String(error)})`;
    (document.body ?? document.documentElement).prepend(message);
  });
}

// A script that asks for the event after it has happened still gets its call.
function replayReady(): void {
  let ready = false;
  const listen = document.addEventListener.bind(document);
  listen(READY, () => (ready = true), { once: true });
  document.addEventListener = (type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions) => {
    listen(type, listener, options);
    if (type !== READY || !ready) return;
    const event = new CustomEvent(READY);
    queueMicrotask(() => (typeof listener === "function" ? listener.call(document, event) : listener?.handleEvent(event)));
  };
}

// Templates may load the script twice (once each version); the second does nothing.
if (!state.groundswellLoading) {
  state.groundswellLoading = true;
  load((document.currentScript as HTMLScriptElement | null)?.src || document.baseURI);
}
