import { workDone } from "./turns.ts";

/** A text in pieces, whose writer has work to do that gives no piece. Whoever wants the text at once goes through the pieces. */
export interface Pieces extends Iterable<string> {
  /** The same pieces and, after work that gave none, about as long as looking at how many bytes it took. */
  steps(): Iterable<string | number>;
}

/** The pieces of a text that is written in steps: see {@link Pieces}. */
export function piecesOf(steps: () => Iterable<string | number>): Pieces {
  return {
    steps,
    *[Symbol.iterator]() {
      for (const step of steps()) if (typeof step === "string") yield step;
    },
  };
}

/** The steps in which a text is written. Of one whose writer tells no work they are the pieces. */
export function stepsOf(pieces: Iterable<string>): Iterable<string | number> {
  return isWrittenInSteps(pieces) ? pieces.steps() : pieces;
}

function isWrittenInSteps(pieces: Iterable<string>): pieces is Pieces {
  return typeof pieces === "object" && "steps" in pieces && typeof pieces.steps === "function";
}

/** To write a piece takes about as long as looking at its characters so many times, and at so many bytes more. */
const timesToWrite = 2;
const bytesPerPiece = 512;

/** Parts are given in about so many UTF-16 units: a call for each line of a long text takes longer than making it. */
const partLength = 64 * 1024;

/**
 * A text that is written in pieces, with turns of the event loop for others in between (see {@link workDone}). Short pieces are put together.
 * @throws what the writer throws, in the promises
 */
export async function* textInTurns(pieces: Iterable<string>): AsyncGenerator<string, void, undefined> {
  let held = "";
  for (const step of stepsOf(pieces)) {
    const isWork = typeof step === "number";
    // To wait for nothing takes its time, too.
    const turn = workDone(isWork ? step : bytesPerPiece + step.length * timesToWrite);
    if (turn !== undefined) await turn;
    if (isWork) continue;
    held += step;
    if (held.length < partLength) continue;
    yield held;
    held = "";
  }
  if (held !== "") yield held;
}
