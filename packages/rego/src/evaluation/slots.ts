/** Registers for variables, and which of them are bound while a body is planned. */

export class Slots {
  readonly #slots: Map<string, number> = new Map();
  /** Register 0 is for the collection that a rule adds to. */
  size = 1;

  of(name: string): number {
    let slot = this.#slots.get(name);
    if (slot === undefined) {
      slot = this.size++;
      this.#slots.set(name, slot);
    }
    return slot;
  }

  /** A register for no variable. */
  spare(): number {
    return this.size++;
  }

  /** Gives a variable a certain register. */
  assign(name: string, slot: number): void {
    this.#slots.set(name, slot);
    this.size = Math.max(this.size, slot + 1);
  }
}
