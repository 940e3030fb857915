/** A parsed pattern: what `parse` yields, and what the translation and the proof of linear time read. */

import type { CodePointSet } from "./code-points.ts";

/** A condition on a place in the text that takes no character. `text-*` are the ends of the whole text. */
export type AssertedPlace =
  | "text-start"
  | "text-end"
  | "line-start"
  | "line-end"
  | "word-boundary"
  | "no-word-boundary";

/** One character out of a set; case folding has already widened the set. */
export interface SetNode {
  readonly kind: "set";
  readonly set: CodePointSet;
}
/** A condition on the place, such as `^`. */
export interface AssertNode {
  readonly kind: "assert";
  readonly place: AssertedPlace;
}
/** A capturing group. */
export interface CaptureNode {
  readonly kind: "capture";
  /** From 1, in order of the opening parentheses. */
  readonly index: number;
  readonly body: SyntaxNode;
}
/** Nodes that match one after another. */
export interface SequenceNode {
  readonly kind: "sequence";
  readonly items: readonly SyntaxNode[];
}
/** The first alternative that leads to a match is the one that counts. */
export interface ChoiceNode {
  readonly kind: "choice";
  readonly items: readonly SyntaxNode[];
}
/** A node that matches several times in a row. */
export interface RepeatNode {
  readonly kind: "repeat";
  readonly body: SyntaxNode;
  readonly min: number;
  /** Infinity: without end. */
  readonly max: number;
  readonly greedy: boolean;
}

/** A node of the syntax tree of a pattern. */
export type SyntaxNode = SetNode | AssertNode | CaptureNode | SequenceNode | ChoiceNode | RepeatNode;

/** Matches the empty text: a sequence of nothing. */
export const emptyNode: SequenceNode = { kind: "sequence", items: [] };

/** Whether the node can match without taking a character. */
export function isNullable(node: SyntaxNode): boolean {
  switch (node.kind) {
    case "set":
      return false;
    case "assert":
      return true;
    case "capture":
      return isNullable(node.body);
    case "sequence":
      return node.items.every(isNullable);
    case "choice":
      return node.items.some(isNullable);
    case "repeat":
      return node.min === 0 || isNullable(node.body);
  }
}

/** The most characters (code points) the node can take; Infinity where there is no bound. */
export function maximumLength(node: SyntaxNode): number {
  switch (node.kind) {
    case "set":
      return 1;
    case "assert":
      return 0;
    case "capture":
      return maximumLength(node.body);
    case "sequence":
      return node.items.reduce((sum, item) => sum + maximumLength(item), 0);
    case "choice":
      return node.items.reduce((most, item) => Math.max(most, maximumLength(item)), 0);
    case "repeat": {
      const body = maximumLength(node.body);
      return body === 0 || node.max === 0 ? 0 : body * node.max;
    }
  }
}

/** Whether a test holds for the node or any node inside it. */
export function someNode(node: SyntaxNode, holds: (node: SyntaxNode) => boolean): boolean {
  if (holds(node)) return true;
  if (node.kind === "capture" || node.kind === "repeat") return someNode(node.body, holds);
  if (node.kind === "sequence" || node.kind === "choice") return node.items.some((item) => someNode(item, holds));
  return false;
}
