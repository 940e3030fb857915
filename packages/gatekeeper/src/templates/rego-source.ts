import { asList, asText, member } from "@plimsoll/kubernetes";
import { builtin, compileModules, Coverage, RegoError, type Policies as RegoPolicies } from "@plimsoll/rego";
import type { WorkBudget } from "@plimsoll/model";
import { externalData, type DataProvider } from "../external-data.ts";
import type { InventoryData } from "../inventory.ts";
import { PolicyError } from "../policy-error.ts";

/** The engine's name in templates. */
export const regoEngine = "Rego";

/** The input of a template in Rego. */
export interface RegoReview {
  /** The admission request, with `namespaceObject`. */
  readonly review: unknown;
  readonly parameters: unknown;
  readonly inventory: InventoryData;
  /** Limits the work of all templates together. */
  readonly budget?: WorkBudget | undefined;
  /** Whether the evaluation has a time limit of some seconds. Absent: true. */
  readonly isTimed?: boolean;
  /** The current time in nanoseconds since 1970. Absent: asking for it is an error. */
  readonly now?: bigint | undefined;
  /** How many violations are returned. Absent: all. */
  readonly maxViolations?: number | undefined;
}

/** The result of a template in Rego. */
export interface RegoVerdict {
  readonly violations: readonly RegoViolation[];
  /** The number of further violations. */
  readonly omitted: number;
}

/** A violation that a template in Rego found. */
export interface RegoViolation {
  readonly message: string;
  readonly details?: unknown;
  readonly failed?: true;
}

/** A compiled template in Rego. */
export interface RegoTemplate {
  /** Evaluates the template. An evaluation error becomes a violation, as in Gatekeeper. */
  evaluate(review: RegoReview): RegoVerdict;
  /** Starts recording which rules of the template are true. The returned function lists those that were true in no evaluation since. */
  watchRules(): () => readonly string[];
}

/** What the module of a template is called in errors. */
const templatePath = "template";

/** What templates may see of `data` beside their own package. */
const externs = new Set(["inventory", "lib"]);

/**
 * Compiles the Rego source of a template: `{ version, rego, libs }`.
 * @throws {PolicyError} for modules that do not compile, have no `violation` rule, or use documents that templates must not.
 */
export function compileRegoTemplate(
  source: unknown,
  kind: string,
  providers: Readonly<Record<string, DataProvider>> = {},
): RegoTemplate {
  const text = asText(member(source, "rego")) ?? "";
  const libs = asList(member(source, "libs")).map(String);
  const regoVersion = member(source, "version") === "v1" ? "v1" : "v0";
  const packageName = packageOf(text);
  if (packageName === undefined) throw invalid(`${kind}: the module has no package`);
  if (!/^[^\S\n]*violation\b/m.test(withoutTexts(text)))
    throw invalid(`${kind}: invalid rego: missing required rule "violation"`);
  for (const [index, lib] of libs.entries())
    if (!/^lib(?:\.|\[|$)/.test(packageOf(lib) ?? ""))
      throw invalid(`${kind}: libs[${index}]: the package of a library must begin with "lib"`);
  const own = packageName.split(/[.[]/)[0] ?? "";
  for (const module of [text, ...libs]) checkReferences(module, own, kind);
  const modules = [
    { path: templatePath, text },
    ...libs.map((lib, index) => ({ path: `libs/lib_${index}`, text: lib })),
  ];
  const policies = compile(modules, regoVersion, providers, kind);
  const query = `data.${packageName}.violation`;
  let coverage: Coverage | undefined;
  return {
    evaluate: (review) => evaluate(policies, query, review, coverage),
    watchRules: () => {
      const watched = new Coverage();
      coverage = watched;
      // Libraries are shared, and have what other templates ask for.
      return () =>
        policies
          .unreachedRules(watched)
          .filter(({ location: { path } }) => path === templatePath)
          .map(({ name, location: { row } }) => `${name} (line ${row})`);
    },
  };
}

function invalid(message: string): PolicyError {
  return new PolicyError("template", `invalid ConstraintTemplate: ${message}`);
}

function compile(
  modules: readonly { readonly path: string; readonly text: string }[],
  regoVersion: "v0" | "v1",
  providers: Readonly<Record<string, DataProvider>>,
  kind: string,
): RegoPolicies {
  const ask = builtin("external_data", "(object[string: any]) => object[string: any]", ([request]) => {
    const keys = asList(member(request, "keys")).map(String);
    return externalData(providers, asText(member(request, "provider")) ?? "", keys) as never; // as: plain JSON is a value
  });
  try {
    return compileModules(modules, { regoVersion, builtins: [ask], environment: { print: () => {} } });
  } catch (error) {
    if (error instanceof RegoError) throw invalid(`${kind}: ${error.message}`);
    throw error;
  }
}

function evaluate(
  policies: RegoPolicies,
  query: string,
  { review, parameters, inventory, budget, isTimed = true, now, maxViolations = Infinity }: RegoReview,
  coverage: Coverage | undefined,
): RegoVerdict {
  try {
    const [result] = policies.query(query, {
      input: { review, parameters },
      data: dataOf(inventory),
      coverage,
      budget,
      now,
      limits: isTimed ? undefined : untimed,
    });
    const found = asList(result?.expressions[0]).filter((violation) => member(violation, "msg") !== undefined);
    const told = found.length > maxViolations ? found.slice(0, maxViolations) : found;
    return { violations: told.map(violationOf), omitted: found.length - told.length };
  } catch (error) {
    if (!(error instanceof RegoError)) throw error;
    return { violations: [{ message: error.message, failed: true }], omitted: 0 };
  }
}

const untimed = { milliseconds: Infinity };

function violationOf(found: unknown): RegoViolation {
  const message = member(found, "msg");
  const details = member(found, "details");
  return {
    message: typeof message === "string" ? message : JSON.stringify(message),
    ...(details === undefined ? {} : { details }),
  };
}

const documents = new WeakMap<InventoryData, object>();

/** The same document for the same inventory, so that it is checked once and not for each review. */
function dataOf(inventory: InventoryData): object {
  const known = documents.get(inventory);
  if (known !== undefined) return known;
  const made = { inventory };
  documents.set(inventory, made);
  return made;
}

/** A module without comments and the content of its texts, so that what stands in them is not taken for code. */
function withoutTexts(module: string): string {
  return module.replaceAll(/"(?:[^"\\\n]|\\.)*"|`[^`]*`|#[^\n]*/g, (part) => (part.startsWith("#") ? "" : '""'));
}

function packageOf(module: string): string | undefined {
  return /^[^\S\n]*package\s+([^\s;#]+)/m.exec(withoutComments(module))?.[1];
}

function withoutComments(module: string): string {
  return module.replaceAll(/^[^\S\n]*#[^\n]*$/gm, "");
}

function checkReferences(module: string, own: string, kind: string): void {
  for (const [, name = ""] of withoutTexts(module).matchAll(/(?<![\w.])data\.(\w+)/g))
    if (name !== own && !externs.has(name))
      throw invalid(
        `${kind}: invalid rego: templates must not use data.${name}, only data.inventory, data.lib and their own package`,
      );
}
