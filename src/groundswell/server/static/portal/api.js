// @ts-check
/** Requests to Groundswell's own API from a worker's page, with its one error shape. */

/** An answer that was not 2xx, or no answer at all (`status` 0). */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {{code?: string, message?: string, field?: string}} body
   */
  constructor(status, body) {
    super(body.message ?? "The server did not answer. Your work is kept here and sent when it is back.");
    this.status = status;
    this.code = body.code ?? (status === 0 ? "offline" : "error");
    this.field = body.field;
  }

  /** True when trying the same request again later may succeed. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/**
 * One JSON request. Resolves with the body (null for 204); rejects with ApiError.
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {{keepalive?: boolean}} [options]
 * @returns {Promise<any>}
 */
export async function request(method, path, body, options = {}) {
  const init = /** @type {RequestInit} */ ({ method, headers: { Accept: "application/json" }, credentials: "same-origin", ...options });
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { ...init.headers, "Content-Type": "application/json" };
  }
  let response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new ApiError(0, {});
  }
  if (response.status === 204) return null;
  const text = await response.text();
  const parsed = parse(text);
  if (!response.ok) throw new ApiError(response.status, parsed?.error ?? { message: `The server answered ${response.status}.` });
  return parsed;
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
