/** Entry of the bundle: defines the elements a page uses, wires the keys, and says when everything is ready. */
import "./elements/crowd-alert/crowd-alert.js";
import "./elements/crowd-badge/crowd-badge.js";
import "./elements/crowd-button/crowd-button.js";
import "./elements/crowd-card/crowd-card.js";
import "./elements/crowd-checkbox/crowd-checkbox.js";
import "./elements/crowd-classifier/crowd-classifier.js";
import "./elements/crowd-classifier-multi-select/crowd-classifier-multi-select.js";
import "./elements/crowd-fab/crowd-fab.js";
import "./elements/crowd-form/crowd-form.js";
import "./elements/crowd-icon-button/crowd-icon-button.js";
import "./elements/crowd-image-classifier/crowd-image-classifier.js";
import "./elements/crowd-image-classifier-multi-select/crowd-image-classifier-multi-select.js";
import "./elements/crowd-input/crowd-input.js";
import "./elements/crowd-instructions/crowd-instructions.js";
import "./elements/crowd-modal/crowd-modal.js";
import "./elements/crowd-radio-button/crowd-radio-button.js";
import "./elements/crowd-radio-group/crowd-radio-group.js";
import "./elements/crowd-slider/crowd-slider.js";
import "./elements/crowd-slider-label/crowd-slider-label.js";
import "./elements/crowd-tab/crowd-tab.js";
import "./elements/crowd-tabs/crowd-tabs.js";
import "./elements/crowd-text-area/crowd-text-area.js";
import "./elements/crowd-toast/crowd-toast.js";
import "./elements/crowd-toggle-button/crowd-toggle-button.js";
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
