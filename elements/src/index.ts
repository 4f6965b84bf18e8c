/** Entry of the bundle: defines the elements a page uses, wires the keys, and says when everything is ready. */
import "./elements/crowd-button/crowd-button.js";
import "./elements/crowd-classifier/crowd-classifier.js";
import "./elements/crowd-classifier-multi-select/crowd-classifier-multi-select.js";
import "./elements/crowd-form/crowd-form.js";
import "./elements/crowd-image-classifier/crowd-image-classifier.js";
import "./elements/crowd-image-classifier-multi-select/crowd-image-classifier-multi-select.js";
import { LAZY } from "./lazy.js";
import { applyTheme, host } from "./host.js";
import { keys } from "./keys/registry.js";

const loading = new Map<string, Promise<unknown>>();

function loadUsed(root: ParentNode): Promise<unknown> {
  for (const [tag, load] of Object.entries(LAZY)) {
    if (!loading.has(tag) && root.querySelector(tag)) loading.set(tag, load());
  }
  return Promise.allSettled(loading.values());
}

async function everyElementUpdated(): Promise<void> {
  const elements = [...document.querySelectorAll("*")].filter((element) => element.localName.includes("-"));
  await Promise.all(elements.map((element) => (element as { updateComplete?: Promise<unknown> }).updateComplete));
}

async function start(): Promise<void> {
  if (document.readyState === "loading") {
    await new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve, { once: true }));
  }
  applyTheme("auto");
  keys.listen(document);
  document.addEventListener("gs-show-keys", () => void import("./keys/keys-dialog.js").then(({ showKeys }) => showKeys()));
  await loadUsed(document);
  await everyElementUpdated();
  // Elements that scripts make later are loaded as they appear.
  new MutationObserver(() => void loadUsed(document)).observe(document, { childList: true, subtree: true });
  document.dispatchEvent(new CustomEvent("all-crowd-elements-ready", { bubbles: true }));
  host.ready();
}

void start();
