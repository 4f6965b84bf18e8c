// @ts-check
/** Time for people: what is left of a task, how long ago something was saved, what was earned. */

/** Minutes and seconds, or hours and minutes: `4:12`, `1 h 05`. @param {number} seconds */
export function left(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const pad = (/** @type {number} */ n) => String(n).padStart(2, "0");
  if (whole >= 3_600) return `${Math.floor(whole / 3_600)} h ${pad(Math.floor((whole % 3_600) / 60))}`;
  return `${Math.floor(whole / 60)}:${pad(whole % 60)}`;
}

/** @param {number} at milliseconds since 1970 */
export function ago(at) {
  const seconds = Math.round((Date.now() - at) / 1_000);
  if (seconds < 3) return "just now";
  return seconds < 90 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`;
}

/** Dollars of micro-dollars: two digits, or as many as a small reward needs. @param {number} micros */
export function usd(micros) {
  const dollars = micros / 1e6;
  return `$${dollars.toFixed(dollars === 0 || Number.isInteger(Math.round(dollars * 1e6) / 1e4) ? 2 : 3)}`;
}

/** A duration in words for a list: `5 min`, `1 h`, `3 days`. @param {number} seconds */
export function span(seconds) {
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129_600) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}
