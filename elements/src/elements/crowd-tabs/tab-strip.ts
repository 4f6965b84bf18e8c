/** A row of tabs: its look, and the arrow keys that walk along it. */
import { css } from "lit";

export const tabStyles = css`
  .strip { display: flex; flex-wrap: wrap; gap: var(--gs-1); border-bottom: var(--gs-line) solid var(--gs-border); }
  .strip [role="tab"] { border: 0; border-radius: var(--gs-radius-s) var(--gs-radius-s) 0 0; background: none; color: var(--gs-text-2); border-bottom: 2px solid transparent; }
  .strip [aria-selected="true"] { color: var(--gs-primary); border-bottom-color: var(--gs-primary); font-weight: 600; }
`;

export function tabKeys(event: KeyboardEvent): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const tabs = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>("[role=tab]")];
  const next = tabs[(tabs.indexOf(event.target as HTMLElement) + step + tabs.length) % tabs.length];
  next?.click();
  next?.focus();
}
