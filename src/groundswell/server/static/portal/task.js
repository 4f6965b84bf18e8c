// @ts-check
/** A worker's task page: the bar above the frame, its menus and dialogs, around the work loop. */
import { request } from "./api.js";
import { ago, left, usd } from "./clock.js";
import { takeTask, WorkLoop } from "./loop.js";
import { Sender } from "./sender.js";
import { signInAgain } from "./signin.js";

const RING = 2 * Math.PI * 10;
const PORTAL_KEYS = [
  { name: "decline", title: "Decline task", keys: ["Alt+d"] },
  { name: "return", title: "Release task", keys: ["Alt+r"] },
  { name: "stop", title: "Stop and resume later", keys: ["Alt+s"] },
];

/** @param {string} id @returns {any} */
const part = (id) => document.getElementById(id);
const job = decodeURIComponent(location.pathname.split("/").filter(Boolean).pop() ?? "");

/** @param {string} text */
function announce(text) {
  part("live").textContent = text;
}

/** @param {string} text @param {"info" | "warn"} [tone] */
function toast(text, tone = "info") {
  const note = part("toast");
  note.textContent = text;
  note.dataset.tone = tone;
  note.hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => (note.hidden = true), tone === "warn" ? 8_000 : 2_500);
  announce(text);
}
/** @type {ReturnType<typeof setTimeout> | undefined} */
toast.timer = undefined;

/** Seconds before the end at which a worker is told: a fifth of the time, and a minute. @param {number} limit */
function warningsOf(limit) {
  return [limit / 5, 60].filter((at) => at < limit / 2);
}

class TaskPage {
  /** @param {any} worker @param {any} mine @param {any} taken the first task, or null */
  constructor(worker, mine, taken) {
    this.open = mine.jobs.find((/** @type {any} */ row) => row.name.toLowerCase() === job.toLowerCase());
    this.done = mine.done_today;
    this.earned = mine.earned_today_usd_micros;
    this.savedAt = 0;
    /** @type {number[]} */
    this.warnings = [];
    this.sender = new Sender(worker.id, signInAgain);
    this.loop = new WorkLoop({ job, place: part("frames"), sender: this.sender, worker, actions: PORTAL_KEYS });
    this.listen();
    this.heading();
    setInterval(() => this.tick(), 500);
    void this.sender.send();
    void this.loop.begin(taken);
  }

  listen() {
    const on = (/** @type {EventTarget} */ target, /** @type {string} */ name, /** @type {(detail: any) => void} */ run) =>
      target.addEventListener(name, (event) => run(/** @type {CustomEvent} */ (event).detail));
    on(this.loop, "shown", (frame) => this.shown(frame));
    on(this.loop, "clock", () => this.tick());
    on(this.loop, "empty", () => this.nothingLeft());
    on(this.loop, "kept", (frame) => this.kept(frame));
    on(this.loop, "draft", ({ at }) => ((this.savedAt = at), this.tick()));
    on(this.loop, "fault", (error) => this.fault(error));
    on(this.loop, "report", (reason) => void this.report(`${reason}`));
    on(this.loop, "action", (name) => this.act(name));
    on(this.loop, "keys", ({ bindings }) => this.keepKeymap(bindings));
    on(this.sender, "waiting", () => void this.countWaiting());
    on(this.sender, "offline", () => part("sending").classList.add("off"));
    on(this.sender, "sent", () => part("sending").classList.remove("off"));
    on(this.sender, "refused", ({ answer, error }) => void this.refused(answer, error));
    document.querySelectorAll("[data-act]").forEach((button) =>
      button.addEventListener("click", () => this.act(/** @type {HTMLElement} */ (button).dataset.act ?? "")),
    );
    document.addEventListener("keydown", (event) => this.key(event));
  }

