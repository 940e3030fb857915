import { asList, asObject, asText, member, type JsonObject } from "@plimsoll/kubernetes";
import { celPolicy, type CelPolicy, type FailurePolicy } from "../cel/cel-policy.ts";
import type { DataProvider } from "../external-data.ts";
import { gvkOf, nameOf } from "../match/object-facts.ts";
import { PolicyError } from "../policy-error.ts";
import { celEngine, implicitVariables, readCelSource } from "./cel-source.ts";
import { compileRegoTemplate, regoEngine, type RegoTemplate } from "./rego-source.ts";

/** The API group of templates. */
export const templateGroup = "templates.gatekeeper.sh";
const versions: readonly string[] = ["v1alpha1", "v1beta1", "v1"];
const target = "admission.k8s.gatekeeper.sh";

/** A compiled template: a kind of constraints, the schema of their parameters, and the policy. */
export interface ConstraintTemplate {
  /** The name of the template: its kind in lower case. */
  readonly name: string;
  readonly kind: string;
  /** Undefined where the template has none: parameters are then not validated. */
  readonly parametersSchema: JsonObject | undefined;
  /** The operations that it applies to; empty: all. */
  readonly operations: readonly string[];
  readonly cel?: CelPolicy;
  readonly rego?: RegoTemplate;
}

/** Options of {@link readTemplate}. */
export interface TemplateOptions {
  /** The failure policy of CEL sources that state none. Absent: `Fail`. */
  readonly defaultFailurePolicy?: FailurePolicy | undefined;
  /** The providers for `external_data`. */
  readonly providers?: Readonly<Record<string, DataProvider>> | undefined;
}

/** Whether an object is a constraint template. */
export function isTemplate(object: unknown): boolean {
  const { group, kind } = gvkOf(object);
  return group === templateGroup && kind === "ConstraintTemplate";
}

/** Reads and compiles a constraint template. @throws {PolicyError} `ErrAddingTemplate` where it is invalid; the message says why. */
export function readTemplate(document: JsonObject, options: TemplateOptions = {}): ConstraintTemplate {
  const name = nameOf(document);
  const { version } = gvkOf(document);
  const fail = (message: string): PolicyError =>
    new PolicyError("template", `ConstraintTemplate ${name}: ${message}`, "ErrAddingTemplate");
  if (!versions.includes(version))
    throw fail(`unsupported version "${version}": must be one of ${versions.join(", ")}`);
  const spec = asObject(member(document, "spec"));
  if (spec === undefined) throw fail("spec must be an object");
  const kind = asText(member(spec, "crd", "spec", "names", "kind")) ?? "";
  if (kind === "") throw fail("ConstraintTemplate has no kind (spec.crd.spec.names.kind)");
  if (kind.toLowerCase() !== name)
    throw fail(`the ConstraintTemplate's name does not match the lower case of its kind "${kind}"`);
  const schema = member(spec, "crd", "spec", "validation", "openAPIV3Schema");
  const targets = member(spec, "targets");
  if (!Array.isArray(targets) || targets.length === 0)
    throw fail("no targets specified: ConstraintTemplate must specify one target");
  if (targets.length > 1) throw fail("multi-target templates are not currently supported");
  const only: unknown = targets[0];
  if (member(only, "target") !== target) throw fail(`target "${asText(member(only, "target")) ?? ""}" not recognized`);
  try {
    const engines = readEngines(only, kind, options);
    if (engines.cel === undefined && engines.rego === undefined)
      throw fail("no source for a known engine: targets[0].code needs one for K8sNativeValidation or Rego");
    const legacy = member(spec, "crd", "spec", "validation", "legacySchema") ?? version !== "v1";
    const parametersSchema = asObject(schema);
    return {
      name,
      kind,
      parametersSchema: legacy === true ? keepingUnknown(parametersSchema) : parametersSchema,
      operations: asList(member(only, "operations")).map(String),
      ...engines,
    };
  } catch (error) {
    if (error instanceof PolicyError && error.code !== "ErrAddingTemplate") throw fail(error.message);
    throw error;
  }
}

function readEngines(
  given: unknown,
  kind: string,
  { defaultFailurePolicy, providers }: TemplateOptions,
): Pick<ConstraintTemplate, "cel" | "rego"> {
  const code = asList(member(given, "code"));
  const sourceOf = (engine: string): unknown =>
    member(
      code.find((each) => member(each, "engine") === engine),
      "source",
    );
  const celSource = sourceOf(celEngine);
  const inline = member(given, "rego");
  const regoSource =
    sourceOf(regoEngine) ??
    (inline === undefined || inline === "" ? undefined : { rego: inline, libs: member(given, "libs") });
  return {
    ...(celSource === undefined ? {} : { cel: compileCel(celSource, defaultFailurePolicy) }),
    ...(regoSource === undefined ? {} : { rego: compileRegoTemplate(regoSource, kind, providers) }),
  };
}

function compileCel(source: unknown, fallback: FailurePolicy | undefined): CelPolicy {
  const read = readCelSource(source, fallback);
  return celPolicy({ ...read, variables: [...implicitVariables, ...read.variables] });
}

/** Schemas of the first versions need not be structural: fields that they do not know are kept. */
function keepingUnknown(schema: JsonObject | undefined): JsonObject | undefined {
  if (schema === undefined) return undefined;
  const visit = (at: unknown, depth: number): unknown => {
    const shape = asObject(at);
    if (shape === undefined || depth > 64) return at;
    const properties = asObject(shape["properties"]);
    return {
      ...shape,
      "x-kubernetes-preserve-unknown-fields": true,
      ...(shape["items"] === undefined ? {} : { items: visit(shape["items"], depth + 1) }),
      ...(properties === undefined
        ? {}
        : {
            properties: Object.fromEntries(
              Object.entries(properties).map(([name, property]) => [name, visit(property, depth + 1)]),
            ),
          }),
    };
  };
  return asObject(visit(schema, 0));
}
