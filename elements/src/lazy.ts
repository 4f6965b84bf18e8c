/** Elements that are loaded only where a page uses them, by tag. Each module defines its tag when imported. */
export const LAZY: Readonly<Record<string, () => Promise<unknown>>> = {};
