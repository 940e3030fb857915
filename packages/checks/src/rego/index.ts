import { checkOptions, optionIs } from "@plimsoll/model";
import type { AnyConfigDocument } from "@plimsoll/configs";
import { asList, asObject, asText, member } from "@plimsoll/kubernetes";
import type { KubernetesObject } from "@plimsoll/kubernetes";
import type { Diagnostic } from "@plimsoll/model";
import { compileModules, RegoError } from "@plimsoll/rego";
import type { CompileOptions, Policies } from "@plimsoll/rego";
import type { Check, CheckFacts, CheckHit, CheckInfo } from "../check.ts";
import { trivyFunctions } from "./functions.ts";
import { dockerfileInput, positionedInput } from "./inputs.ts";
import { evaluationLimits } from "./limits.ts";
import { packageMetadata, packageOf } from "./metadata.ts";
import type { RegoMetadata } from "./metadata.ts";
import { schemaFilter, schemasFor } from "./schemas.ts";

/** A module in Rego, or a schema that the METADATA of one names: `schemas/service.json` is `schema["service"]`. */
export interface RegoFile {
  readonly path: string;
  readonly text: string;
}

/** How checks in Rego are read. */
export interface RegoChecksOptions {
  /** What policies see as `data`, besides their own packages. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  /** Packages with checks, or prefixes of their names: `user`. Absent: every package with rules that deny. */
  readonly namespaces?: readonly string[] | undefined;
  /** Also checks that are deprecated, or belong to a benchmark alone. */
  readonly all?: boolean | undefined;
  /**
   * JSON Schemas by the names that METADATA refers to them by, before files of that name. Plain YAML and JSON documents that match none of them
   * are not looked at. Absent: all are.
   */
  readonly schemas?: Readonly<Record<string, unknown>> | undefined;
}

