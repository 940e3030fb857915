/** Takes nested calls, templates, `print` and values that need evaluation out of terms, into expressions of their own. */

import { operatorRef, type Body, type CallTerm, type ComprehensionTerm, type Expression, type Rule, type Span, type Term } from "../syntax/ast.ts"; // prettier-ignore
import { printTerm } from "../syntax/print.ts";
import { branchesOf, isExpression, visitTerms, walkBody, walkHead, type Visitor } from "../syntax/visit.ts";
import { bodyOutputs, safetyOptions } from "./outputs.ts";
import { isGroundHead } from "./rule-tree.ts";
import { collectVars, equality, type CompilerScope } from "./scope.ts";

/** Adds expressions to a body; a body that is only `true` gives way. */
function append(body: Body, more: readonly Expression[]): Body {
  if (more.length === 0) return body;
  const [first] = body;
  const empty =
    body.length === 1 && first?.kind === "term" && first.term.kind === "scalar" && first.term.value === true;
  return empty && first.generated === true ? [...more] : [...body, ...more];
}

/** Non-scalar terms in a head's reference become variables that the body binds. */
export function flattenHeadReference(scope: CompilerScope, rule: Rule): void {
  for (const branch of branchesOf(rule)) {
    branch.head.reference = branch.head.reference.map((part, index) => {
      if (index === 0 || part.kind === "scalar" || part.kind === "var") return part;
      const local = scope.fresh(part.span);
      branch.body = append(branch.body, [equality(local, part, part.span)]);
      return local;
    });
  }
}

/** Rewrites templates to calls that take each part as a set of at most one value. */
export function rewriteTemplates(scope: CompilerScope, body: Body, safe: ReadonlySet<string>): void {
  const known = new Set([...safe, ...bodyOutputs(scope, body, safe)]);
  walkBody(body, templateVisitor(scope, known));
}

/** Rewrites the templates of a rule. */
export function rewriteRuleTemplates(scope: CompilerScope, rule: Rule): void {
  for (const branch of branchesOf(rule)) {
    const safe = new Set<string>();
    for (const arg of branch.head.args) collectVars(arg, safe);
    const known = new Set([...safe, ...bodyOutputs(scope, branch.body, safe)]);
    const visitor = templateVisitor(scope, known);
    walkBody(branch.body, visitor);
    walkHead(branch, visitor);
  }
}

function templateVisitor(scope: CompilerScope, known: Set<string>): Visitor {
  return {
    term: (term) => {
      if (term.kind === "comprehension") {
        const inner = new Set([...known, ...bodyOutputs(scope, term.body, known)]);
        const visitor = templateVisitor(scope, inner);
        walkBody(term.body, visitor);
        for (const part of [term.key, term.value])
          if (part !== undefined) visitTerms(part, (each) => visitor.term?.(each) ?? false);
        return true;
      }
      if (term.kind === "template") {
        Object.assign(term, templateCall(scope, term, known));
        delete (term as { parts?: unknown }).parts; // as: it has become a call, which has no parts
      }
      return false;
    },
    expression: (each) => {
      if (each.kind !== "every") return false;
      const inner = new Set(known);
      if (each.key !== undefined) collectVars(each.key, inner);
      collectVars(each.value, inner);
      visitTerms(each.domain, (term) => templateVisitor(scope, known).term?.(term) ?? false);
      const within = new Set([...inner, ...bodyOutputs(scope, each.body, inner)]);
      walkBody(each.body, templateVisitor(scope, within));
      return true;
    },
  };
}

function templateCall(
  scope: CompilerScope,
  template: Term & { kind: "template" },
  known: ReadonlySet<string>,
): CallTerm {
  const items: Term[] = template.parts.map((part): Term => {
    if (!isExpression(part)) return part;
    const { span } = part;
    const term: Term | undefined =
      part.kind === "call"
        ? { kind: "call", operator: part.operator, args: part.args, span }
        : part.kind === "term"
          ? part.term
          : undefined;
    if (term === undefined) {
      scope.report("rego_compile_error", "unexpected template-string expression type", span);
      return { kind: "set", items: [], span };
    }
    if (term.kind === "var") return { kind: "set", items: [term], span };
    const names = new Set<string>();
    collectVars(term, names, safetyOptions);
    for (const name of [...names].sort()) {
      if (known.has(name) || name === "input" || name === "data") continue;
      scope.report(
        "rego_compile_error",
        `var ${scope.originalName(name).replace(/^\$.*/, "_")} is undeclared`,
        term.span,
      );
    }
    return captured(scope, term, part.with);
  });
  if (items.length === 0) items.push({ kind: "scalar", value: "", span: template.span });
  return {
    kind: "call",
    operator: operatorRef("internal.template_string", template.span),
    args: [{ kind: "array", items, span: template.span }],
    span: template.span,
  };
}

