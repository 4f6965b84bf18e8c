// @ts-check
/** A sign-in that ran out: asked for again in a dialog, without leaving the task. */
import { request } from "./api.js";

/** @type {Promise<void> | null} */
let asking = null;

/** Resolves once the worker has signed in again; several callers share one dialog. @returns {Promise<void>} */
export function signInAgain() {
  asking ??= ask().finally(() => (asking = null));
  return asking;
}

/** @returns {Promise<void>} */
function ask() {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("signin"));
  const form = /** @type {HTMLFormElement} */ (dialog.querySelector("form"));
  const problem = /** @type {HTMLElement} */ (dialog.querySelector(".problem"));
  problem.textContent = "";
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.showModal();
  return new Promise((resolve) => {
    form.onsubmit = async (event) => {
      event.preventDefault();
      const { email, password, code } = Object.fromEntries(new FormData(form));
      try {
        await request("POST", "/api/v1/sessions", { email, password, ...(code ? { code } : {}) });
        dialog.close();
        resolve();
      } catch (error) {
        const refused = /** @type {import("./api.js").ApiError} */ (error);
        problem.textContent = refused.message;
        if (refused.field === "code") askForCode(form);
      }
    };
  });
}

/** The second step: shown once the server asks for it. @param {HTMLFormElement} form */
function askForCode(form) {
  const code = /** @type {HTMLInputElement} */ (form.elements.namedItem("code"));
  /** @type {HTMLElement} */ (code.closest("label")).hidden = false;
  code.value = "";
  code.required = true;
  code.focus();
}
