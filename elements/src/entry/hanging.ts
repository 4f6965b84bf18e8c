/** Notices scripts and styles of other servers that never answer, and has the page made again without them. */

const PATIENCE_MS = 4_000;
/** The member of the page's address that names what is left out; the server takes it out of the page. */
const LEFT_OUT = "without";

/** Looks once the patience is over whether the page still waits for another server's answer. */
export function leaveOutWhatHangs(page: Document = document): void {
  tellLeftOut(page);
  setTimeout(() => {
    const hanging = waitedFor(page);
    if (hanging.length === 0) return;
    const again = new URL(page.location.href);
    if (!/\/(frame\/|task$)/.test(again.pathname)) return;
    for (const address of hanging) again.searchParams.append(LEFT_OUT, address);
    page.location.replace(again);
  }, PATIENCE_MS);
}

/** Addresses on other servers without which the page is not ready: what its parser, its scripts or its first sight wait for. */
export function waitedFor(page: Document): string[] {
  if (page.readyState === "complete") return [];
  const needed = page.querySelectorAll<HTMLScriptElement | HTMLLinkElement>("script[src]:not([async]):not([type=module]), link[rel~=stylesheet][href]");
  const addresses = [...needed].map((one) => ("src" in one ? one.src : one.href));
  const answered = new Set(performance.getEntriesByType("resource").map(({ name }) => name));
  return [...new Set(addresses)].filter((address) => !answered.has(address) && isElsewhere(address, page));
}

function isElsewhere(address: string, page: Document): boolean {
  try {
    return new URL(address).host !== page.location.host && /^https?:/.test(address);
  } catch {
    return false;
  }
}

function tellLeftOut(page: Document): void {
  const hosts = new Set(new URLSearchParams(page.location.search).getAll(LEFT_OUT).map(hostOf));
  if (hosts.size === 0) return;
  page.addEventListener("DOMContentLoaded", () => {
    const note = page.createElement("p");
    note.setAttribute("role", "alert");
    note.style.cssText = "margin:8px;padding:8px 12px;border:1px solid #b45309;border-radius:6px;font:14px/1.4 system-ui,sans-serif";
    note.textContent = `${[...hosts].join(", ")} did not answer, so what this page loads from there was left out. If the task does not work without it, decline it.`;
    page.body.prepend(note);
  });
}

function hostOf(address: string): string {
  try {
    return new URL(address).host;
  } catch {
    return address;
  }
}
