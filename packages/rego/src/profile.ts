/** Where an evaluation spends its time: a tracer that counts expressions, as `opa eval --profile` tells them. */

import type { TraceEvent, Tracer } from "./evaluation/trace.ts";

/** The profile of the expressions in one row of a module. */
export interface ProfiledExpression {
  readonly total_time_ns: number;
  /** How often they were evaluated (`num_eval`) and backtracked into (`num_redo`). */
  readonly num_eval: number;
  readonly num_redo: number;
  /** The number of expressions in the row. */
  readonly num_gen_expr: number;
  readonly location: { readonly file: string; readonly row: number; readonly col: number };
  /** The first of them. */
  readonly text: string;
}

/** The columns that a profile can be sorted by. */
export const profileOrders = ["total_time_ns", "num_eval", "num_redo", "num_gen_expr", "file", "line"] as const;

/** One of `profileOrders`. */
export type ProfileOrder = (typeof profileOrders)[number];

interface Entry {
  time: number;
  evaluated: number;
  redone: number;
  readonly columns: Set<number>;
  readonly first: TraceEvent;
}

/** Counts expressions and the time until the next one. */
export class Profile implements Tracer {
  readonly #clock: () => number;
  readonly #entries: Map<string, Entry> = new Map();
  #current: { readonly entry: Entry; readonly since: number } | undefined;

  /** @param clock a monotonic clock in milliseconds, such as `performance.now()` */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  event(event: TraceEvent): void {
    if (event.kind !== "evaluate" && event.kind !== "redo") return;
    const now = this.#clock();
    if (this.#current !== undefined) this.#current.entry.time += now - this.#current.since;
    const { path, row, column } = event.location;
    const key = `${path}\0${row}`;
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { time: 0, evaluated: 0, redone: 0, columns: new Set(), first: event };
      this.#entries.set(key, entry);
    }
    if (event.kind === "evaluate") entry.evaluated++;
    else entry.redone++;
    entry.columns.add(column);
    this.#current = { entry, since: now };
  }

  /** The first `most` rows in the given order; all rows for 0. */
  report(most: number, orders: readonly ProfileOrder[] = []): readonly ProfiledExpression[] {
    if (this.#current !== undefined) {
      const now = this.#clock();
      this.#current.entry.time += now - this.#current.since;
      this.#current = { entry: this.#current.entry, since: now };
    }
    const rows = [...this.#entries.values()].map(({ time, evaluated, redone, columns, first }) => ({
      total_time_ns: Math.round(time * 1e6),
      num_eval: evaluated,
      num_redo: redone,
      num_gen_expr: columns.size,
      location: { file: first.location.path, row: first.location.row, col: first.location.column },
      text: first.text,
    }));
    const all: readonly ProfileOrder[] = [...orders, "total_time_ns", "num_eval", "num_redo", "file", "line"];
    rows.sort((a, b) => all.reduce((order, by) => order || compareBy(by, a, b), 0));
    return most > 0 ? rows.slice(0, most) : rows;
  }
}

/** From the largest, texts from the last. */
function compareBy(order: ProfileOrder, a: ProfiledExpression, b: ProfiledExpression): number {
  if (order === "file") return a.location.file < b.location.file ? 1 : a.location.file > b.location.file ? -1 : 0;
  if (order === "line") return b.location.row - a.location.row;
  return b[order] - a[order];
}

/** A duration as Go prints it: `252.433µs`, `1.5ms`, `1m0.5s`. */
export function goDuration(nanoseconds: number): string {
  const whole = Math.round(nanoseconds);
  if (whole === 0) return "0s";
  if (whole < 1000) return `${whole}ns`;
  if (whole < 1e6) return `${whole / 1e3}µs`;
  if (whole < 1e9) return `${whole / 1e6}ms`;
  const minutes = Math.floor(whole / 60e9);
  const seconds = `${(whole - minutes * 60e9) / 1e9}s`;
  if (minutes === 0) return seconds;
  return minutes < 60 ? `${minutes}m${seconds}` : `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}`;
}
