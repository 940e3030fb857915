/** Orders bodies so that every variable is bound before it is needed, and reports those that never are. */

import type { Body, Expression, Rule, Span, Term } from "../syntax/ast.ts";
import { branchesOf, walkExpression, walkTerm, type Visitor } from "../syntax/visit.ts";
import { importedKeywords, keywordsOfV1 } from "../syntax/token-stream.ts";
import { bodyOutputs, expressionOutputs, safetyOptions, safetyVars } from "./outputs.ts";
import { collectBodyVars, collectVars, isGenerated, type CompilerScope } from "./scope.ts";

type Names = ReadonlySet<string>;
type Unsafe = Map<Expression, Set<string>>;

const futureKeywords = new Set([...keywordsOfV1, ...importedKeywords]);

/** Reports variables of a rule's head that its body does not bind. */
export function checkHead(scope: CompilerScope, rule: Rule): void {
  const known = new Set<string>(["input", "data"]);
  collectBodyVars(rule.body, known, safetyOptions);
  for (const arg of rule.head.args) collectVars(arg, known);
  const wanted = new Map<string, Span>();
  for (const part of headParts(rule)) {
    walkTerm(part, {
      term: (term) => {
        if (term.kind === "comprehension") return true;
        if (term.kind === "var" && !wanted.has(term.name)) wanted.set(term.name, term.span);
        return false;
      },
    });
  }
  for (const [name, span] of wanted) {
    if (known.has(name)) continue;
    const original = scope.originalName(name);
    if (!isGenerated(original)) scope.report("rego_unsafe_var_error", `var ${shown(original)} is unsafe`, span);
  }
}

function headParts(rule: Rule): Term[] {
  const { reference, key, value } = rule.head;
  return [...reference.slice(1), ...(key === undefined ? [] : [key]), ...(value === undefined ? [] : [value])];
}

function shown(name: string): string {
  return name.startsWith("$") ? "_" : name;
}

/** Orders the bodies of a rule. */
export function orderRule(scope: CompilerScope, rule: Rule): void {
  for (const branch of branchesOf(rule)) {
    const safe = new Set<string>();
    for (const arg of branch.head.args) collectVars(arg, safe);
    branch.body = orderBody(scope, branch.body, safe);
  }
}

/** Orders a body whose outer variables are bound; reports what stays unbound. */
export function orderBody(scope: CompilerScope, body: Body, safe: Names): Body {
  const { ordered, unsafe } = reorder(scope, body, safe);
  if (unsafe.size === 0) return ordered;
  report(scope, unsafe);
  return body;
}

function reorder(scope: CompilerScope, body: Body, globals: Names): { ordered: Body; unsafe: Unsafe } {
  const bodyVars = new Set<string>();
  const unsafe: Unsafe = new Map();
  const safe = new Set<string>();
  for (const expression of body) {
    const names = new Set<string>();
    safetyVars(scope, expression, names);
    for (const root of ["input", "data"]) names.delete(root);
    for (const name of names) {
      bodyVars.add(name);
      if (globals.has(name)) safe.add(name);
    }
    const open = new Set([...names].filter((name) => !globals.has(name)));
    if (open.size > 0) unsafe.set(expression, open);
  }
  const ordered: Body = [];
  const waiting = new Set(body);
  for (let progress = true; progress;) {
    progress = false;
    for (const expression of body) {
      if (!waiting.has(expression)) continue;
      const outputs = expressionOutputs(scope, expression, safe);
      const closed = closureVars(expression, bodyVars, globals);
      if (closed.size > 0) {
        const bound = bodyOutputs(scope, ordered, safeAtStart(bodyVars, globals));
        const missing = new Set([...closed].filter((name) => !bound.has(name) && !globals.has(name)));
        if (missing.size > 0) {
          if (sameNames(missing, outputs)) continue;
          unsafe.set(expression, missing);
        }
      }
      const open = unsafe.get(expression);
      for (const name of open ?? []) if (outputs.has(name) || safe.has(name)) open?.delete(name);
      if (open === undefined || open.size === 0) {
        unsafe.delete(expression);
        ordered.push(expression);
        waiting.delete(expression);
        for (const name of outputs) safe.add(name);
        progress = true;
      }
    }
  }
  orderClosures(scope, ordered, globals, unsafe);
  return { ordered, unsafe };
}

function safeAtStart(bodyVars: Names, globals: Names): Set<string> {
  return new Set([...bodyVars].filter((name) => globals.has(name)));
}

