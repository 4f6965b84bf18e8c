/**
 * The classic script that comes before everything a template brings. A task's page has no origin of its own: browsers
 * throw where a script there asks for storage or cookies. It gets stand-ins that last as long as the page. And a script
 * or style of another server that never answers is reported and left out, so that the task goes on without it.
 */
import { cookieJar, memoryStorage } from "./stand-ins.js";
import { frameDocuments } from "./documents.js";
import { leaveOutWhatHangs } from "./hanging.js";

function refused(name: "localStorage" | "sessionStorage"): boolean {
  try {
    return window[name] === null;
  } catch {
    return true;
  }
}

for (const name of ["localStorage", "sessionStorage"] as const) {
  if (refused(name)) Object.defineProperty(window, name, { configurable: true, value: memoryStorage() });
}
try {
  void document.cookie;
} catch {
  const jar = cookieJar();
  Object.defineProperty(document, "cookie", { configurable: true, get: () => jar.read(), set: (text: string) => jar.write(`${text}`) });
}
leaveOutWhatHangs();
frameDocuments();
