/** A map from 32-bit numbers to numbers other than 0, with 0 for what it does not hold. Other than `Map`, it makes no objects of large keys. */
export class NumberTable {
  private keys: Int32Array;
  private values: Int32Array;
  private count = 0;

  /** Room for at least so many entries before it grows. */
  constructor(expected = 16) {
    let size = 32;
    while (size < expected * 2) size *= 2;
    this.keys = new Int32Array(size);
    this.values = new Int32Array(size);
  }

  get size(): number {
    return this.count;
  }

  get(key: number): number {
    const { keys, values } = this;
    const mask = keys.length - 1;
    let slot = (Math.imul(key, 0x9e3779b1) >>> 8) & mask;
    for (;;) {
      const value = values[slot] ?? 0;
      if (value === 0 || keys[slot] === key) return value;
      slot = (slot + 1) & mask;
    }
  }

  set(key: number, value: number): void {
    if (this.count * 2 >= this.keys.length) this.grow();
    const mask = this.keys.length - 1;
    let slot = (Math.imul(key, 0x9e3779b1) >>> 8) & mask;
    while ((this.values[slot] ?? 0) !== 0 && this.keys[slot] !== key) slot = (slot + 1) & mask;
    if (this.values[slot] === 0) this.count += 1;
    this.keys[slot] = key;
    this.values[slot] = value;
  }

  forEach(visit: (key: number, value: number) => void): void {
    for (let slot = 0; slot < this.keys.length; slot++) {
      const value = this.values[slot] ?? 0;
      if (value !== 0) visit(this.keys[slot] ?? 0, value);
    }
  }

  private grow(): void {
    const { keys, values } = this;
    this.keys = new Int32Array(keys.length * 2);
    this.values = new Int32Array(values.length * 2);
    this.count = 0;
    for (let slot = 0; slot < keys.length; slot++)
      if ((values[slot] ?? 0) !== 0) this.set(keys[slot] ?? 0, values[slot] ?? 0);
  }
}
