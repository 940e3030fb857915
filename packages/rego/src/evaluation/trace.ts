/** What a reader of an evaluation may see: which rules were entered, which expressions held, failed or were tried again. */

import type { Location, Span } from "../syntax/ast.ts";
import type { StackFrame } from "../syntax/errors.ts";

/** One event of a trace. */
export interface TraceEvent {
  /** `part`: a part of an expression or of a rule's head is evaluated. */
  readonly kind: "enter" | "exit" | "evaluate" | "part" | "fail" | "redo";
  /** How deep rules have called each other. */
  readonly depth: number;
  /** The expression, or the name of the rule. */
  readonly text: string;
  readonly location: Location;
}

/** An event at the beginning of an evaluation, with details that traces do not print. */
export interface BegunEvent extends TraceEvent {
  readonly span: Span;
  /** The text with the current values of its variables. */
  readonly resolved: () => string;
  /** Identifies one evaluation of a rule's body. */
  readonly activation: object;
  /** Whether it contains a body: of `not`, `every` or a comprehension. */
  readonly hasBody: boolean;
}

/** Receives events while an evaluation runs. */
export interface Tracer {
  event(event: TraceEvent): void;
}

/** Collects up to a number of events, without those of kind `part`; further ones are only counted. */
export class TraceBuffer implements Tracer {
  readonly events: TraceEvent[] = [];
  readonly #most: number;
  dropped = 0;

  constructor(most = 100_000) {
    this.#most = most;
  }

  event(event: TraceEvent): void {
    if (event.kind === "part") return;
    if (this.events.length < this.#most) this.events.push(event);
    else this.dropped++;
  }
}

/** Tracks which expressions are being evaluated, for the stack trace of an error. */
export class StackTracer implements Tracer {
  #frames: { readonly event: BegunEvent; readonly query: number }[] = [];
  #queries = 0;

  event(event: TraceEvent | BegunEvent): void {
    if (event.kind === "enter" || event.kind === "exit")
      this.#frames = this.#frames.filter(({ event: { depth } }) => depth < event.depth);
    if (!("activation" in event)) return;
    const kept = this.#frames.filter(({ event: outer }) => outer.depth < event.depth || isWithin(event, outer));
    const replaced = this.#frames[kept.length]?.event;
    const isSibling = replaced?.depth === event.depth && replaced.activation === event.activation;
    const query = isSibling ? (this.#frames[kept.length]?.query ?? 0) : this.#queries++;
    this.#frames = [...kept, { event, query }];
  }

  /** The expressions under evaluation, the innermost first. */
  frames(): readonly StackFrame[] {
    return this.#frames
      .map(({ event: { location, resolved }, query }) => ({
        query,
        location,
        text: frameText(resolved()),
      }))
      .reverse();
  }
}

/** Whether an expression stands in a body of another that is evaluated. */
function isWithin({ depth, span, activation }: BegunEvent, outer: BegunEvent): boolean {
  if (depth !== outer.depth || activation !== outer.activation || !outer.hasBody) return false;
  return span.source === outer.span.source && span.start >= outer.span.start && span.end <= outer.span.end;
}

/** How many characters of an expression are shown. */
const longestFrame = 80;

function frameText(text: string): string {
  const characters = [...text.trim().replace(/\s+/g, " ")];
  return characters.length > longestFrame ? `${characters.slice(0, longestFrame).join("")}...` : characters.join("");
}

const words = { enter: "Enter", exit: "Exit", evaluate: "Eval", part: "Part", fail: "Fail", redo: "Redo" } as const;

/** The events of expressions that failed, and of the rules that led there. */
export function failuresOf(events: readonly TraceEvent[]): readonly TraceEvent[] {
  const wanted = new Set<number>();
  const kept: TraceEvent[] = [];
  for (const event of [...events].reverse()) {
    const { kind, depth } = event;
    const leads = kind === "enter" && wanted.has(depth);
    if (kind !== "fail" && !leads) continue;
    if (leads) {
      wanted.delete(depth);
      wanted.add(depth - 1);
    } else wanted.add(depth);
    kept.push(event);
  }
  return kept.reverse();
}

/** A trace as lines of text, indented by depth. */
export function formatTrace(events: readonly TraceEvent[]): string {
  return events
    .map(({ kind, depth, text, location }) => {
      const place = `${location.path === "" ? "query" : location.path}:${location.row}`;
      const bars = depth + (kind === "enter" || kind === "exit" ? 0 : 1);
      return `${place.padEnd(20)} ${"| ".repeat(Math.min(bars, 40))}${words[kind]} ${text}\n`;
    })
    .join("");
}
