/** What a reader of an evaluation may see: which rules were entered, which expressions held, failed or were tried again. */

import type { Location } from "../syntax/ast.ts";

/** One event of a trace. */
export interface TraceEvent {
  readonly kind: "enter" | "exit" | "evaluate" | "fail" | "redo";
  /** How deep rules have called each other. */
  readonly depth: number;
  /** The expression, or the name of the rule. */
  readonly text: string;
  readonly location: Location;
}

/** Gets events while an evaluation runs. */
export interface Tracer {
  event(event: TraceEvent): void;
}

/** Collects events up to a number; more are counted only. */
export class TraceBuffer implements Tracer {
  readonly events: TraceEvent[] = [];
  readonly #most: number;
  dropped = 0;

  constructor(most = 100_000) {
    this.#most = most;
  }

  event(event: TraceEvent): void {
    if (this.events.length < this.#most) this.events.push(event);
    else this.dropped++;
  }
}

const words = { enter: "Enter", exit: "Exit", evaluate: "Eval", fail: "Fail", redo: "Redo" } as const;

/** A trace as lines of text, indented by depth. */
export function formatTrace(events: readonly TraceEvent[]): string {
  return events
    .map(({ kind, depth, text, location }) => {
      const place = `${location.path === "" ? "query" : location.path}:${location.row}`;
      return `${place.padEnd(20)} ${"| ".repeat(Math.min(depth, 40))}${words[kind]} ${text}\n`;
    })
    .join("");
}
