/** Reachability in graphs: objects from nodes to their neighbours. */

import { hashKey, isArray, objectGet, RegoSet, type HashKey, type ObjectValue, type Value } from "../values/value.ts";
import { builtin, type Builtin, type BuiltinContext } from "./builtin.ts";
import { membersAt, objectAt } from "./operands.ts";

function neighbours(graph: ObjectValue, node: Value): readonly Value[] | undefined {
  const edges = objectGet(graph, node);
  if (edges === undefined) return undefined;
  return isArray(edges) ? edges : edges instanceof RegoSet ? edges.sorted() : [];
}

function reachable(args: readonly Value[], context: BuiltinContext): Value {
  const graph = objectAt(args, 0);
  const found = new RegoSet();
  const queue = [...membersAt(args, 1)];
  // What is pushed on the way is gone through as well.
  for (const node of queue) {
    context.step();
    const edges = neighbours(graph, node);
    if (edges === undefined || !found.add(node)) continue;
    context.step(edges.length);
    for (const next of edges) if (!found.has(next)) queue.push(next);
  }
  context.charge(32 * found.size);
  return found;
}

function reachablePaths(args: readonly Value[], context: BuiltinContext): Value {
  const graph = objectAt(args, 0);
  const found = new RegoSet();
  const add = (path: readonly Value[]): void => {
    context.charge(16 * path.length);
    found.add(path);
  };
  const follow = (node: Value, before: readonly Value[], seen: ReadonlySet<HashKey>): void => {
    context.step(1 + before.length);
    const edges = neighbours(graph, node);
    if (edges === undefined) {
      add(before);
      return;
    }
    const path = [...before, node];
    if (edges.length === 0) add(path);
    context.step(seen.size + edges.length);
    const reached = new Set(seen).add(hashKey(node));
    for (const next of edges) {
      if (reached.has(hashKey(next))) add(path);
      else follow(next, path, reached);
    }
  };
  for (const start of membersAt(args, 1, ["{array, set}"])) {
    const edges = neighbours(graph, start);
    if (edges === undefined) continue;
    if (edges.length === 0) add([start]);
    for (const next of edges) follow(next, [start], new Set([hashKey(start)]));
  }
  return found;
}

const graph = "object<>[any: any<array[any], set[any]>], any<array[any], set[any]>";

export const graphBuiltins: readonly Builtin[] = [
  builtin("graph.reachable", `(${graph}) => set[any]`, reachable),
  builtin("graph.reachable_paths", `(${graph}) => set[array[any]]`, reachablePaths),
];