/** Checks in Rego, and what could not be compiled. */
export interface RegoChecks {
  readonly checks: readonly Check[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Rules whose results are findings: Trivy's and Conftest's names. */
const ruleName = /^[ \t]*((?:deny|warn|violation)(?:_\w+)?)(?=[ \t]*(?:\[|contains\b|:?=|if\b|\{|$))/gm;

/**
 * Loads checks in Rego as Trivy and Conftest do: METADATA comments, rules `deny`, `deny_…`, `warn` and `violation`, `exception`, `result.new`,
 * and libraries in packages under `lib`. Types are checked by the schemas that METADATA names. Modules of Rego v1 and v0 may be mixed; test
 * modules (`_test.rego`) are skipped. Modules that do not compile are listed in `diagnostics`, and the others are loaded.
 * @throws {TypeError} for unknown or invalid options.
 */
export function regoChecks(files: Iterable<RegoFile>, options: RegoChecksOptions = {}): RegoChecks {
  checkOptions("regoChecks", options, {
    data: optionIs.object,
    namespaces: optionIs.listOf(optionIs.text),
    all: optionIs.flag,
    schemas: optionIs.object,
  });
  const all = [...files];
  const modules = all.filter(({ path }) => path.endsWith(".rego") && !path.endsWith("_test.rego"));
  const diagnostics: Diagnostic[] = [];
  const given = options.schemas ?? {};
  const named = all.filter(({ path }) => path.endsWith(".json"));
  const compiled = compileBoth(modules, schemasFor(modules, named, given, diagnostics), diagnostics);
  const wants = options.schemas === undefined ? undefined : schemaFilter(given, diagnostics);
  const checks: Check[] = [];
  const seen = new Set<string>();
  for (const { files: group, policies } of compiled)
    for (const file of group) {
      const name = packageOf(file.text);
      if (name === undefined || seen.has(file.path)) continue;
      const metadata = packageMetadata(file.text);
      const rules = [...new Set([...file.text.matchAll(ruleName)].map((match) => match[1] ?? ""))].sort();
      if (rules.length === 0 || metadata.library || !isWanted(name, options)) continue;
      if (options.all !== true && (metadata.deprecated || metadata.benchmarkOnly)) continue;
      seen.add(file.path);
      checks.push(...checksOf({ name, metadata, rules, policies, data: options.data ?? {}, wants }));
    }
  return { checks, diagnostics };
}

function isWanted(name: string, { namespaces }: RegoChecksOptions): boolean {
  if (namespaces === undefined) return !name.startsWith("lib.") && name !== "lib";
  return namespaces.some((each) => name === each || name.startsWith(`${each}.`));
}

interface Group {
  readonly files: readonly RegoFile[];
  readonly policies: Policies;
}

/** Modules that are Rego v1, and those that only v0 reads; each group with the libraries that say which they are. */
function compileBoth(
  modules: readonly RegoFile[],
  schemas: ReadonlyMap<string, unknown>,
  diagnostics: Diagnostic[],
): readonly Group[] {
  const isV1 = (file: RegoFile): boolean => parses(file, "v1") || !parses(file, "v0");
  const newer = modules.filter(isV1);
  const older = modules.filter((file) => !newer.includes(file));
  const shared = newer.filter(({ text }) => /^import[ \t]+rego\.v1\b/m.test(text));
  return [
    ...compileGroup(newer, newer, { regoVersion: "v1", schemas }, diagnostics),
    ...(older.length === 0
      ? []
      : compileGroup(older, [...older, ...shared], { regoVersion: "v0", schemas }, diagnostics)),
  ];
}

function parses(file: RegoFile, regoVersion: "v0" | "v1"): boolean {
  try {
    compileModules([file], { regoVersion, builtins: trivyFunctions });
    return true;
  } catch (error) {
    if (!(error instanceof RegoError)) throw error;
    return !error.errors.some(({ code }) => code === "rego_parse_error");
  }
}

/** Compiles what compiles: modules that errors name are left out, one after the other. */
function compileGroup(
  own: readonly RegoFile[],
  all: readonly RegoFile[],
  settings: CompileOptions,
  diagnostics: Diagnostic[],
): readonly Group[] {
  let left = all;
  while (left.length > 0) {
    try {
      const policies = compileModules(left, { ...settings, builtins: trivyFunctions });
      const files = own.filter((file) => left.includes(file));
      return [{ files, policies }];
    } catch (error) {
      if (!(error instanceof RegoError)) throw error;
      const broken = new Set<string>();
      for (const { message, location } of error.errors) {
        const path = fileOf(location);
        if (path === undefined) continue;
        if (!broken.has(path))
          diagnostics.push({
            kind: "diagnostic",
            code: "malformed-file",
            effect: "incomplete",
            message: `the check does not compile: ${message.slice(0, 200)}`,
            location: { path },
            analyzer: "rego",
          });
        broken.add(path);
      }
      const fewer = left.filter(({ path }) => !broken.has(path));
      if (fewer.length === left.length) {
        diagnostics.push({
          kind: "diagnostic",
          code: "malformed-file",
          effect: "incomplete",
          message: `the checks do not compile: ${error.message.slice(0, 200)}`,
          analyzer: "rego",
        });
        return [];
      }
      left = fewer;
    }
  }
  return [];
}

function fileOf(location: unknown): string | undefined {
  return asText(member(location, "file")) ?? asText(member(location, "path"));
}

interface RegoPackage {
  readonly name: string;
  readonly metadata: RegoMetadata;
  readonly rules: readonly string[];
  readonly policies: Policies;
  readonly data: Readonly<Record<string, unknown>>;
  /** Which plain documents are looked at. Absent: all. */
  readonly wants: ((document: AnyConfigDocument) => boolean) | undefined;
}

/** Inputs that were made for a document, so that a hundred checks share one. */
const inputs = new WeakMap<AnyConfigDocument, Map<string, unknown>>();

function inputOf(document: AnyConfigDocument, key: string, make: () => unknown): unknown {
  let made = inputs.get(document);
  if (made === undefined) inputs.set(document, (made = new Map()));
  if (!made.has(key)) made.set(key, make());
  return made.get(key);
}

function checksOf(rego: RegoPackage): readonly Check[] {
  const { name, metadata, rules } = rego;
  const info: CheckInfo = {
    id: metadata.id ?? name,
    aliases: metadata.aliases,
    title: metadata.title ?? name,
    severity: metadata.severity ?? "UNKNOWN",
    description: metadata.description ?? "",
    remediation: metadata.remediation ?? "",
    references: metadata.references,
    engine: "rego",
    rule: rules.map((rule) => `data.${name}.${rule}`).join(", "),
  };
  const types = metadata.selectors.map(({ type }) => type);
  const any = types.length === 0;
  const checks: Check[] = [];
  if (any || types.includes("dockerfile"))
    checks.push({
      ...info,
      subject: "document",
      formats: ["dockerfile", "image-config"],
      evaluate: (document, facts) =>
        document.format === "dockerfile" || document.format === "image-config"
          ? evaluate(
              rego,
              inputOf(document, "", () => dockerfileInput(document.value, document.path)),
              facts,
            )
          : [],
    });
  if (any || types.includes("kubernetes") || types.includes("rbac"))
    checks.push({
      ...info,
      subject: "object",
      selects: (object) => isSelected(metadata, object),
      evaluate: (object, document, facts) =>
        evaluate(
          rego,
          inputOf(document, JSON.stringify(object.path), () => positionedInput(document, object.value, object.path)),
          facts,
        ),
    });
  const plain = (["yaml", "json"] as const).filter((type) => any || types.includes(type));
  const formats: readonly AnyConfigDocument["format"][] = any
    ? ["yaml", "json", "compose"]
    : // Who asks for YAML gets all of it, whatever it is about.
      ["yaml", "json", "compose", "kubernetes"];
  if (plain.length > 0)
    checks.push({
      ...info,
      subject: "document",
      formats,
      selects: (document) =>
        plain.includes(document.path.toLowerCase().endsWith(".json") ? "json" : "yaml") &&
        rego.wants?.(document) !== false,
      evaluate: (document, facts) => evaluate(rego, document.value, facts),
    });
  return checks;
}

function isSelected(metadata: RegoMetadata, object: KubernetesObject): boolean {
  const selectors = metadata.selectors.filter(({ type }) => type === "kubernetes" || type === "rbac");
  if (selectors.length === 0) return true;
  const slash = object.apiVersion.indexOf("/");
  const facts: Readonly<Record<string, string>> = {
    kind: object.kind.toLowerCase(),
    group: slash === -1 ? "core" : object.apiVersion.slice(0, slash),
    version: object.apiVersion.slice(slash + 1),
  };
  return selectors.some(
    ({ subtypes }) =>
      subtypes.length === 0 ||
      subtypes.some((subtype) =>
        Object.entries(subtype).every(([key, value]) => facts[key] === undefined || facts[key] === value.toLowerCase()),
      ),
  );
}

function* evaluate(rego: RegoPackage, input: unknown, facts: CheckFacts): Generator<CheckHit> {
  const { name, rules, policies } = rego;
  const data = {
    ...rego.data,
    ...(facts.kubernetesVersion === undefined ? {} : { k8s: { version: facts.kubernetesVersion.replace(/^v/, "") } }),
  };
  const ask = (query: string): unknown =>
    policies.query(query, { input, data, limits: evaluationLimits })[0]?.expressions[0];
  const exempt = new Set(asList(ask(`data.${name}.exception`)).flatMap((each) => asList(each)));
  for (const rule of rules) {
    // Conftest's exceptions name what follows `deny_`; an empty name is `deny` itself.
    const suffix = rule.replace(/^(?:deny|warn|violation)_?/, "");
    if (exempt.has(suffix)) continue;
    for (const result of resultsOf(ask(`data.${name}.${rule}`))) yield hitOf(result, rego);
  }
}

/** The results of a rule: the members of a set, or the value of a complete rule unless it is false. */
function resultsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined || value === null || value === false ? [] : [value];
}

function hitOf(result: unknown, { metadata, name }: RegoPackage): CheckHit {
  if (typeof result === "string") return { message: result };
  const message = asText(member(result, "msg")) ?? metadata.title ?? name;
  const object = asObject(result);
  const place = asObject(member(object, "metadata")) ?? object;
  const line = member(place, "startline");
  const endLine = member(place, "endline");
  if (typeof line !== "number" || line <= 0) return { message };
  return { message, lines: { line, endLine: typeof endLine === "number" && endLine >= line ? endLine : line } };
}