/** `{x | x = term}`: the value of a term, or nothing when it is undefined. */
function captured(scope: CompilerScope, term: Term, modifiers: Expression["with"] = []): ComprehensionTerm {
  const local = scope.fresh(term.span);
  const capture = equality(local, term, term.span);
  capture.with = modifiers;
  return { kind: "comprehension", shape: "set", value: local, body: [capture], span: term.span };
}

/** Rewrites `print` calls so that undefined operands do not fail, or removes them when `print` is not enabled. */
export function rewritePrint(scope: CompilerScope, body: Body, enabled: boolean): Body {
  const rewritten: Body = [];
  for (const expression of body) {
    rewriteNestedPrint(scope, expression, enabled);
    if (expression.kind !== "call" || printTerm(expression.operator) !== "print") {
      rewritten.push(expression);
    } else if (enabled) {
      const { span } = expression;
      const items = expression.args.map((arg) => captured(scope, arg));
      rewritten.push({
        ...expression,
        operator: operatorRef("internal.print", span),
        args: [{ kind: "array", items, span }],
      });
    }
  }
  const [first] = body;
  return rewritten.length > 0 || first === undefined ? rewritten : [trueAt(first.span)];
}

function rewriteNestedPrint(scope: CompilerScope, expression: Expression, enabled: boolean): void {
  walkBody([expression], {
    term: (term) => {
      if (term.kind !== "comprehension") return false;
      term.body = rewritePrint(scope, term.body, enabled);
      return true;
    },
    expression: (each) => {
      if (each.kind === "every" || each.kind === "not") each.body = rewritePrint(scope, each.body, enabled);
      if (each.kind === "logical") {
        each.left = rewritePrint(scope, each.left, enabled);
        each.right = rewritePrint(scope, each.right, enabled);
      }
      return each.kind === "every" || each.kind === "not" || each.kind === "logical";
    },
  });
}

function trueAt(span: Span): Expression {
  return { kind: "term", term: { kind: "scalar", value: true, span }, negated: false, with: [], span, generated: true };
}

/** Takes calls out of the terms of a rule. */
export function expandRule(scope: CompilerScope, rule: Rule): void {
  for (const branch of branchesOf(rule)) {
    const { head } = branch;
    let { body } = branch;
    const expand = (term: Term): Term => {
      const support: Body = [];
      const output = expandTerm(scope, term, support);
      body = append(body, support);
      return output;
    };
    head.args = head.args.map(expand);
    if (head.key !== undefined) head.key = expand(head.key);
    if (head.value !== undefined) head.value = expand(head.value);
    branch.body = expandBody(scope, body);
  }
}

/** Takes calls out of the terms of a body. */
export function expandBody(scope: CompilerScope, body: Body): Body {
  return body.flatMap((expression) => expandExpression(scope, expression));
}

function expandExpression(scope: CompilerScope, expression: Expression): Body {
  const before: Body = [];
  for (const each of expression.with) each.value = expandTerm(scope, each.value, before);
  const support: Body = [];
  switch (expression.kind) {
    case "term":
      expression.term = expandTerm(scope, expression.term, support);
      break;
    case "call":
      expression.args = expression.args.map((arg) => expandTerm(scope, arg, support));
      break;
    case "every": {
      const local = scope.fresh(expression.domain.span);
      const domain = equality(local, expression.domain, expression.domain.span);
      domain.with = expression.with;
      before.push(...expandExpression(scope, domain));
      expression.domain = local;
      expression.body = expandBody(scope, expression.body);
      return [...before, expression];
    }
    case "not":
      expression.body = expandBody(scope, expression.body);
      break;
    case "logical":
      expression.left = expandBody(scope, expression.left);
      expression.right = expandBody(scope, expression.right);
      break;
    case "some":
      break;
  }
  if (expression.with.length > 0) for (const each of support) each.with = expression.with;
  return [...before, ...support, expression];
}

