/** What every match of a pattern must contain: found fast, it says where the slow engine has to look at all. */

import { sizeOf } from "./code-points.ts";
import { ProofSteps, proveLinear } from "./linear.ts";
import { emptyNode, isNullable, maximumLength, type SequenceNode, type SyntaxNode } from "./syntax-tree.ts";

/** The most characters of a piece: enough to be rare, few enough to look for at every place. */
const longestPiece = 32;

/** What tells less than about two letters is in every text. */
const leastTold = 12;

/** Pieces of a pattern that every match contains, each one or more characters long, of few choices. */
export interface RequiredPieces {
  /** The one that is likely rarest in a text. Undefined: there is none. */
  readonly rarest: SyntaxNode | undefined;
  /** Others that tell something as well. */
  readonly others: readonly SyntaxNode[];
}

/** The pieces that a match of a pattern is looked for by. */
export function requiredPieces(root: SyntaxNode): RequiredPieces {
  const pieces: { readonly piece: SyntaxNode; readonly weight: number }[] = [];
  let run: SyntaxNode[] = [];
  const finish = () => {
    const weight = run.reduce((sum, item) => sum + weightOf(item), 0);
    if (weight > 0) pieces.push({ piece: { kind: "sequence", items: run }, weight });
    run = [];
  };
  for (const item of mandatoryItems(root)) {
    if (weightOf(item) === 0) finish();
    else {
      run.push(withoutCaptures(item));
      if (run.length === longestPiece) finish();
    }
  }
  finish();
  const most = pieces.reduce((largest, { weight }) => Math.max(largest, weight), 0);
  const rarest = pieces.find(({ weight }) => weight === most);
  return {
    rarest: rarest?.piece,
    others: pieces.filter((one) => one !== rarest && one.weight >= leastTold).map(({ piece }) => piece),
  };
}

/**
 * An end of a pattern that JavaScript's engine searches in linear time, and that stands in every text with a match: what comes after the last
 * repetition without end, `b` of `a.*b`; of alternatives the end of each. Undefined: there is none.
 */
export function linearEnd(root: SyntaxNode, steps: ProofSteps = new ProofSteps()): SyntaxNode | undefined {
  if (root.kind === "capture") return linearEnd(root.body, steps);
  if (root.kind === "choice") {
    const items = root.items.map((item) => linearEnd(item, steps));
    return items.includes(undefined)
      ? undefined
      : proved({ kind: "choice", items: items.flatMap((item) => item ?? []) }, steps);
  }
  if (root.kind !== "sequence") return proved(root, steps);
  const items = mandatoryItems(root);
  const last = items.findLastIndex((item) => maximumLength(item) === Infinity);
  const rest = items.slice(last + 1).map(withoutCaptures);
  const endOfLast = last === -1 ? undefined : linearEnd(items[last] ?? emptyNode, steps);
  const longer = endOfLast === undefined ? undefined : proved({ kind: "sequence", items: [endOfLast, ...rest] }, steps);
  return longer ?? proved({ kind: "sequence", items: rest }, steps);
}

/** The node, if it takes a character and is searched in linear time. */
function proved(node: SyntaxNode, steps: ProofSteps): SyntaxNode | undefined {
  return isNullable(node) || proveLinear(node, steps) === undefined ? undefined : node;
}

/** The nodes that every match passes, in order. What is only sometimes passed shows as itself, and weighs nothing. */
function mandatoryItems(root: SyntaxNode): readonly SyntaxNode[] {
  const items: SyntaxNode[] = [];
  const add = (node: SyntaxNode): void => {
    if (node.kind === "capture") add(node.body);
    else if (node.kind === "sequence") node.items.forEach(add);
    else items.push(node);
  };
  add(root);
  return items;
}

/** About how many bits a match of the node tells; 0 for what is unsuited. */
function weightOf(node: SyntaxNode): number {
  switch (node.kind) {
    case "set": {
      const size = sizeOf(node.set);
      return size === 0 || size > 16 ? 0 : 7 - Math.log2(size);
    }
    case "capture":
      return weightOf(node.body);
    case "sequence": {
      const weights = node.items.map((item) => weightOf(item));
      return weights.includes(0) ? 0 : weights.reduce((sum, one) => sum + one, 0);
    }
    case "choice":
      return node.items.length > 64 ? 0 : Math.min(...node.items.map((item) => weightOf(item)));
    default:
      return 0;
  }
}

function withoutCaptures(node: SyntaxNode): SyntaxNode {
  if (node.kind === "capture") return withoutCaptures(node.body);
  if (node.kind === "sequence")
    return { kind: "sequence", items: node.items.map(withoutCaptures) } satisfies SequenceNode;
  if (node.kind === "choice") return { kind: "choice", items: node.items.map(withoutCaptures) };
  return node;
}
