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

/** What was found for a node, so that deep nesting is not walked again for each level. */
const nullables = new WeakMap<SyntaxNode, boolean>();
const maximumLengths = new WeakMap<SyntaxNode, number>();

/** Whether the node can match without taking a character. */
export function isNullable(node: SyntaxNode): boolean {
  if (node.kind === "set") return false;
  if (node.kind === "assert") return true;
  const known = nullables.get(node);
  if (known !== undefined) return known;
  const nullable = findNullable(node);
  nullables.set(node, nullable);
  return nullable;
}

// Loops rather than callbacks: the nodes may nest a thousand deep, and the stack is short.
function findNullable(node: CaptureNode | SequenceNode | ChoiceNode | RepeatNode): boolean {
  if (node.kind === "capture") return isNullable(node.body);
  if (node.kind === "repeat") return node.min === 0 || isNullable(node.body);
  const decides = node.kind === "choice";
  for (const item of node.items) if (isNullable(item) === decides) return decides;
  return !decides;
}

/** The most characters (code points) the node can take; Infinity where there is no bound. */
export function maximumLength(node: SyntaxNode): number {
  if (node.kind === "set") return 1;
  if (node.kind === "assert") return 0;
  const known = maximumLengths.get(node);
  if (known !== undefined) return known;
  const length = findMaximumLength(node);
  maximumLengths.set(node, length);
  return length;
}

function findMaximumLength(node: CaptureNode | SequenceNode | ChoiceNode | RepeatNode): number {
  if (node.kind === "capture") return maximumLength(node.body);
  if (node.kind === "repeat") {
    const body = maximumLength(node.body);
    return body === 0 || node.max === 0 ? 0 : body * node.max;
  }
  let length = 0;
  for (const item of node.items) {
    const one = maximumLength(item);
    length = node.kind === "choice" ? Math.max(length, one) : length + one;
  }
  return length;
}

/** Whether a test holds for the node or any node inside it. */
export function someNode(node: SyntaxNode, holds: (node: SyntaxNode) => boolean): boolean {
  if (holds(node)) return true;
  if (node.kind === "capture" || node.kind === "repeat") return someNode(node.body, holds);
  if (node.kind === "sequence" || node.kind === "choice") return node.items.some((item) => someNode(item, holds));
  return false;
}
