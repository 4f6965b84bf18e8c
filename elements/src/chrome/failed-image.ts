/** What stands in the place of an image that could not be loaded: report it and go on, or try again. */
import { html, nothing, type TemplateResult } from "lit";
import { host } from "../host.js";
import { icon } from "./icons.js";

/** Why a task whose image is missing cannot be submitted. */
export const IMAGE_MISSING = "The image could not be loaded. Report it and go on with the next task, or try again.";

export function renderFailedImage(retry: () => void): TemplateResult {
  return html`<span>The image could not be loaded.</span>
    ${host.embedded ? html`<button type="button" class="primary" @click=${() => host.report("The image could not be loaded.")}>Report and skip</button>` : nothing}
    <button type="button" @click=${retry}>${icon("refresh")} Try again</button>`;
}
