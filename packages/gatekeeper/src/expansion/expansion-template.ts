import { asObject, asText, asList, member, type JsonObject } from "@plimsoll/kubernetes";
import { appliesTo } from "../match/apply-to.ts";
import { apiVersionOf, gvkOf, nameOf, type GroupVersionKind } from "../match/object-facts.ts";
import { PolicyError } from "../policy-error.ts";

/** The API group of expansion templates. */
export const expansionGroup = "expansion.gatekeeper.sh";

/** A template that states which objects (a Pod) a generator (a Deployment) will create, so that these are evaluated, too. */
export interface ExpansionTemplate {
  readonly name: string;
  readonly applyTo: unknown;
  /** Where the generated object's content lies in the generator: `spec.template`. */
  readonly source: readonly string[];
  readonly generated: GroupVersionKind;
  /** Replaces the enforcement action of constraints for generated objects. Absent: the constraints' own applies. */
  readonly enforcementAction?: string;
}

/** Whether an object is an expansion template. */
export function isExpansionTemplate(object: unknown): boolean {
  const { group, kind } = gvkOf(object);
  return group === expansionGroup && kind === "ExpansionTemplate";
}

/** Reads an expansion template. @throws {PolicyError} where it is invalid, or would expand its own results. */
export function readExpansionTemplate(document: JsonObject): ExpansionTemplate {
  const template = expansionTemplateOf(document);
  const { name, source, generated, applyTo } = template;
  const fail = (what: string): PolicyError => new PolicyError("expansion", `ExpansionTemplate ${name} ${what}`);
  if (name === "") throw new PolicyError("expansion", "ExpansionTemplate has empty name field");
  if (name.length >= 64) throw new PolicyError("expansion", "ExpansionTemplate name must be less than 64 characters");
  if (source.length === 0) throw fail("has empty source field");
  if (isEmpty(generated)) throw fail("has empty generatedGVK field");
  if (asList(applyTo).length === 0) throw fail("must specify ApplyTo");
  if (appliesTo(applyTo, generated))
    throw fail(`generates ${apiVersionOf(generated)} ${generated.kind}, but also applies to that same kind`);
  return template;
}

/** Reads a template without validating it. */
export function expansionTemplateOf(document: JsonObject): ExpansionTemplate {
  const spec = member(document, "spec");
  const generated = member(spec, "generatedGVK");
  const text = (field: string): string => asText(member(generated, field)) ?? "";
  const source = asText(member(spec, "templateSource")) ?? "";
  const enforcementAction = asText(member(spec, "enforcementAction")) ?? "";
  return {
    name: nameOf(document),
    applyTo: member(spec, "applyTo"),
    source: source === "" ? [] : source.split("."),
    generated: { group: text("group"), version: text("version"), kind: text("kind") },
    ...(enforcementAction === "" ? {} : { enforcementAction }),
  };
}

/** Whether group, version and kind are all empty. */
export function isEmpty({ group, version, kind }: GroupVersionKind): boolean {
  return group === "" && version === "" && kind === "";
}

/**
 * The object that a generator will create by a template: the part of the generator at `source`, with kind, namespace, owner, and a name derived
 * from the generator's.
 * @throws {PolicyError} where the generator has no such part.
 */
export function expandOne(generator: JsonObject, namespace: unknown, template: ExpansionTemplate): JsonObject {
  const { source, generated } = template;
  if (source.length === 0) throw new PolicyError("expansion", "cannot expand resource using a template with no source");
  if (isEmpty(generated))
    throw new PolicyError("expansion", "cannot expand resource using template with empty generatedGVK");
  const content = structuredClone(sourceOf(generator, source));
  const metadata = asObject(member(content, "metadata")) ?? {};
  const space = asObject(namespace) === undefined ? ownNamespace(generator) : nameOf(namespace);
  const owners = ownersOf(generator, asList(member(metadata, "ownerReferences")));
  return {
    ...content,
    apiVersion: apiVersionOf(generated),
    kind: generated.kind,
    metadata: {
      ...metadata,
      ...(space === undefined || space === "" ? {} : { namespace: space }),
      name: [nameOf(generator), generated.kind]
        .filter((part) => part !== "")
        .join("-")
        .toLowerCase(),
      ...(owners.length === 0 ? {} : { ownerReferences: owners }),
    },
  };
}

function ownNamespace(generator: JsonObject): string | undefined {
  const namespace = member(generator, "metadata", "namespace");
  if (namespace !== undefined && typeof namespace !== "string")
    throw new PolicyError("expansion", `could not extract namespace field in parent resource ${nameOf(generator)}`);
  return namespace;
}

function sourceOf(generator: JsonObject, source: readonly string[]): JsonObject {
  let at: unknown = generator;
  for (const field of source) {
    const mapping = asObject(at);
    if (mapping === undefined) throw new PolicyError("expansion", "could not extract source field from unstructured");
    at = member(mapping, field);
    if (at === undefined)
      throw new PolicyError(
        "expansion",
        `could not find source field "${source.join(".")}" in resource ${nameOf(generator)}`,
      );
  }
  const content = asObject(at);
  if (content === undefined) throw new PolicyError("expansion", "could not extract source field from unstructured");
  return content;
}

function ownersOf(generator: JsonObject, known: readonly unknown[]): readonly unknown[] {
  const apiVersion = asText(member(generator, "apiVersion")) ?? "";
  const { kind } = gvkOf(generator);
  const name = nameOf(generator);
  const named = (owner: unknown): boolean =>
    member(owner, "apiVersion") === apiVersion && member(owner, "kind") === kind && member(owner, "name") === name;
  if (apiVersion === "" || kind === "" || name === "" || known.some(named)) return known;
  return [...known, { apiVersion, kind, name, uid: "" }];
}
