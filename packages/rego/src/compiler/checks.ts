/** Checks of whole modules: names that hide others, rules that contradict each other, functions that do not exist. */

import type { CallExpression, Expression, Module, Rule, Term } from "../syntax/ast.ts";
import { locationOf } from "../syntax/ast.ts";
import { operatorName } from "../syntax/expressions.ts";
import { printPath, printTerm } from "../syntax/print.ts";
import { referenceTerm } from "../syntax/rules.ts";
import { branchesOf, walkBody, walkRule, type Visitor } from "../syntax/visit.ts";
import { hashKey } from "../values/value.ts";
import { ruleLabel } from "./rule-names.ts";
import { importName } from "./resolve.ts";
import { isGroundHead, walkNodes, type RuleNode } from "./rule-tree.ts";
import { AnnotatedSchemas } from "./schema-types.ts";
import { dottedName, isEquality, type CompilerScope } from "./scope.ts";
import type { FunctionType, Type } from "./static-types.ts";
import { TypeChecker } from "./type-check.ts";
import { argumentDetails } from "./type-details.ts";

const roots = new Set(["input", "data"]);

/** Reports imports that define the same name twice. */
export function checkImports(scope: CompilerScope, module: Module): void {
  const seen = new Map<string, string>();
  for (const each of module.imports) {
    const name = importName(each);
    const shown = `import ${printTerm(each.path)}${each.alias === undefined ? "" : ` as ${each.alias}`}`;
    const before = seen.get(name);
    if (before === undefined) seen.set(name, shown);
    else scope.report("rego_compile_error", `import must not shadow ${before}`, each.span);
  }
}

/** Reports rules and variables called `input` or `data`. */
export function checkRootNames(scope: CompilerScope, module: Module): void {
  for (const rule of module.rules) {
    const [first] = rule.head.reference;
    if (first?.kind === "var" && roots.has(first.name)) {
      scope.report("rego_compile_error", `rules must not shadow ${first.name} (use a different rule name)`, rule.span);
    }
    walkRule(rule, { expression: (expression) => checkAssignedRoot(scope, expression) });
  }
}

function checkAssignedRoot(scope: CompilerScope, expression: Expression): void {
  if (expression.kind !== "call" || operatorName(expression) !== "assign") return;
  const [left] = expression.args;
  if (left === undefined || !roots.has(printTerm(left))) return;
  const message = `variables must not shadow ${printTerm(left)} (use a different variable name)`;
  scope.report("rego_compile_error", message, expression.span);
}

/** Reports calls of functions without a result where a value is needed. */
export function checkVoidCalls(scope: CompilerScope): Visitor {
  return {
    term: (term) => {
      if (term.kind !== "call") return;
      const declaration = scope.builtin(term.operator);
      if (declaration !== undefined && declaration.result === undefined) {
        scope.report("rego_type_error", `${printTerm(term)} used as value`, term.span);
      }
    },
  };
}

/** Reports rules that conflict with each other. */
export function checkConflicts(scope: CompilerScope): void {
  walkNodes(scope.tree.root, (node) => {
    if (node.rules.length > 0) checkNode(scope, node);
  });
  for (const module of modulesOf(scope)) {
    for (const rule of module.rules) {
      if (!isGroundHead(rule)) continue;
      const node = nodeAt(scope, rule);
      for (const other of node?.modules ?? []) {
        const message = `package ${printPath(other.package)} conflicts with rule ${printTerm(referenceTerm(rule.head))} defined at ${placeOf(rule)}`;
        scope.report("rego_type_error", message, module.packageSpan);
      }
    }
  }
}

function modulesOf(scope: CompilerScope): Set<Module> {
  const modules = new Set<Module>();
  walkNodes(scope.tree.root, (node) => {
    for (const module of node.modules) modules.add(module);
  });
  return modules;
}

