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
  /** The directory of the path that was hashed last, with its slash, and what the hash was behind it. */
  #stem = "";
  #stemCount = 0;
  #stemPending = 0;
  #stem0 = 0;
  #stem1 = 0;
  #stem2 = 0;
  #stem3 = 0;

  constructor(key: PathKey) {
    this.key = key;
  }

  /** The hash of a path. */
  hash(path: string): number {
    const { hashes, count } = this.prefixes(path);
    return hashes[count - 1] ?? 0;
  }

  /**
   * One walk over the characters, since the state at each slash is that of the ancestor. Asked again of the same path, nothing is done, and of
   * another one in its directory only what comes behind that: files mostly come directory by directory.
   */
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
    let at = 0;
    if (this.#stem !== "" && path.startsWith(this.#stem)) {
      at = this.#stem.length;
      count = this.#stemCount;
      pending = this.#stemPending;
      v0 = this.#stem0;
      v1 = this.#stem1;
      v2 = this.#stem2;
      v3 = this.#stem3;
    }
    const known = at;
    const stemEnd = path.lastIndexOf("/") + 1;
    for (; ; at++) {
      if (at === stemEnd && at !== known) this.#keepStem(path.slice(0, at), count, pending, v0, v1, v2, v3);
      // The end is one of the places for which a hash is asked, as slashes are.
      const unit = at < path.length ? path.charCodeAt(at) : slash;
      if (unit === slash) {
        this.#hashes[count++] = finish(v0, v1, v2, v3, pending, at);
        if (at === path.length) break;
      }
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
    // Without a directory of its own, or ending in one: it may have taken the place of the hashes that belong to the stem.
    if (stemEnd === 0 || stemEnd === path.length) this.#stem = "";
    return count;
  }

  #keepStem(stem: string, count: number, pending: number, v0: number, v1: number, v2: number, v3: number): void {
    this.#stem = stem;
    this.#stemCount = count;
    this.#stemPending = pending;
    this.#stem0 = v0;
    this.#stem1 = v1;
    this.#stem2 = v2;
    this.#stem3 = v3;
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
  const known = new Map<string, PathHasher>();
  return (key) => {
    const text = String(key);
    // Of this process only where it has one: a scan of known layers hashes nothing of its own, and to draw a key takes milliseconds.
    const hasher = own !== undefined && String(own.key) === text ? own : (known.get(text) ?? new PathHasher(key));
    known.set(text, hasher);
    return hasher;
  };
}