function expandTerm(scope: CompilerScope, term: Term, support: Body): Term {
  switch (term.kind) {
    case "call": {
      const args = term.args.map((arg) => expandTerm(scope, arg, support));
      const output = scope.fresh(term.span);
      scope.subjects.set(output.name, term);
      support.push({
        kind: "call",
        operator: term.operator,
        args: [...args, output],
        negated: false,
        with: [],
        span: term.span,
        generated: true,
      });
      return output;
    }
    case "ref":
      return expandRef(scope, term, support);
    case "array":
    case "set":
      return { ...term, items: term.items.map((item) => expandTerm(scope, item, support)) };
    case "object":
      return {
        ...term,
        entries: term.entries.map(([key, value]) => [
          expandTerm(scope, key, support),
          expandTerm(scope, value, support),
        ]),
      };
    case "comprehension": {
      const inner: Body = [];
      if (term.key !== undefined) term.key = expandTerm(scope, term.key, inner);
      term.value = expandTerm(scope, term.value, inner);
      term.body = expandBody(scope, append(term.body, inner));
      return term;
    }
    default:
      return term;
  }
}

function expandRef(scope: CompilerScope, term: Term & { kind: "ref" }, support: Body): Term {
  const subject = term.head;
  let head = expandTerm(scope, subject, support);
  const path = term.path.map((part) => expandTerm(scope, part, support));
  if (head.kind !== "var" && head.kind !== "scalar") {
    const local = scope.fresh(head.span);
    support.push(equality(local, head, head.span));
    scope.subjects.set(local.name, subject);
    head = local;
  }
  return { ...term, head, path };
}

/** Whether a term has to be evaluated before it can be written down. */
export function needsEvaluation(term: Term): boolean {
  let found = false;
  visitTerms(term, (each) => {
    if (each.kind === "ref" || each.kind === "comprehension" || each.kind === "call") found = true;
    return found;
  });
  return found;
}

/** Moves what needs evaluation from comprehensions' and rules' heads into their bodies. */
export function moveHeadsIntoBodies(scope: CompilerScope, rule: Rule): void {
  for (const branch of branchesOf(rule)) {
    const visitor = comprehensionVisitor(scope);
    walkHead(branch, visitor);
    walkBody(branch.body, visitor);
    const { head } = branch;
    const move = (part: Term): Term => {
      if (!needsEvaluation(part)) return part;
      const local = scope.fresh(part.span);
      scope.subjects.set(local.name, part);
      branch.body = append(branch.body, [equality(local, part, part.span)]);
      return local;
    };
    if (head.key !== undefined) head.key = move(head.key);
    if (head.value !== undefined && isFromBody(branch)) head.value = move(head.value);
    head.args = head.args.map((arg) => (needsEvaluation(arg) ? move(arg) : arg));
  }
}

function isFromBody(rule: Rule): boolean {
  return !rule.default || isGroundHead(rule);
}

/** Moves heads of comprehensions of a query. */
export function moveComprehensionHeads(scope: CompilerScope, body: Body): void {
  walkBody(body, comprehensionVisitor(scope));
}

function comprehensionVisitor(scope: CompilerScope): Visitor {
  return {
    term: (term) => {
      if (term.kind !== "comprehension") return false;
      for (const part of ["key", "value"] as const) {
        const each = term[part];
        if (each === undefined || !needsEvaluation(each)) continue;
        const local = scope.fresh(each.span);
        term[part] = local;
        term.body = append(term.body, [equality(local, each, each.span)]);
      }
      return false;
    },
  };
}

/** Takes values of `with` that need evaluation into expressions before. */
export function moveModifierValues(scope: CompilerScope, body: Body): Body {
  return body.flatMap((expression) => {
    const before: Body = [];
    for (const each of expression.with) {
      if (each.byFunction === true || !needsEvaluation(each.value)) continue;
      const local = scope.fresh(each.value.span);
      before.push(equality(local, each.value, each.value.span));
      each.value = local;
    }
    moveNestedValues(scope, expression);
    return [...before, expression];
  });
}

function moveNestedValues(scope: CompilerScope, expression: Expression): void {
  walkBody([expression], {
    term: (term) => {
      if (term.kind !== "comprehension") return false;
      term.body = moveModifierValues(scope, term.body);
      return true;
    },
    expression: (each) => {
      if (each.kind === "every" || each.kind === "not") each.body = moveModifierValues(scope, each.body);
      if (each.kind === "logical") {
        each.left = moveModifierValues(scope, each.left);
        each.right = moveModifierValues(scope, each.right);
      }
      return each.kind === "every" || each.kind === "not" || each.kind === "logical";
    },
  });
}