function nodeAt(scope: CompilerScope, rule: Rule): RuleNode | undefined {
  let node: RuleNode | undefined = scope.tree.root;
  for (const name of rule.module.package) node = node?.children.get(name);
  for (const [index, part] of rule.head.reference.entries()) {
    const key = index === 0 && part.kind === "var" ? part.name : part.kind === "scalar" ? part.value : null;
    node = node?.children.get(hashKey(key));
  }
  return node;
}

function placeOf(rule: Rule): string {
  const { path, row } = locationOf(rule.span);
  return `${path}:${row}`;
}

/** The whole reference of a rule, as messages show it. */
export function ruleName(scope: CompilerScope, rule: Rule): string {
  return ruleLabel(rule, (name) => scope.originalName(name));
}

function checkNode(scope: CompilerScope, node: RuleNode): void {
  const { rules } = node;
  const [first] = rules;
  const last = rules.at(-1);
  if (first === undefined || last === undefined) return;
  const name = ruleName(scope, last);
  const inside = childRules(node);
  const kinds = new Set(
    rules.map((rule) => (rule.head.key !== undefined && rule.head.value === undefined ? "set" : "value")),
  );
  const arities = new Set(rules.map((rule) => rule.head.args.length));
  const isComplete = (rule: Rule): boolean => rule.head.value !== undefined && isGroundHead(rule);
  const sets = rules.filter((rule) => rule.head.key !== undefined && rule.head.value === undefined);
  const complete = rules.filter(isComplete).length;
  const defaults = rules.filter((rule) => rule.default);
  const [firstDefault] = defaults;
  let conflicts = rules.some(isGroundHead) ? inside : [];
  if (conflicts.length === 0 && rules.some((rule) => !isGroundHead(rule))) {
    conflicts = inside.filter((rule) => rule.head.args.length > 0);
  }
  if (conflicts.length > 0) {
    scope.report("rego_type_error", `rule ${name} conflicts with${conflictList(scope, conflicts)}`, first.span);
  } else if (
    kinds.size > 1 ||
    arities.size > 1 ||
    (complete > 0 && complete < rules.length) ||
    (sets.some(isGroundHead) && sets.some((rule) => !isGroundHead(rule)))
  ) {
    scope.report("rego_type_error", `conflicting rules ${name} found`, first.span);
  } else if (firstDefault !== undefined && defaults.length > 1) {
    const places = defaults.map(placeOf).join(", ");
    const message = `multiple default rules ${name} found at ${places}`;
    scope.report("rego_type_error", message, firstDefault.module.packageSpan);
  }
}

function childRules(node: RuleNode): Rule[] {
  const rules: Rule[] = [];
  for (const child of node.children.values()) walkNodes(child, (each) => rules.push(...each.rules));
  return rules;
}

function conflictList(scope: CompilerScope, conflicts: readonly Rule[]): string {
  const names = [...new Set(conflicts.map((rule) => ` ${ruleName(scope, rule)} at ${placeOf(rule)}`))].sort();
  return ` [${names.map((name) => name.trim()).join(" ")}]`;
}

/** Reports calls of functions that do not exist or take another number of arguments. */
export function checkCalls(scope: CompilerScope): Visitor {
  return {
    expression: (expression) => {
      if (expression.kind === "call") checkCall(scope, expression);
    },
  };
}

/** The type of a term before any variable has one. */
function typeOfConstant(scope: CompilerScope, term: Term): Type | undefined {
  const settings = {
    schemas: undefined,
    annotated: new AnnotatedSchemas([]),
    affectedBy: () => [],
    replaced: () => new Set<Rule>(),
  };
  return new TypeChecker(scope, settings).typeOf(term);
}

function checkCall(scope: CompilerScope, expression: CallExpression): void {
  const { operator } = expression;
  const declaration = scope.builtin(operator);
  if (declaration?.variadic !== undefined) return;
  const arity = scope.arity(operator);
  const name = printTerm(operator);
  if (arity === undefined) {
    scope.report("rego_type_error", `undefined function ${name}`, expression.span);
    return;
  }
  const given = expression.args.length;
  const generated = expression.generated === true && !isEquality(expression);
  if (generated ? given === arity + 1 : given === arity || given === arity + 1) return;
  if (declaration !== undefined) {
    const have = expression.args.map((arg) => typeOfConstant(scope, arg));
    const wanted: FunctionType = { kind: "function", ...declaration, result: undefined };
    scope.report("rego_type_error", `${name}: arity mismatch`, expression.span, argumentDetails(have, wanted));
    return;
  }
  const count = generated ? given - 1 : given;
  const message = `function ${name} has arity ${arity}, got ${count} argument${count === 1 ? "" : "s"}`;
  scope.report("rego_type_error", message, expression.span);
}

