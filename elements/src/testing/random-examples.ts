/**
 * Which examples property tests try: the same in every run, so that one run says the same as the last; with `EXAMPLES=20` in the
 * environment fresh ones, twenty times as many. The Python tests read the same variable (tests/random_examples.py).
 */
import fc from "fast-check";

const FIXED_SEED = 20_261_128;
const TIMES = Number(process.env["EXAMPLES"] ?? 1);

/** As many examples as asked for, of a property that usually tries so many. */
export const examples = (usual: number): number => usual * TIMES;

fc.configureGlobal({ numRuns: examples(100), ...(TIMES === 1 ? { seed: FIXED_SEED } : {}) });
