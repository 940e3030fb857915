/** Tries at most, so that a slow failure does not take all day. */
const maxTries = 2_000;

/** The input without one part, for every part of half its length, then of a quarter, and so on. */
export function* smallerInputs(input: Uint8Array): Generator<Uint8Array> {
  for (let length = Math.ceil(input.length / 2); length >= 1; length = length === 1 ? 0 : Math.ceil(length / 2))
    for (let at = 0; at < input.length; at += length) {
      const smaller = new Uint8Array(input.length - Math.min(length, input.length - at));
      smaller.set(input.subarray(0, at));
      smaller.set(input.subarray(Math.min(input.length, at + length)), at);
      yield smaller;
    }
}

/** A smaller input that fails as well; the input itself when none was found. */
export async function shrink(
  input: Uint8Array,
  fails: (candidate: Uint8Array) => Promise<boolean>,
): Promise<Uint8Array> {
  let best = input;
  let tries = 0;
  for (let found = true; found && tries < maxTries;) {
    found = false;
    for (const candidate of smallerInputs(best)) {
      if (++tries > maxTries) break;
      if (!(await fails(candidate))) continue;
      best = candidate;
      found = true;
      break;
    }
  }
  return best;
}
