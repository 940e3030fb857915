import { sharedFile } from "@plimsoll/testkit";
import { load } from "js-yaml";
import { expect, test } from "vitest";
import { compileModules, type Policies } from "./index.ts";

interface Row {
  readonly id: string;
  readonly template: string;
  readonly engines: readonly string[];
  readonly constraint: string;
  readonly object: string;
  readonly inventory: readonly string[];
  readonly expect: readonly { violations?: string | number; message?: string }[];
  readonly messages?: { readonly Rego?: readonly string[] };
}

interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
  readonly request?: Record<string, unknown>;
  readonly spec?: { readonly parameters?: unknown; readonly targets?: readonly Target[] };
}

interface Target {
  readonly rego?: string;
  readonly libs?: readonly string[];
  readonly code?: readonly { engine: string; source: { rego: string; libs?: string[]; version?: string } }[];
}

function policiesOf(template: string): { policies: Policies; name: string } {
  // Go's reader takes a text in quotes that goes on less indented than YAML asks for; one template has one.
  const tolerant = template.replace(/(description: "[^"\n]*)\n\s*([^"\n]*")/g, "$1 $2");
  const { spec } = load(tolerant) as KubernetesObject;
  const [target] = spec?.targets ?? [];
  const code = target?.code?.find((each) => each.engine === "Rego")?.source;
  const rego = code?.rego ?? target?.rego ?? "";
  const libs = code?.libs ?? target?.libs ?? [];
  const modules = [rego, ...libs].map((text, index) => ({ path: `${index}.rego`, text }));
  const name = /^\s*package\s+(\S+)/m.exec(rego)?.[1] ?? "";
  return { policies: compileModules(modules, { regoVersion: code?.version === "v1" ? "v1" : "v0" }), name };
}

function reviewOf(object: KubernetesObject): unknown {
  if (object.kind === "AdmissionReview") return object.request;
  const [group, version] = object.apiVersion.includes("/") ? object.apiVersion.split("/") : ["", object.apiVersion];
  return {
    kind: { group, version, kind: object.kind },
    object,
    name: object.metadata?.name,
    namespace: object.metadata?.namespace,
  };
}

function inventoryOf(objects: readonly KubernetesObject[]): unknown {
  const inventory: Record<string, Record<string, unknown>> = { namespace: {}, cluster: {} };
  for (const object of objects) {
    const { name = "", namespace } = object.metadata ?? {};
    const path = namespace === undefined ? ["cluster"] : ["namespace", namespace];
    let at = inventory as Record<string, unknown>;
    for (const key of [...path, object.apiVersion, object.kind]) at = (at[key] ??= {}) as Record<string, unknown>;
    at[name] = object;
  }
  return { inventory };
}

test("the suites of the Gatekeeper library hold, with the messages that gator gives", () => {
  const content = sharedFile("conformance/gatekeeper/library-suites.json");
  if (content === undefined) return;
  const rows = (JSON.parse(content) as Row[]).filter((row) => row.engines.includes("Rego"));
  const compiled = new Map<string, ReturnType<typeof policiesOf>>();
  const failures: unknown[] = [];
  for (const row of rows) {
    const known = compiled.get(row.template) ?? policiesOf(sharedFile(`conformance/gatekeeper/${row.template}`) ?? "");
    compiled.set(row.template, known);
    const constraint = load(row.constraint) as KubernetesObject;
    const input = {
      review: reviewOf(load(row.object) as KubernetesObject),
      parameters: constraint.spec?.parameters ?? {},
    };
    // As in gator, the object is part of the inventory that it is judged by.
    const data = inventoryOf(
      [...row.inventory, row.object]
        .map((each) => load(each) as KubernetesObject)
        .filter((each) => each.kind !== "AdmissionReview"),
    );
    const [result] = known.policies.query(`data.${known.name}.violation`, { input, data });
    const messages = ((result?.expressions[0] ?? []) as { msg: string }[]).map(({ msg }) => msg).sort();
    if (
      row.messages?.Rego !== undefined &&
      JSON.stringify([...row.messages.Rego].sort()) !== JSON.stringify(messages)
    ) {
      failures.push({ id: row.id, wanted: row.messages.Rego, got: messages });
      continue;
    }
    for (const { violations = "yes", message } of row.expect) {
      const count = messages.filter((each) => message === undefined || new RegExp(message).test(each)).length;
      const holds = violations === "yes" ? count > 0 : violations === "no" ? count === 0 : count === Number(violations);
      if (!holds) failures.push({ id: row.id, violations, message, messages });
    }
  }
  expect(failures).toEqual([]);
});
