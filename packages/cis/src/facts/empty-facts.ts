import type { NodeFacts } from "./node-facts.ts";

/** Facts about a node of which nothing is known. */
export function emptyFacts(): NodeFacts {
  const nothing = (): undefined => undefined;
  return { origin: "nothing", processes: nothing, stat: nothing, readFile: nothing, list: nothing };
}
