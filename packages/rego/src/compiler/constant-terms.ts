/** Terms whose value stands in the source. */

import type { Term } from "../syntax/ast.ts";
import { RegoObject, RegoSet, type Value } from "../values/value.ts";

/** The value of a term without variables, references or closures. */
export function constantOf(term: Term): Value | undefined {
  switch (term.kind) {
    case "scalar":
      return term.value;
    case "array":
    case "set": {
      const values: Value[] = [];
      for (const item of term.items) {
        const value = constantOf(item);
        if (value === undefined) return undefined;
        values.push(value);
      }
      return term.kind === "array" ? values : RegoSet.of(values);
    }
    case "object": {
      const object = new RegoObject();
      for (const [keyTerm, valueTerm] of term.entries) {
        const key = constantOf(keyTerm);
        const value = constantOf(valueTerm);
        if (key === undefined || value === undefined) return undefined;
        object.set(key, value);
      }
      return object;
    }
    default:
      return undefined;
  }
}
