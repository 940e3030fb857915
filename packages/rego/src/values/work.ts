/**
 * The price of walks through values. Parts of a value may be shared: `b := [a, a]`, forty times over, takes forty steps to make
 * and 2^40 to compare, hash or write. Whoever walks tells how much it looked at and how much it makes; the evaluation that
 * runs pays. Evaluations are synchronous and ask each other only by calling, so the one that runs is kept here: a walk begins
 * in operators, sorting and sets, none of which could hand a meter on.
 */

/** What pays: each method throws when its limit is reached. */
export interface Payer {
  step(count: number): void;
  /** Accounts for bytes that stay. */
  charge(bytes: number): void;
  /** How many bytes may still be made. */
  room(): number;
}

/** Looking at this many members takes about as long as one step of a search. */
const membersOfStep = 16;

let payer: Payer | undefined;
/** Members that may be looked at before the next step is taken. */
let credit = membersOfStep;
/** Bytes that what is being made may still take. */
let room = Infinity;

/** Runs something that pays for its walks. */
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

/** Tells that a walk looked at so many members. */
export function visit(members: number): void {
  credit -= members;
  if (credit < 0) pay();
}

function pay(): void {
  const steps = Math.ceil(-credit / membersOfStep);
  credit += steps * membersOfStep;
  payer?.step(steps);
}

/** Tells that a walk looked at a text of this length. */
export function visitText(length: number): void {
  if (length > 64) visit(length >> 6);
}

/** Makes one text or copy, which may grow as long as there is room; what stays of it is charged by the caller. */
export function growing<T>(make: () => T): T {
  const outer = room;
  room = Math.min(outer, payer?.room() ?? Infinity);
  try {
    return make();
  } finally {
    room = outer;
  }
}

/** Tells that what is being made grows. */
export function grow(bytes: number): void {
  room -= bytes;
  if (room < 0) payer?.charge(Infinity);
}

/** Accounts for a long text that is kept. */
export function keepText(length: number): void {
  if (length > 1024) payer?.charge(length);
}
