// @ts-check
/** The list of jobs open to a worker: pay, number left, what can be resumed. Refreshes by itself. */
import { request } from "./api.js";
import { span, usd } from "./clock.js";

const REFRESH_MS = 5_000;
/** @param {string} id @returns {any} */
const part = (id) => document.getElementById(id);

/** @param {any} job */
function row(job) {
  const item = part("job").content.cloneNode(true).firstElementChild;
  const set = (/** @type {string} */ selector, /** @type {string} */ text) => (item.querySelector(selector).textContent = text);
  set("h2", job.title);
  set(".description", job.description);
  set(".facts", facts(job));
  set(".pay", job.reward_usd_micros ? `${usd(job.reward_usd_micros)} a task` : "");
  const start = item.querySelector(".start a");
  start.textContent = job.held.length ? "Resume" : job.done ? "Go on" : "Start working";
  start.href = `/work/${encodeURIComponent(job.name)}`;
  start.setAttribute("aria-label", `${start.textContent}: ${job.title}`);
  item.querySelector(".description").hidden = !job.description;
  return item;
}

/** @param {any} job */
function facts(job) {
  const parts = [
    job.held.length ? `${job.held.length === 1 ? "1 task" : `${job.held.length} tasks`} to resume` : "",
    job.left === 1 ? "1 task left" : `${job.left.toLocaleString("en")} tasks left`,
    job.estimated_seconds ? `about ${span(job.estimated_seconds)} each` : "",
    `at most ${span(job.time_limit_s)}`,
    `team ${job.team}`,
    job.done ? `${job.done.toLocaleString("en")} done by you` : "",
  ];
  return parts.filter(Boolean).join(" · ");
}

async function refresh() {
  try {
    const mine = await request("GET", "/api/v1/me/jobs");
    const focused = /** @type {HTMLAnchorElement | null} */ (document.activeElement)?.getAttribute("href");
    part("jobs").replaceChildren(...mine.jobs.map(row));
    if (focused) part("jobs").querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
    part("jobs").setAttribute("aria-busy", "false");
    part("empty").hidden = mine.jobs.length > 0;
    const earned = mine.earned_today_usd_micros ? ` · ${usd(mine.earned_today_usd_micros)} earned` : "";
    part("today").textContent = mine.done_today ? `Today: ${mine.done_today.toLocaleString("en")} done${earned}` : "";
    part("problem").textContent = "";
  } catch (error) {
    if (/** @type {any} */ (error).status === 401) return location.assign("/signin?next=/work");
    part("problem").textContent = /** @type {Error} */ (error).message;
  }
}

async function start() {
  part("signout").addEventListener("click", async () => {
    await request("DELETE", "/api/v1/sessions").catch(() => undefined);
    location.assign("/signin");
  });
  await refresh();
  setInterval(() => document.visibilityState === "visible" && void refresh(), REFRESH_MS);
  const me = await request("GET", "/api/v1/me");
  part("person").textContent = me.name || me.email;
  part("console").hidden = !me.roles.some((/** @type {string} */ role) => role !== "worker");
}

void start();
