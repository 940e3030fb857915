/** A map from 32-bit numbers to numbers other than 0, with 0 for what it does not hold. Other than `Map`, it makes no objects of large keys. */
export class NumberTable {
  /** Each key and its value side by side, so that a look-up reads one place of the memory. */
  private slots: Int32Array;
  private count = 0;

  /** Room for at least so many entries before it grows. */
  constructor(expected = 16) {
    let size = 32;
    while (size < expected * 2) size *= 2;
    this.slots = new Int32Array(size * 2);
  }

  get size(): number {
    return this.count;
  }

  get(key: number): number {
    const { slots } = this;
    const mask = slots.length - 2;
    let slot = (Math.imul(key, 0x9e3779b1) >>> 7) & mask;
    for (;;) {
      const value = slots[slot + 1] ?? 0;
      if (value === 0 || slots[slot] === key) return value;
      slot = (slot + 2) & mask;
    }
  }

  set(key: number, value: number): void {
    if (this.count * 4 >= this.slots.length) this.grow();
    const { slots } = this;
    const mask = slots.length - 2;
    let slot = (Math.imul(key, 0x9e3779b1) >>> 7) & mask;
    while (slots[slot + 1] !== 0 && slots[slot] !== key) slot = (slot + 2) & mask;
    if (slots[slot + 1] === 0) this.count += 1;
    slots[slot] = key;
    slots[slot + 1] = value;
  }

  forEach(visit: (key: number, value: number) => void): void {
    for (let slot = 0; slot < this.slots.length; slot += 2) {
      const value = this.slots[slot + 1] ?? 0;
      if (value !== 0) visit(this.slots[slot] ?? 0, value);
    }
  }

  private grow(): void {
    const { slots } = this;
    this.slots = new Int32Array(slots.length * 2);
    this.count = 0;
    for (let slot = 0; slot < slots.length; slot += 2)
      if (slots[slot + 1] !== 0) this.set(slots[slot] ?? 0, slots[slot + 1] ?? 0);
  }
}
