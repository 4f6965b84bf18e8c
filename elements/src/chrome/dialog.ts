/** Opening and closing of native modal dialogs, so that the page's keys rest while one is open. */
import { dialogOpened } from "../keys/registry.js";

export function openDialog(dialog: HTMLDialogElement | null | undefined): void {
  if (!dialog || dialog.open) return;
  dialog.addEventListener("close", () => dialogOpened(dialog, false), { once: true });
  dialogOpened(dialog, true);
  dialog.showModal();
}

/** Closes on a press beside the dialog, as people expect of one that holds no unsaved work. */
export function closeOnBackdrop(event: Event): void {
  if (event.target instanceof HTMLDialogElement) event.target.close();
}
