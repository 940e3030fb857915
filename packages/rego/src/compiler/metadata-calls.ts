/** Replaces calls of `rego.metadata.chain` and `rego.metadata.rule` by what the annotations say. */

import type { Annotation, Body, Expression, Module, Rule, Term } from "../syntax/ast.ts";
import { branchesOf } from "../syntax/visit.ts";
import { RegoNumber } from "../values/number.ts";
import { groundPath } from "./rule-tree.ts";
import { dottedName, equality, type CompilerScope } from "./scope.ts";

/** Rewrites a rule's calls for metadata. */
export function rewriteMetadataCalls(scope: CompilerScope, modules: readonly Module[], rule: Rule): void {
  for (const branch of branchesOf(rule)) {
    branch.body = rewriteBody(scope, branch.body, (name, span) =>
      name === "rego.metadata.chain" ? chainTerm(modules, rule, span) : ruleTerm(rule, span),
    );
  }
}

type Replace = (name: string, span: Expression["span"]) => Term;

function rewriteBody(scope: CompilerScope, body: Body, replace: Replace): Body {
  return body.map((expression) => rewriteExpression(scope, expression, replace));
}

function rewriteExpression(scope: CompilerScope, expression: Expression, replace: Replace): Expression {
  rewriteNested(scope, expression, replace);
  if (expression.kind !== "call") return expression;
  const name = dottedName(expression.operator.head, expression.operator.path) ?? "";
  if (name !== "rego.metadata.chain" && name !== "rego.metadata.rule") return expression;
  const [output] = expression.args;
  if (output === undefined) return { ...expression, ...truth(expression) };
  return { ...equality(output, replace(name, expression.span), expression.span), with: expression.with };
}

function truth(expression: Expression): Expression {
  return {
    kind: "term",
    term: { kind: "scalar", value: true, span: expression.span },
    negated: false,
    with: [],
    span: expression.span,
  };
}

function rewriteNested(scope: CompilerScope, expression: Expression, replace: Replace): void {
  const visit = (term: Term): void => {
    switch (term.kind) {
      case "comprehension":
        term.body = rewriteBody(scope, term.body, replace);
        break;
      case "array":
      case "set":
        term.items.forEach(visit);
        break;
      case "object":
        for (const [key, value] of term.entries) {
          visit(key);
          visit(value);
        }
        break;
      case "ref":
        term.path.forEach(visit);
        break;
      default:
        break;
    }
  };
  if (expression.kind === "term") visit(expression.term);
  if (expression.kind === "call") expression.args.forEach(visit);
  if (expression.kind === "every" || expression.kind === "not")
    expression.body = rewriteBody(scope, expression.body, replace);
  if (expression.kind === "logical") {
    expression.left = rewriteBody(scope, expression.left, replace);
    expression.right = rewriteBody(scope, expression.right, replace);
  }
}

/** An annotation as data: its scope and its fields. */
export function annotationValue({ scope, fields }: Annotation): Record<string, unknown> {
  const { schemas: _, ...rest } = fields;
  void _;
  return { scope, ...rest };
}

function ruleTerm(rule: Rule, span: Expression["span"]): Term {
  const annotation = rule.annotations.find((each) => each.scope === "rule") ?? rule.annotations[0];
  return termOf(annotation === undefined ? {} : annotationValue(annotation), span);
}

/** From the rule outwards: rule, document, package, packages around it. */
function chainTerm(modules: readonly Module[], rule: Rule, span: Expression["span"]): Term {
  const path = groundPath(rule).map(String);
  const links: unknown[] = [];
  const add = (annotation: Annotation, at: readonly string[]): void => {
    links.push({ annotations: annotationValue(annotation), path: at });
  };
  for (const scope of ["rule", "document"]) {
    for (const each of rule.annotations) if (each.scope === scope) add(each, path);
  }
  if (links.length === 0) links.push({ path });
  const own = rule.module.package;
  for (const module of modules) {
    if (module.package.join("\0") !== rule.module.package.join("\0")) continue;
    for (const each of module.annotations) if (each.scope === "package") add(each, own);
  }
  for (let length = rule.module.package.length; length > 0; length--) {
    const around = rule.module.package.slice(0, length);
    for (const module of modules) {
      if (module.package.join("\0") !== around.join("\0")) continue;
      for (const each of module.annotations) if (each.scope === "subpackages") add(each, around);
    }
  }
  return termOf(links, span);
}

function termOf(value: unknown, span: Expression["span"]): Term {
  if (Array.isArray(value)) return { kind: "array", items: value.map((item) => termOf(item, span)), span };
  if (typeof value === "object" && value !== null && !(value instanceof RegoNumber)) {
    return {
      kind: "object",
      entries: Object.entries(value).map(([key, each]) => [{ kind: "scalar", value: key, span }, termOf(each, span)]),
      span,
    };
  }
  const isScalar =
    value === null ||
    typeof value === "string" ||
    typeof value === "number" ||
    typeof value === "boolean" ||
    value instanceof RegoNumber;
  return { kind: "scalar", value: isScalar ? value : String(value), span };
}
