/** Storage and cookies in memory, for pages that browsers give none. */

/** A `Storage` that forgets when the page goes: items as members too, as scripts use it. */
export function memoryStorage(): Storage {
  const items = new Map<string, string>();
  const methods = {
    getItem: (key: string) => items.get(`${key}`) ?? null,
    setItem: (key: string, value: string) => void items.set(`${key}`, `${value}`),
    removeItem: (key: string) => void items.delete(`${key}`),
    clear: () => items.clear(),
    key: (index: number) => [...items.keys()][index] ?? null,
  };
  return new Proxy(methods as unknown as Storage, {
    get: (target, name) => {
      if (name === "length") return items.size;
      return typeof name === "symbol" || name in target ? Reflect.get(target, name) as unknown : items.get(name);
    },
    set: (_target, name, value) => (items.set(String(name), `${value}`), true),
    has: (target, name) => name in target || items.has(String(name)),
    deleteProperty: (_target, name) => (items.delete(String(name)), true),
    ownKeys: () => [...items.keys()],
    getOwnPropertyDescriptor: (_target, name) =>
      items.has(String(name)) ? { configurable: true, enumerable: true, writable: true, value: items.get(String(name)) } : undefined,
  });
}

/** `document.cookie` without a server: names and values, ends by `expires` and `max-age`. */
export function cookieJar(now: () => number = Date.now) {
  const cookies = new Map<string, { value: string; until: number }>();
  return {
    read(): string {
      for (const [name, { until }] of cookies) if (until <= now()) cookies.delete(name);
      return [...cookies].map(([name, { value }]) => (name ? `${name}=${value}` : value)).join("; ");
    },
    write(text: string): void {
      const [pair = "", ...attributes] = text.split(";");
      const at = pair.indexOf("=");
      const [name, value] = at < 0 ? ["", pair.trim()] : [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
      const until = endOf(attributes, now());
      if (until <= now()) cookies.delete(name);
      else cookies.set(name, { value, until });
    },
  };
}

/** When a cookie ends; `max-age` counts more than `expires`, what cannot be read not at all. */
function endOf(attributes: readonly string[], now: number): number {
  const given = new Map(attributes.map((one) => {
    const [name = "", ...rest] = one.split("=");
    return [name.trim().toLowerCase(), rest.join("=").trim()] as const;
  }));
  const age = Number.parseInt(given.get("max-age") ?? "", 10);
  if (!Number.isNaN(age)) return now + 1_000 * age;
  const date = Date.parse(given.get("expires") ?? "");
  return Number.isNaN(date) ? Infinity : date;
}
