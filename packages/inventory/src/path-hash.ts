/** The hashes of every ancestor of a path, topmost first, and of the path itself last. Valid until the next path is hashed. */
export interface PathHashes {
  readonly hashes: readonly number[];
  /** How many of `hashes` belong to the path. */
  readonly count: number;
}

/** Two numbers of 32 bits. */
export type PathKey = readonly [number, number];

const slash = 0x2f;

/**
 * Hashes paths to numbers of 53 bits other than 0. Layers can hold millions of paths; comparing hashes instead of keeping the strings is
 * what bounds memory. The key is secret: whoever knew it could make an image in which a removed file has the hash of a package's, and so
 * hide the package. The function is HalfSipHash with one round a word and three at the end (J.-P. Aumasson and D. J. Bernstein, "SipHash:
 * a fast short-input PRF", section 7), over UTF-16 units.
 */
export class PathHasher {
  readonly key: PathKey;
  readonly #hashes: number[] = [];
  #path = "";
  #count = 0;

  constructor(key: PathKey) {
    this.key = key;
  }

  /** The hash of a path. */
  hash(path: string): number {
    const { hashes, count } = this.prefixes(path);
    return hashes[count - 1] ?? 0;
  }

  /** One walk over the characters, since the state at each slash is that of the ancestor. Asked again of the same path, nothing is done. */
  prefixes(path: string): PathHashes {
    if (this.#count === 0 || path !== this.#path) {
      this.#count = this.#walk(path);
      this.#path = path;
    }
    return { hashes: this.#hashes, count: this.#count };
  }

  #walk(path: string): number {
    const [first, second] = this.key;
    let v0 = first;
    let v1 = second ^ 0xee;
    let v2 = first ^ 0x6c796765;
    let v3 = second ^ 0x74656462;
    let count = 0;
    let pending = 0;
    for (let at = 0; at < path.length; at++) {
      const unit = path.charCodeAt(at);
      if (unit === slash) this.#hashes[count++] = finish(v0, v1, v2, v3, pending, at);
      if ((at & 1) === 0) {
        pending = unit;
        continue;
      }
      const word = pending | (unit << 16);
      pending = 0;
      v3 ^= word;
      // One round, written out: a call for each would take longer than the round.
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    this.#hashes[count++] = finish(v0, v1, v2, v3, pending, path.length);
    return count;
  }
}

/** The last word, which holds the unit that is left over and the length, and the rounds at the end. */
function finish(v0: number, v1: number, v2: number, v3: number, pending: number, length: number): number {
  const word = pending | (length << 16);
  v3 ^= word;
  for (let round = 0; round < 4; round++) {
    if (round === 1) {
      v0 ^= word;
      v2 ^= 0xee;
    }
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
  }
  return ((v0 ^ v2) & 0x1fffff) * 0x100000000 + ((v1 ^ v3) >>> 0) || 1;
}

let own: PathHasher | undefined;

/** The hasher of this process, with a key that nobody else knows. */
export function ownHasher(): PathHasher {
  if (own === undefined) {
    const [first = 0, second = 0] = crypto.getRandomValues(new Int32Array(2));
    own = new PathHasher([first, second]);
  }
  return own;
}

/** Gives the hasher of a key, one for all that were hashed with it. */
export function hashersByKey(): (key: PathKey) => PathHasher {
  // A scan of known layers hashes nothing of its own, and to draw a key takes milliseconds.
  const known = new Map(own === undefined ? [] : [[String(own.key), own]]);
  return (key) => {
    const hasher = known.get(String(key)) ?? new PathHasher(key);
    known.set(String(key), hasher);
    return hasher;
  };
}
