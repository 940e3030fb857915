/** Compiles modules: parses them, checks them stage by stage as OPA does, and orders their bodies. */

import type { Body, Import, Module, Rule } from "../syntax/ast.ts";
import { RegoError, type RegoIssue } from "../syntax/errors.ts";
import { parseModule } from "../syntax/modules.ts";
import { printTerm } from "../syntax/print.ts";
import { branchesOf, walkBody, walkRule } from "../syntax/visit.ts";
import type { RegoVersion } from "../syntax/token-stream.ts";
import { checkCalls, checkConflicts, checkDataConflicts, checkDeprecated, checkImports, checkModifiers, checkRootNames, checkVoidCalls } from "./checks.ts"; // prettier-ignore
import type { Declaration } from "./declarations.ts";
import { hoistBody, hoistRule, rewriteEquals } from "./dynamics.ts";
import { expandBody, expandRule, flattenHeadReference, moveComprehensionHeads, moveHeadsIntoBodies, moveModifierValues, rewritePrint, rewriteRuleTemplates, rewriteTemplates } from "./expand.ts"; // prettier-ignore
import { renameQuery, renameRule } from "./locals.ts";
import { rewriteMetadataCalls } from "./metadata-calls.ts";
import { affectedRules, dependenciesOf, inDependencyOrder, replacedRules, type Dependencies } from "./dependencies.ts";
import { findRecursions } from "./recursion.ts";
import { exportsOf, globalsOf, resolveBody, resolveModule } from "./resolve.ts";
import { RuleTree } from "./rule-tree.ts";
import { checkHead, orderBody, orderRule } from "./safety.ts";
import { numberTests, tellCases } from "./test-rules.ts";
import { collectExpressionVars, CompilerScope, equality, isGenerated, isWildcard } from "./scope.ts";
import { AnnotatedSchemas, type Schemas } from "./schema-types.ts";
import { TypeChecker } from "./type-check.ts";

/** A module as text. */
export interface ModuleSource {
  readonly path: string;
  readonly text: string;
}

/** Stages of compiling and evaluating, by the names of `opa`'s timers. */
export type Stage = "module_parse" | "module_compile" | "query_parse" | "query_compile" | "query_eval";

/** How modules are compiled. */
export interface CompileSettings {
  readonly version: RegoVersion;
  readonly strict: boolean;
  readonly builtins: ReadonlyMap<string, Declaration>;
  /** Whether `print` is kept. */
  readonly print: boolean;
  /** Whether to prepare tests for being run: each gets a unique name and reports its cases. */
  readonly tests?: boolean;
  /** Called when a stage begins, for measurements. */
  readonly onStage?: ((stage: Stage) => void) | undefined;
  /** Schemas of documents, by the references that annotations use. */
  readonly schemas?: Schemas | undefined;
  /** Whether the given `data` has a document at a path; a rule at the same path is an error. */
  readonly dataExists?: ((path: readonly string[]) => boolean) | undefined;
}

/** Compiled modules, ready for evaluation. */
export interface CompiledModules {
  readonly modules: readonly Module[];
  readonly tree: RuleTree;
  readonly dependencies: Dependencies;
  readonly types: TypeChecker;
  readonly scope: CompilerScope;
}

/** Parses all modules; throws one RegoError with the errors of all of them. */
export function parseModules(sources: readonly ModuleSource[], settings: CompileSettings): Module[] {
  const names = new Set(settings.builtins.keys());
  const modules: Module[] = [];
  const issues: RegoIssue[] = [];
  for (const { path, text } of sources) {
    try {
      modules.push(parseModule(path, text, { version: settings.version, builtins: names }));
    } catch (error) {
      if (!(error instanceof RegoError)) throw error;
      issues.push(...error.errors);
    }
  }
  if (issues.length > 0) throw new RegoError(issues);
  return modules;
}

