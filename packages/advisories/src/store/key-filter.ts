/** Bits per key: about 1 % of the absent keys pass. */
const bitsPerKey = 10;
const probes = 7;

/** A Bloom filter over keys: most packages have no advisories, and no block needs to be read to know it. */
export class KeyFilter {
  readonly bytes: Uint8Array;

  /** A filter as {@link KeyFilter.of} made it, or an empty one, which every key passes. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  static of(keys: readonly Uint8Array[]): KeyFilter {
    const filter = new KeyFilter(new Uint8Array(Math.ceil((keys.length * bitsPerKey) / 8)));
    for (const key of keys) {
      for (const bit of filter.#bitsOf(key))
        filter.bytes[bit >>> 3] = (filter.bytes[bit >>> 3] ?? 0) | (1 << (bit & 7));
    }
    return filter;
  }

  /** False: the key is certainly not there. */
  mayHold(key: Uint8Array): boolean {
    return (
      this.bytes.length === 0 || this.#bitsOf(key).every((bit) => ((this.bytes[bit >>> 3] ?? 0) >>> (bit & 7)) & 1)
    );
  }

  /** Kirsch and Mitzenmacher: two hashes (FNV-1a and a mixed one) stand for all. */
  #bitsOf(key: Uint8Array): number[] {
    let first = 0x811c9dc5;
    let second = 0x9747b28c;
    for (const byte of key) {
      first = Math.imul(first ^ byte, 0x01000193);
      second = Math.imul(second ^ byte, 0x5bd1e995);
      second ^= second >>> 15;
    }
    const size = this.bytes.length * 8;
    const bits: number[] = [];
    for (let probe = 0; probe < probes; probe++) bits.push(((first + Math.imul(probe, second | 1)) >>> 0) % size);
    return bits;
  }
}
