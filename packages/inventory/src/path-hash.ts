/**
 * A 53-bit hash of a path, as a number other than 0. Layers can hold millions of paths; comparing hashes instead of
 * keeping the strings is what bounds memory. Not keyed: it must be the same in every process that shares a cache.
 */
export function hashPath(path: string): number {
  let low = lowSeed;
  let high = highSeed;
  for (let at = 0; at < path.length; at++) {
    const unit = path.charCodeAt(at);
    low = Math.imul(low ^ unit, lowPrime);
    high = Math.imul(high ^ unit, highPrime);
  }
  return finish(low, high);
}

/**
 * Hashes of every ancestor of a path, topmost first, and of the path itself last; written to the start of `into`.
 * One walk over the characters, since the state at each slash is the hash of what came before. Returns how many.
 */
export function hashPrefixes(path: string, into: number[]): number {
  let low = lowSeed;
  let high = highSeed;
  let count = 0;
  for (let at = 0; at < path.length; at++) {
    const unit = path.charCodeAt(at);
    if (unit === slash) into[count++] = finish(low, high);
    low = Math.imul(low ^ unit, lowPrime);
    high = Math.imul(high ^ unit, highPrime);
  }
  into[count++] = finish(low, high);
  return count;
}

const slash = 0x2f;
// Two independent lanes in the manner of FNV-1a, with different offsets and odd multipliers.
const lowSeed = 0x811c9dc5;
const highSeed = 0x2f6e2b1d;
const lowPrime = 0x01000193;
const highPrime = 0x5bd1e995;

function finish(low: number, high: number): number {
  const mixedLow = avalanche(low ^ (high >>> 15));
  const mixedHigh = avalanche(high);
  return (mixedHigh & 0x1fffff) * 0x100000000 + mixedLow || 1;
}

/** Final mix of MurmurHash3 (32 bit): every input bit reaches every output bit. */
function avalanche(state: number): number {
  let mixed = state ^ (state >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