/** Compiles modules; throws a RegoError with all errors of the first stage after which compilation cannot continue, and of those before. */
export function compile(sources: readonly ModuleSource[], settings: CompileSettings): CompiledModules {
  settings.onStage?.("module_parse");
  const modules = parseModules(sources, settings);
  settings.onStage?.("module_compile");
  if (settings.tests === true) numberTests(modules);
  const scope = new CompilerScope(settings.builtins, new RuleTree(modules), settings.strict);
  resolveNames(scope, modules, settings.strict);
  checkNames(scope, modules, settings.strict);
  scope.tree = new RuleTree(modules);
  const rules = modules.flatMap((module) => module.rules);
  stage(scope, rules, (rule) => renameRule(scope, rule));
  const those = (sign: string): Rule[] => rulesThatMention(modules, sign);
  stage(scope, those("$"), (rule) => rewriteRuleTemplates(scope, rule));
  stage(scope, rules, (rule) => walkRule(rule, checkVoidCalls(scope)));
  for (const rule of those("print"))
    for (const branch of branchesOf(rule)) branch.body = rewritePrint(scope, branch.body, settings.print);
  for (const rule of rules) expandRule(scope, rule);
  stage(scope, those("metadata"), (rule) => rewriteMetadataCalls(scope, modules, rule));
  const graph = dependenciesOf(scope);
  const recursions = findRecursions(scope, graph);
  for (const rule of rules) moveHeadsIntoBodies(scope, rule);
  const modified = those("with");
  stage(scope, modified, (rule) => walkRule(rule, checkModifiers(scope)));
  for (const rule of modified)
    for (const branch of branchesOf(rule)) branch.body = moveModifierValues(scope, branch.body);
  checkConflicts(scope);
  if (settings.dataExists !== undefined) checkDataConflicts(scope, settings.dataExists);
  scope.endStage();
  stage(scope, rules, (rule) => walkRule(rule, checkCalls(scope)));
  stage(scope, rules, (rule) => branchesOf(rule).forEach((branch) => checkHead(scope, branch)));
  stage(scope, rules, (rule) => orderRule(scope, rule));
  if (settings.tests === true) for (const rule of rules) tellCases(rule);
  for (const rule of rules) {
    rewriteEquals(rule);
    hoistRule(scope, rule);
  }
  for (const { rule, message } of recursions) scope.report("rego_recursion_error", message, rule.span);
  scope.endStage();
  const dependencies = graph.all;
  const types = new TypeChecker(scope, {
    schemas: settings.schemas,
    annotated: new AnnotatedSchemas(modules),
    affectedBy: affectedRules(scope, dependencies),
    replaced: () => replacedRules(scope, modified),
  });
  scope.endStage();
  for (const rule of inDependencyOrder(dependencies)) types.checkRule(rule);
  scope.endBearableStage();
  for (const module of modules) if (settings.strict || module.version === "v1") checkDeprecated(scope, module);
  scope.endAll();
  return { modules, tree: scope.tree, dependencies, types, scope };
}

/** The rules of modules in whose text something stands: what needs it need not be looked for elsewhere. */
function rulesThatMention(modules: readonly Module[], sign: string): Rule[] {
  return modules.flatMap(({ source, rules }) => (source.text.includes(sign) ? rules : []));
}

function stage(scope: CompilerScope, rules: readonly Rule[], run: (rule: Rule) => void): void {
  for (const rule of rules) run(rule);
  scope.endStage();
}

function resolveNames(scope: CompilerScope, modules: readonly Module[], strict: boolean): void {
  const exports = exportsOf(modules);
  const unused = modules.flatMap((module) => resolveModule(scope, module, exports));
  scope.endStage();
  if (strict)
    for (const each of unused) scope.reportLater("rego_compile_error", `${importText(each)} unused`, each.span);
  for (const module of modules) for (const rule of module.rules) flattenHeadReference(scope, rule);
}

function importText({ path, alias }: Import): string {
  return `import ${printTerm(path)}${alias === undefined ? "" : ` as ${alias}`}`;
}

function checkNames(scope: CompilerScope, modules: readonly Module[], strict: boolean): void {
  for (const module of modules) {
    if (!strict && module.version !== "v1") continue;
    checkRootNames(scope, module);
    checkImports(scope, module);
  }
  scope.endBearableStage();
}

/** A compiled query: its body, and the names in its results. */
export interface CompiledQuery {
  /** As it was written, on one line. */
  readonly text: string;
  readonly body: Body;
  /** The names as written, by the names in the compiled body. */
  readonly bindings: ReadonlyMap<string, string>;
  /** For each expression of the query the variable that has its value; undefined for an expression that can only be true. */
  readonly captures: readonly (string | undefined)[];
}