/** Reports `with` targets that cannot be replaced. */
export function checkModifiers(scope: CompilerScope): Visitor {
  return {
    expression: (expression) => {
      for (const each of expression.with) {
        each.onFunction = checkTarget(scope, each.target);
        if (each.onFunction) each.byFunction = namesFunction(scope, each.value);
      }
    },
  };
}

/** Whether a value is a function instead of its result. */
function namesFunction(scope: CompilerScope, value: Term): boolean {
  if (value.kind === "var") return scope.builtins.has(value.name);
  if (value.kind !== "ref") return false;
  if (scope.builtins.has(dottedName(value.head, value.path) ?? "")) return true;
  return scope.tree.exact(value).some((rule) => rule.head.args.length > 0);
}

/** Checks the target of a `with`; true when it is a function. */
function checkTarget(scope: CompilerScope, target: Term): boolean {
  const head = target.kind === "ref" && target.head.kind === "var" ? target.head.name : undefined;
  if (head === "input") return false;
  const report = (message: string): void => scope.report("rego_compile_error", message, target.span);
  if (head === "data" && target.kind === "ref") {
    for (let length = 0; length < target.path.length; length++) {
      const prefix = { ...target, path: target.path.slice(0, length) };
      if (scope.tree.exact(prefix).length > 0) report("with keyword cannot partially replace virtual document(s)");
    }
    return scope.tree.exact(target).some((rule) => rule.head.args.length > 0);
  }
  const name =
    target.kind === "var" ? target.name : target.kind === "ref" ? dottedName(target.head, target.path) : undefined;
  const declaration = scope.builtins.get(name ?? "");
  if (declaration === undefined) {
    scope.report(
      "rego_type_error",
      "with keyword target must reference existing input, data, or a function",
      target.span,
    );
    return true;
  }
  const prefix = "with keyword replacing built-in function:";
  if (["eq", "rego.metadata.chain", "rego.metadata.rule"].includes(declaration.name)) {
    report(`${prefix} replacement of "${declaration.name}" invalid`);
  } else if (declaration.name.startsWith("internal.")) {
    report(`${prefix} replacement of internal function "${declaration.name}" invalid`);
  } else if (declaration.relation) {
    report(`${prefix} target must not be a relation`);
  } else if (declaration.result === undefined) {
    report(`${prefix} target must not be a void function`);
  }
  return true;
}

/** Reports calls of functions that v1 no longer has. */
export function checkDeprecated(scope: CompilerScope, module: Module): void {
  const check = (operator: Term, span: Expression["span"]): void => {
    const declaration = scope.builtin(operator);
    if (declaration?.deprecated === true) {
      const message = `deprecated built-in function calls in expression: ${declaration.name}`;
      scope.report("rego_type_error", message, span);
    }
  };
  for (const rule of module.rules) {
    for (const branch of branchesOf(rule)) {
      walkBody(branch.body, {
        expression: (expression) => {
          if (expression.kind === "call") check(expression.operator, expression.span);
        },
      });
    }
  }
}

/** Reports rules at paths where the given `data` has documents. */
export function checkDataConflicts(scope: CompilerScope, exists: (path: readonly string[]) => boolean): void {
  walkNodes(scope.tree.root, (node, path) => {
    const [rule] = node.rules;
    if (rule === undefined || !path.every((part) => typeof part === "string")) return;
    if (!exists(path)) return;
    scope.report("rego_compile_error", `conflicting rule for data path ${path.join("/")} found`, rule.span);
  });
}
