// What the pages need beyond links and forms: the beat of live parts, dialogs, uploads, the wizard's draft and preview.
"use strict";

const LIVE_MS = 2500;
setInterval(() => {
  if (!document.hidden && document.querySelector('[hx-trigger^="tick"]')) document.body.dispatchEvent(new Event("tick"));
}, LIVE_MS);

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-open], [data-close], [data-copy], [data-refresh]");
  if (!target) return;
  if (target.dataset.open) document.getElementById(target.dataset.open).showModal();
  else if ("close" in target.dataset) target.closest("dialog").close();
  else if (target.dataset.copy) copy(target);
  else refreshPreview();
});
// Typed on purpose: a form whose field has data-typed is sent only with that text in it. The server asks again.
document.addEventListener("input", (event) => {
  const wanted = event.target.dataset?.typed;
  if (wanted === undefined) return;
  const same = event.target.value.trim().toLowerCase() === wanted.toLowerCase();
  event.target.setCustomValidity(same ? "" : `Type ${wanted}`);
});
document.addEventListener("focusin", (event) => { if (event.target.matches("[data-select]")) event.target.select(); });
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, textarea, select, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
  const link = document.querySelector(`[data-key="${event.key}"]`);
  if (link) link.click();
});

async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
  } catch {
    button.parentElement.querySelector("input").select();
  }
}

// ---- the wizard
const wizard = document.getElementById("wizard");
let saving = null;

async function saveDraft() {
  const body = new FormData(wizard);
  body.set("go", "save");
  const note = document.getElementById("saved");
  try {
    const answer = await fetch(wizard.action, { method: "POST", body });
    note.textContent = answer.ok ? "Draft kept" : "The draft could not be kept";
  } catch {
    note.textContent = "No connection: the draft is not kept yet";
  }
  refreshPreview();
}

function refreshPreview() {
  const frame = document.querySelector("[data-preview]");
  if (frame) frame.src = `${wizard.dataset.draft}/preview?at=${Date.now()}`;
}

function showHourly() {
  const place = wizard.querySelector("[data-hourly]");
  if (!place) return;
  const price = Number(document.getElementById("workers.price_usd").value);
  const seconds = Number(document.getElementById("workers.estimated_seconds").value);
  place.textContent = price > 0 && seconds > 0 ? `About $${((price * 3600) / seconds).toFixed(2)} an hour for a worker.` : "";
}

// A range over the rows of a table: what the chosen one says.
document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-rows]")) return;
  const row = JSON.parse(event.target.dataset.rows)[event.target.value];
  const part = (share) => `${Math.round(share * 1000) / 10} %`;
  const said = `${part(row.target)} right: the model labels ${part(row.share)}, people ${row.people.toLocaleString("en")} objects`;
  event.target.nextElementSibling.textContent = row.usd_micros ? `${said}, $${(row.usd_micros / 1e6).toFixed(2)}` : said;
});

if (wizard) {
  wizard.addEventListener("input", (event) => {
    if (event.target.type === "file") return;
    document.getElementById("saved").textContent = "Keeping…";
    clearTimeout(saving);
    saving = setTimeout(saveDraft, 600);
    showHourly();
    if (event.target.name === "workers.team")
      wizard.querySelector("[data-when-public]").hidden = !("public" in event.target.dataset);
    const audited = wizard.querySelector("[data-when-type]");
    if (event.target.name === "task_type") audited.hidden = !audited.dataset.whenType.split(" ").includes(event.target.value);
  });
  wizard.addEventListener("submit", () => clearTimeout(saving));
  showHourly();
}

// ---- uploads: each file is sent as it is, a few at a time, and the field is told where they went
const AT_A_TIME = 4;

async function upload(area, files) {
  const box = area.querySelector("[data-progress]");
  const [bar, text] = [box.querySelector("i"), box.querySelector("[role=status]")];
  const field = document.getElementById(area.dataset.upload);
  const path = (file) => file.path || file.webkitRelativePath || file.name;
  const waiting = [...files].filter((one) => !/(^|\/)\./.test(path(one)));
  const count = waiting.length;
  const hidden = files.length - count;
  const leftOut = hidden ? `, ${hidden} hidden ${hidden === 1 ? "file" : "files"} left out` : "";
  if (!count) {
    if (hidden) {
      box.hidden = false;
      text.textContent = `Nothing sent${leftOut}`;
    }
    return;
  }
  box.hidden = false;
  let done = 0;
  const show = () => {
    bar.style.width = `${(100 * done) / count}%`;
    text.textContent = `${done} of ${count} ${count === 1 ? "file" : "files"} sent`;
  };
  show();
  try {
    const begun = await send("/api/v1/uploads", { method: "POST" });
    const folder = (await begun.json()).uri.replace(/\/$/, "");
    const id = folder.split("/").pop();
    const name = (file) => path(file).split("/").map(encodeURIComponent).join("/");
    const lone = count === 1 ? name(waiting[0]) : null;
    await Promise.all(
      Array.from({ length: AT_A_TIME }, async () => {
        for (let file = waiting.shift(); file; file = waiting.shift()) {
          await send(`/api/v1/uploads/${id}/${name(file)}`, { method: "PUT", body: file });
          done += 1;
          show();
        }
      }),
    );
    const whole = "many" in area.dataset && !(lone && /\.(manifest|jsonl|ndjson|json|csv|txt)$/i.test(lone));
    field.value = whole ? `${folder}/` : `${folder}/${decodeURIComponent(lone)}`;
    text.textContent = `${count} ${count === 1 ? "file" : "files"} sent${leftOut}`;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  } catch (error) {
    text.textContent = `Not sent: ${error.message}`;
  }
}

async function send(url, options) {
  const answer = await fetch(url, options);
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => null);
  throw new Error(said?.error?.message ?? `the server answered ${answer.status}`);
}

async function dropped(items) {
  const found = [];
  const walk = async (entry, folder) => {
    if (entry.isFile) {
      const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
      file.path = folder + file.name;
      found.push(file);
    } else {
      const reader = entry.createReader();
      for (;;) {
        const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
        if (!some.length) break;
        for (const one of some) await walk(one, `${folder}${entry.name}/`);
      }
    }
  };
  for (const entry of [...items].map((item) => item.webkitGetAsEntry()).filter(Boolean)) await walk(entry, "");
  return found;
}

for (const area of document.querySelectorAll("[data-upload]")) {
  area.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick]")) upload(area, event.target.files);
    event.stopPropagation();
  });
  area.addEventListener("dragover", (event) => { event.preventDefault(); area.classList.add("over"); });
  area.addEventListener("dragleave", () => area.classList.remove("over"));
  area.addEventListener("drop", async (event) => {
    event.preventDefault();
    area.classList.remove("over");
    upload(area, await dropped(event.dataTransfer.items));
  });
}