/** The package and imports in which a query's names are resolved. */
export interface QueryView {
  /** A package like `data.a.b`, as names without `data`. */
  readonly package?: readonly string[] | undefined;
  readonly imports?: readonly Import[] | undefined;
}

/** Compiles a query against modules. */
export function compileQuery(
  compiled: CompiledModules,
  parsed: Body,
  settings: CompileSettings,
  view: QueryView = {},
): CompiledQuery {
  const scope = new CompilerScope(settings.builtins, compiled.tree, false, compiled.scope.localCount);
  const exported = view.package === undefined ? [] : (exportsOf(compiled.modules).get(view.package.join("\0")) ?? []);
  resolveBody(globalsOf(view.package ?? [], exported, view.imports ?? []), parsed);
  const written = [...parsed];
  const captures = new Map<unknown, string>();
  const captured = capture(scope, parsed, captures);
  let body = renameQuery(scope, captured);
  scope.endAll();
  rewriteTemplates(scope, body, new Set());
  walkBody(body, checkVoidCalls(scope));
  scope.endStage();
  body = rewritePrint(scope, body, settings.print);
  const bindings = bindingsOf(scope, body);
  body = expandBody(scope, body);
  moveComprehensionHeads(scope, body);
  walkBody(body, checkModifiers(scope));
  scope.endStage();
  body = moveModifierValues(scope, body);
  walkBody(body, checkCalls(scope));
  scope.endStage();
  body = orderBody(scope, body, new Set());
  scope.endStage();
  body = hoistBody(scope, body);
  compiled.types.checkQuery(scope, body);
  scope.endStage();
  const { source } = parsed[0]?.span ?? {};
  return {
    text: (source?.text ?? "").trim().replaceAll(/\s+/g, " "),
    body,
    bindings,
    captures: written
      .filter((each) => each.kind !== "some" || each.symbols[0]?.kind === "call")
      .map((each) => captures.get(each)),
  };
}

/** Gives every expression that has a value a variable for it. */
function capture(scope: CompilerScope, body: Body, captures: Map<unknown, string>): Body {
  const asks = body.length > 1 || iterates(body);
  const result: Body = [];
  const conditions: Body = [];
  for (const expression of body) {
    const local = scope.fresh(expression.span);
    let name: string | undefined;
    if (!expression.negated && expression.kind === "term") {
      name = local.name;
      captures.set(expression, name);
      result.push({ ...equality(expression.term, local, expression.span), with: expression.with, generated: false });
    } else if (!expression.negated && expression.kind === "call" && capturesCall(scope, expression)) {
      name = local.name;
      expression.args.push(local);
      captures.set(expression, name);
      result.push(expression);
    } else {
      result.push(expression);
    }
    if (name !== undefined && asks) {
      conditions.push({ kind: "term", term: local, negated: false, with: [], span: expression.span, generated: true });
    }
  }
  return [...result, ...conditions];
}

function capturesCall(scope: CompilerScope, expression: Body[number] & { kind: "call" }): boolean {
  const name = printTerm(expression.operator);
  if (name === "eq" || name === "assign") return false;
  const declaration = scope.builtin(expression.operator);
  if (declaration !== undefined && (declaration.result === undefined || declaration.variadic !== undefined))
    return false;
  return scope.arity(expression.operator) === expression.args.length;
}

/** Whether a query may hold in several ways. */
function iterates(body: Body): boolean {
  let found = false;
  walkBody(body, {
    term: (term) => {
      if (term.kind === "comprehension") return true;
      if (term.kind === "ref" && term.path.some((part) => part.kind === "var")) found = true;
      return false;
    },
    expression: (expression) => {
      if (expression.kind === "some") found = true;
    },
  });
  return found;
}

/** Variables of a query outside of closures, with their written names. */
function bindingsOf(scope: CompilerScope, body: Body): Map<string, string> {
  const names = new Set<string>();
  for (const expression of body) {
    if (!expression.negated) collectExpressionVars(expression, names, { skipCallHead: true, skipClosures: true });
  }
  const bindings = new Map<string, string>();
  for (const name of names) {
    const original = scope.originalName(name);
    if (name !== "input" && name !== "data" && !isGenerated(original) && !isWildcard(original))
      bindings.set(name, original);
  }
  return bindings;
}