  /** Keys pressed while the bar, not the frame, has the focus. @param {KeyboardEvent} event */
  key(event) {
    const pressed = PORTAL_KEYS.find(({ keys }) => event.altKey && keys.includes(`Alt+${event.key.toLowerCase()}`));
    if (!pressed || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    this.act(pressed.name);
  }

  heading() {
    part("title").textContent = this.open?.title ?? job;
    document.title = `${this.open?.title ?? job} · Groundswell`;
    const pay = this.open?.reward_usd_micros ? ` · ${usd(this.open.reward_usd_micros)} each · ${usd(this.earned)} earned today` : "";
    part("about").textContent = `${this.done} done today${pay}`;
  }

  /** @param {any} frame */
  shown(frame) {
    part("empty").hidden = true;
    part("bar").classList.remove("idle");
    this.savedAt = 0;
    this.warnings = warningsOf(frame.taken.time_limit_s);
    announce(`Task ${frame.taken.task.object + 1} is ready`);
    this.tick();
  }

  nothingLeft() {
    part("bar").classList.add("idle");
    part("empty").hidden = false;
  }

  /** @param {any} frame */
  kept(frame) {
    this.done += 1;
    this.earned += frame.taken.reward_usd_micros ?? 0;
    this.heading();
  }

  async countWaiting() {
    const waiting = (await this.sender.waiting()).length;
    part("sending").hidden = waiting === 0;
    part("sending").textContent = waiting === 1 ? "1 answer is being sent" : `${waiting} answers are being sent`;
  }

  tick() {
    const frame = this.loop.current;
    part("saved").textContent = this.savedAt ? `Saved ${ago(this.savedAt)}` : "";
    if (!frame) return;
    const seconds = (Date.parse(frame.taken.expires_at) - Date.now()) / 1_000;
    const share = Math.max(0, Math.min(1, seconds / frame.taken.time_limit_s));
    part("left").textContent = left(seconds);
    part("ring").setAttribute("stroke-dasharray", `${share * RING} ${RING}`);
    part("clock").setAttribute("aria-label", `${left(seconds)} left`);
    part("clock").classList.toggle("short", seconds < Math.max(60, frame.taken.time_limit_s / 5));
    if (seconds <= 0) return this.timeIsUp();
    const due = this.warnings.filter((at) => seconds <= at);
    if (due.length === 0) return;
    this.warnings = this.warnings.filter((at) => seconds > at);
    toast(`${left(seconds)} left for this task. What you have so far is kept.`, "warn");
  }

  timeIsUp() {
    toast("The time for this task is up: it went back to the others. If it comes to you again, you get what you had.", "warn");
    void this.loop.expired();
  }

  /** @param {string} name */
  act(name) {
    part("menu").hidePopover?.();
    if (name === "decline") return this.confirm("decline", "Decline this task?", "You will not see it again. What you drew or wrote on it is lost.", "Decline task");
    if (name === "return") return this.confirm("return", "Release this task?", "Somebody else can take it. What you drew or wrote on it is lost.", "Release task");
    if (name === "stop") return this.stop();
    if (name === "retry") return void this.loop.next();
    if (name === "keys" || name === "instructions") {
      this.loop.current?.post("perform", { action: `form.${name}` });
      this.loop.current?.focus();
    }
  }

  /** @param {string} reason */
  async report(reason) {
    await this.loop.giveUp("decline", reason.slice(0, 1_000));
    toast("Thank you, this was reported. You will not be shown it again.");
  }

  /** @param {"decline" | "return"} verb @param {string} question @param {string} meaning @param {string} yes */
  confirm(verb, question, meaning, yes) {
    if (!this.loop.current) return;
    const dialog = part("confirm");
    dialog.querySelector("h2").textContent = question;
    dialog.querySelector("p").textContent = meaning;
    dialog.querySelector("[value=yes]").textContent = yes;
    dialog.returnValue = "";
    dialog.onclose = () => {
      if (dialog.returnValue === "yes") void this.loop.giveUp(verb);
      else this.loop.current?.focus();
    };
    dialog.showModal();
  }

  stop() {
    this.loop.stop();
    location.assign("/work");
  }

  /** @param {any} error */
  fault(error) {
    if (error.passing) return toast(error.message, "warn");
    part("empty").hidden = false;
    part("empty-title").textContent = "This job cannot be worked on now";
    part("empty-text").textContent = error.message;
  }

  /** @param {any} answer @param {any} error */
  async refused(answer, error) {
    if (error.status === 422 || error.status === 400) {
      toast(`An answer was not accepted: ${error.message}`, "warn");
      await this.loop.reopen(answer, error.message).catch(() => undefined);
      return;
    }
    toast(`An answer could not be kept: ${error.message}`, "warn");
  }

  /** @param {Record<string, string[]>} bindings */
  keepKeymap(bindings) {
    const worker = this.loop.worker;
    if (!bindings || JSON.stringify(bindings) === JSON.stringify(worker.preferences?.keymap ?? {})) return;
    worker.preferences = { ...worker.preferences, keymap: bindings };
    void request("PATCH", "/api/v1/me", { preferences: { keymap: bindings } }).catch(() => undefined);
  }
}

/** The first task, or null when there is none or the work loop had better say why. */
async function firstTask() {
  try {
    return await takeTask(job);
  } catch (error) {
    if (/** @type {any} */ (error).status === 401) throw error;
    return null;
  }
}

async function start() {
  try {
    // The first task is asked for at once, beside who and what it is for.
    const asked = [request("GET", "/api/v1/me"), request("GET", "/api/v1/me/jobs"), firstTask()];
    const [me, mine, taken] = await Promise.all(asked);
    new TaskPage(me, mine, taken);
  } catch (error) {
    if (/** @type {any} */ (error).status !== 401) return toast(/** @type {Error} */ (error).message, "warn");
    await signInAgain();
    await start();
  }
}

/** One tab works on a job at a time, so that a task is never on two screens. */
function alone() {
  if (!navigator.locks) return void start();
  void navigator.locks.request(`groundswell-job-${job}`, { ifAvailable: true }, async (lock) => {
    if (!lock) {
      part("elsewhere").hidden = false;
      return;
    }
    await start();
    return new Promise(() => undefined);
  });
}

alone();