function sameNames(left: Names, right: Names): boolean {
  return left.size === right.size && [...left].every((name) => right.has(name));
}

/** Variables of this body that an expression uses within closures. */
function closureVars(expression: Expression, bodyVars: Names, globals: Names): Set<string> {
  const names = new Set<string>();
  walkExpression(expression, {
    term: (term) => {
      if (term.kind !== "comprehension") return false;
      if (term.key !== undefined) collectVars(term.key, names);
      collectVars(term.value, names);
      collectBodyVars(term.body, names);
      return true;
    },
    expression: (each) => {
      if (each.kind === "every") collectBodyVars(each.body, names);
      if (each.kind === "not") collectBodyVars(each.body, names);
      if (each.kind === "logical") {
        collectBodyVars(each.left, names);
        collectBodyVars(each.right, names);
      }
      return each.kind === "not" || each.kind === "logical";
    },
  });
  return new Set([...names].filter((name) => bodyVars.has(name) && !globals.has(name)));
}

/** Orders the bodies within expressions, each seeing what is bound before it. */
function orderClosures(scope: CompilerScope, ordered: Body, globals: Names, unsafe: Unsafe): void {
  const known = new Set(globals);
  for (const [index, expression] of ordered.entries()) {
    const previous = ordered[index - 1];
    if (previous !== undefined) safetyVars(scope, previous, known);
    const nested = (body: Body, wanted: Names, more: Names = new Set()): Body => {
      const outer = more.size === 0 ? known : new Set([...known, ...more]);
      const available = new Set(outer);
      for (const each of body) safetyVars(scope, each, available);
      for (const name of wanted) {
        if (available.has(name) || name === "input" || name === "data") continue;
        const open = unsafe.get(expression) ?? new Set<string>();
        open.add(name);
        unsafe.set(expression, open);
      }
      const inner = reorder(scope, body, outer);
      if (inner.unsafe.size === 0) return inner.ordered;
      for (const [each, names] of inner.unsafe) unsafe.set(each, names);
      return body;
    };
    walkExpression(expression, closureVisitor(nested, known));
  }
}

function closureVisitor(nested: (body: Body, wanted: Names, more?: Names) => Body, known: Set<string>): Visitor {
  return {
    term: (term) => {
      if (term.kind !== "comprehension") return false;
      const wanted = new Set<string>();
      if (term.key !== undefined) collectVars(term.key, wanted);
      collectVars(term.value, wanted);
      term.body = nested(term.body, wanted);
      return true;
    },
    expression: (each) => {
      if (each.kind === "every") {
        if (each.key !== undefined) collectVars(each.key, known);
        collectVars(each.value, known);
        each.body = nested(each.body, new Set());
        return true;
      }
      if (each.kind === "not") {
        each.body = nested(each.body, new Set());
        return true;
      }
      if (each.kind === "logical") {
        each.left = nested(each.left, new Set());
        each.right = nested(each.right, new Set());
        return true;
      }
      return false;
    },
  };
}

function report(scope: CompilerScope, unsafe: Unsafe): void {
  const first = new Map<string, Expression>();
  for (const [expression, names] of unsafe) {
    for (const name of names) {
      const known = first.get(name);
      if (known === undefined || expression.span.start < known.span.start) first.set(name, expression);
    }
  }
  const assigned = assignedNames(unsafe);
  const named = [...first].filter(([name]) => !isGenerated(scope.originalName(name)));
  const others = named.filter(([name]) => !assigned.has(name));
  for (const [name, expression] of others.length > 0 ? others : named) {
    const original = shown(scope.originalName(name));
    const hint = futureKeywords.has(original)
      ? ` (hint: \`import future.keywords.${original}\` to import a future keyword)`
      : "";
    scope.report("rego_unsafe_var_error", `var ${original} is unsafe${hint}`, expression.span);
  }
  if (named.length > 0) return;
  const seen = new Set<string>();
  for (const [expression, names] of [...unsafe].sort(([a], [b]) => a.span.start - b.span.start)) {
    const before = seen.size;
    for (const name of names) seen.add(name);
    if (seen.size > before) scope.report("rego_unsafe_var_error", "expression is unsafe", expression.span);
  }
}

function assignedNames(unsafe: Unsafe): Set<string> {
  const names = new Set<string>();
  for (const expression of unsafe.keys()) {
    if (expression.kind !== "call" || expression.fromAssignment !== true) continue;
    for (const assigned of expression.args.slice(0, 1)) collectVars(assigned, names);
  }
  return names;
}
