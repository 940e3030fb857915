import { asList, member, type JsonObject } from "@plimsoll/kubernetes";
import { compareText, type WorkBudget } from "@plimsoll/model";
import { appliesTo } from "../match/apply-to.ts";
import { gvkOf, nameOf, type GroupVersionKind } from "../match/object-facts.ts";
import type { IgnoredFailure } from "../ignored-failures.ts";
import type { MutationSystem } from "../mutation/mutate.ts";
import { spendOnCopy } from "../mutation/spend.ts";
import { PolicyError } from "../policy-error.ts";
import { expandOne, isEmpty, type ExpansionTemplate } from "./expansion-template.ts";

/** An object that a generator, such as a Deployment, will create. */
export interface ExpandedObject {
  readonly object: JsonObject;
  /** The name of the template it was made by. */
  readonly template: string;
  readonly enforcementAction?: string;
  /** Mutators that were applied without an answer of their external data provider. */
  readonly ignored: readonly IgnoredFailure[];
}

/** Templates stand in a graph without cycles, so this is never reached; it holds what is built around it. */
const maxDepth = 30;
/** What one object may be expanded to in all. */
const maxObjects = 1000;

/** A set of expansion templates. */
export interface ExpansionSystem {
  /** Names of templates that form a cycle; they are disabled. */
  readonly cycles: readonly string[];
  /** The templates that apply to a kind, by name. */
  templatesFor(gvk: GroupVersionKind): readonly ExpansionTemplate[];
  /**
   * The objects that an object will create, and those that they create, each mutated; the deepest first. @throws {PolicyError} where a template
   * does not fit the object, or a mutator fails, and at the end of the budget.
   */
  expand(object: JsonObject, options?: ExpandOptions): readonly ExpandedObject[];
}

/** The surroundings of an expansion. */
export interface ExpandOptions {
  /** The Namespace object of the object's namespace. */
  readonly namespace?: unknown;
  readonly username?: string | undefined;
  /** Limits this work together with that of other policies. */
  readonly budget?: WorkBudget | undefined;
}

/** Combines expansion templates. `mutations` are applied to the generated objects. */
export function expansionSystem(templates: readonly ExpansionTemplate[], mutations?: MutationSystem): ExpansionSystem {
  const ordered = [...templates].sort((a, b) => compareText(a.name, b.name));
  const cycles = onCycles(ordered);
  const active = ordered.filter(({ name }) => !cycles.has(name));
  const expandedBy = (
    template: ExpansionTemplate,
    generator: JsonObject,
    { namespace, username, budget }: ExpandOptions,
  ): Pick<ExpandedObject, "object" | "ignored"> => {
    spendOnCopy(generator, budget);
    const object: Record<string, unknown> = { ...expandOne(generator, namespace, template) };
    const applied = mutations?.mutate({ object, namespace, username, source: "Generated" }, budget);
    return { object, ignored: applied?.ignored ?? [] };
  };
  const templatesFor = (gvk: GroupVersionKind): readonly ExpansionTemplate[] =>
    active.filter(({ applyTo }) => appliesTo(applyTo, gvk));
  return {
    cycles: [...cycles],
    templatesFor,
    expand: (object, options = {}) => {
      const found: ExpandedObject[] = [];
      const visit = (at: JsonObject, depth: number): void => {
        const gvk = gvkOf(at);
        if (isEmpty(gvk)) throw new PolicyError("expansion", `cannot expand resource ${nameOf(at)} with empty GVK`);
        if (depth >= maxDepth) throw new PolicyError("expansion", `maximum recursion depth of ${maxDepth} reached`);
        const made = templatesFor(gvk).map((template) => ({
          ...expandedBy(template, at, options),
          template: template.name,
          ...(template.enforcementAction === undefined ? {} : { enforcementAction: template.enforcementAction }),
        }));
        for (const each of made) visit(each.object, depth + 1);
        found.push(...made);
        if (found.length > maxObjects)
          throw new PolicyError("expansion", `${nameOf(object)} expands to more than ${maxObjects} objects`);
      };
      visit(object, 0);
      return found;
    },
  };
}

/** Names of the templates from which one can come back to themselves (the strongly connected components of more than one). */
function onCycles(templates: readonly ExpansionTemplate[]): ReadonlySet<string> {
  const byKind = new Map<string, ExpansionTemplate[]>();
  for (const template of templates)
    for (const kind of kindsOf(template)) byKind.set(kind, [...(byKind.get(kind) ?? []), template]);
  const next = ({ generated }: ExpansionTemplate): readonly ExpansionTemplate[] =>
    byKind.get(keyOf(generated.group, generated.version, generated.kind)) ?? [];
  return new Set(templates.filter((start) => reaches(start, start, next)).map(({ name }) => name));
}

function reaches(
  from: ExpansionTemplate,
  goal: ExpansionTemplate,
  next: (template: ExpansionTemplate) => readonly ExpansionTemplate[],
): boolean {
  const seen = new Set<ExpansionTemplate>();
  const open = [...next(from)];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === goal) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    open.push(...next(at));
  }
  return false;
}

function kindsOf({ applyTo }: ExpansionTemplate): readonly string[] {
  return asList(applyTo).flatMap((entry) => {
    const names = (field: string): readonly string[] => asList(member(entry, field)).map(String);
    return names("groups").flatMap((group) =>
      names("versions").flatMap((version) => names("kinds").map((kind) => keyOf(group, version, kind))),
    );
  });
}

function keyOf(group: string, version: string, kind: string): string {
  return JSON.stringify([group, version, kind]);
}
