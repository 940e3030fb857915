/**
 * Takes references and comprehensions out of the arguments of calls and out of collections, into expressions before.
 * It matters for what is undefined: `not f(input.x)` does not hold where `input.x` is undefined, `not input.x == 1` does.
 */

import { operatorRef, type Body, type Expression, type Rule, type Term } from "../syntax/ast.ts";
import { branchesOf, walkBody, walkHead } from "../syntax/visit.ts";
import { operatorName } from "../syntax/expressions.ts";
import { equality, isEquality, type CompilerScope } from "./scope.ts";

/** Rewrites `==` in rules to `=`: their sides are bound by now. */
export function rewriteEquals(rule: Rule): void {
  const visitor = {
    expression: (expression: Expression) => {
      if (expression.kind === "call" && expression.args.length === 2 && operatorName(expression) === "equal") {
        expression.operator = operatorRef("eq", expression.operator.span);
      }
    },
  };
  for (const branch of branchesOf(rule)) {
    walkHead(branch, visitor);
    walkBody(branch.body, visitor);
  }
}

/** Rewrites the bodies of a rule. */
export function hoistRule(scope: CompilerScope, rule: Rule): void {
  for (const branch of branchesOf(rule)) branch.body = hoistBody(scope, branch.body);
}

/** Rewrites a body. */
export function hoistBody(scope: CompilerScope, body: Body): Body {
  const result: Body = [];
  for (const expression of body) hoistExpression(scope, expression, result);
  return result;
}

function hoistExpression(scope: CompilerScope, expression: Expression, result: Body): void {
  switch (expression.kind) {
    case "term":
      expression.term = hoistInside(scope, expression, expression.term, result);
      break;
    case "call":
      expression.args = expression.args.map((arg) =>
        isEquality(expression) ? hoistInside(scope, expression, arg, result) : hoist(scope, expression, arg, result),
      );
      break;
    case "every":
      expression.domain = hoist(scope, expression, expression.domain, result);
      expression.body = hoistBody(scope, expression.body);
      break;
    case "not":
      expression.body = hoistBody(scope, expression.body);
      break;
    case "logical":
      expression.left = hoistBody(scope, expression.left);
      expression.right = hoistBody(scope, expression.right);
      break;
    case "some":
      break;
  }
  result.push(expression);
}

/** A term that may stay where it is, but for what is in it. */
function hoistInside(scope: CompilerScope, parent: Expression, term: Term, result: Body): Term {
  if (term.kind === "ref") return { ...term, path: term.path.map((part) => hoist(scope, parent, part, result)) };
  if (term.kind === "comprehension") {
    term.body = hoistBody(scope, term.body);
    return term;
  }
  return hoist(scope, parent, term, result);
}

function hoist(scope: CompilerScope, parent: Expression, term: Term, result: Body): Term {
  switch (term.kind) {
    case "ref":
      return generate(
        scope,
        parent,
        { ...term, path: term.path.map((part) => hoist(scope, parent, part, result)) },
        result,
      );
    case "comprehension":
      term.body = hoistBody(scope, term.body);
      return generate(scope, parent, term, result);
    case "array":
    case "set":
      return { ...term, items: term.items.map((item) => hoist(scope, parent, item, result)) };
    case "object":
      return {
        ...term,
        entries: term.entries.map(([key, value]) => [
          hoist(scope, parent, key, result),
          hoist(scope, parent, value, result),
        ]),
      };
    default:
      return term;
  }
}

function generate(scope: CompilerScope, parent: Expression, term: Term, result: Body): Term {
  const local = scope.fresh(term.span);
  scope.subjects.set(local.name, term);
  const generated = equality(local, term, term.span);
  generated.with = parent.with;
  result.push(generated);
  return local;
}
