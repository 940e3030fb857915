/**
 * Counts the work of walking through values against the limits of the evaluation that is running. Parts of a value may be shared:
 * `b := [a, a]`, forty times over, takes forty steps to make and 2^40 to compare, hash or write. So whatever walks through a value
 * reports how much it looked at and how much it makes. The running evaluation is a variable of this module, since walks begin in
 * operators, sorting and sets, which have no parameter for it; evaluations are synchronous, so there is only one at a time.
 */

/** The limits that work counts against; each method throws when its limit is reached. */
export interface Payer {
  step(count: number): void;
  /** Counts bytes of a result that is kept. */
  charge(bytes: number): void;
  /** The number of bytes that are left. */
  room(): number;
}

/** Looking at this many members takes about as long as one step of a search. */
const membersOfStep = 16;

let payer: Payer | undefined;
/** Members that may be looked at before the next step is taken. */
let credit = membersOfStep;
/** Bytes that what is being made may still take. */
let room = Infinity;

/** Runs a function and counts its work against `by`. */
export function paidBy<T>(by: Payer, run: () => T): T {
  const outer = { payer, credit, room };
  payer = by;
  credit = membersOfStep;
  room = Infinity;
  try {
    return run();
  } finally {
    ({ payer, credit, room } = outer);
  }
}

/** Counts a walk over so many members. */
export function visit(members: number): void {
  credit -= members;
  if (credit < 0) pay();
}

function pay(): void {
  const steps = Math.ceil(-credit / membersOfStep);
  credit += steps * membersOfStep;
  payer?.step(steps);
}

/** Counts a walk over a text of this length, in UTF-16 code units. */
export function visitText(length: number): void {
  if (length > 64) visit(length >> 6);
}

/** Runs a function that builds one text or copy, which may grow as long as bytes are left; the caller counts the result with `charge`. */
export function growing<T>(make: () => T): T {
  const outer = room;
  room = Math.min(outer, payer?.room() ?? Infinity);
  try {
    return make();
  } finally {
    room = outer;
  }
}

/** Counts growth of the text or copy that is being built, in bytes. */
export function grow(bytes: number): void {
  room -= bytes;
  if (room < 0) payer?.charge(Infinity);
}

/** Counts a long text that is kept. */
export function keepText(length: number): void {
  if (length > 1024) payer?.charge(length);
}
