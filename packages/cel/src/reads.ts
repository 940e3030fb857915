import type { Expr, IdentExpr } from "./ast.ts";
import { operandsOf, type Reference } from "./check.ts";

/** The variables that a checked expression may read: `name`, or `name.field` where only that member is read. */
export function readsOf(root: Expr, references: ReadonlyMap<Expr, Reference>): ReadonlySet<string> {
  const reads = new Set<string>();
  const walk = (expr: Expr, locals: ReadonlySet<string>): void => {
    const reference = references.get(expr);
    if (reference?.kind === "variable") {
      reads.add(reference.name);
      return;
    }
    const all = (parts: Iterable<Expr>): void => {
      for (const part of parts) walk(part, locals);
    };
    const isLocal = (part: IdentExpr): boolean => !part.absolute && locals.has(part.name);
    switch (expr.kind) {
      case "literal":
        break;
      case "ident":
        if (!isLocal(expr)) reads.add(expr.name);
        break;
      case "select":
        if (expr.operand.kind !== "ident" || isLocal(expr.operand)) walk(expr.operand, locals);
        else reads.add(`${expr.operand.name}.${expr.field}`);
        break;
      case "call":
        all(operandsOf(expr, reference));
        break;
      case "list":
        all(expr.elements.map(({ value }) => value));
        break;
      case "map":
        all(expr.entries.flatMap(({ key, value }) => [key, value]));
        break;
      case "message":
        all(expr.fields.map(({ value }) => value));
        break;
      case "comprehension": {
        walk(expr.range, locals);
        const inner = new Set([...locals, ...expr.variables]);
        if (expr.filter !== undefined) walk(expr.filter, inner);
        walk(expr.body, inner);
        break;
      }
      case "bind":
        walk(expr.value, locals);
        walk(expr.body, new Set([...locals, expr.variable]));
        break;
    }
  };
  walk(root, new Set());
  return reads;
}
