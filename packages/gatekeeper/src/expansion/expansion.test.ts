import { sharedFile } from "@plimsoll/testkit";
import type { JsonObject } from "@plimsoll/kubernetes";
import { describe, expect, test } from "vitest";
import { nameOf } from "../match/object-facts.ts";
import { mutationSystem, readMutator } from "../mutation/mutate.ts";
import { expansionSystem } from "./expand.ts";
import { expandOne, expansionTemplateOf, readExpansionTemplate } from "./expansion-template.ts";

function rows<Row>(table: string): readonly Row[] {
  const text = sharedFile(`conformance/gatekeeper/${table}.json`);
  return text === undefined ? [] : (JSON.parse(text) as readonly Row[]);
}

interface Named {
  readonly object: unknown;
}

const byName = (a: Named, b: Named): number => (nameOf(a.object) < nameOf(b.object) ? -1 : 1);

describe.skipIf(rows("expand").length === 0)("the published expansion cases", () => {
  test.each(
    rows<{
      id: string;
      object: JsonObject;
      namespace: unknown;
      templates: readonly JsonObject[];
      mutators: readonly JsonObject[];
      want: readonly { object: unknown; template?: string; templateName?: string; enforcementAction?: string }[];
      error: boolean;
    }>("expand").map((row) => [row.id, row] as const),
  )("%s", (_, row) => {
    const expand = (): readonly Named[] =>
      expansionSystem(row.templates.map(readExpansionTemplate), mutationSystem(row.mutators.map(readMutator)))
        .expand(row.object, { namespace: row.namespace })
        .map(({ object, enforcementAction = "" }) => ({ object, enforcementAction }));

    if (row.error) expect(expand).toThrow();
    else
      expect([...expand()].sort(byName)).toEqual(
        row.want.map(({ object, enforcementAction = "" }) => ({ object, enforcementAction })).sort(byName),
      );
  });

  test.each(
    rows<{
      id: string;
      object: JsonObject;
      namespace: unknown;
      template: JsonObject;
      want: unknown;
      error: string | false;
    }>("expand-resource").map((row) => [row.id, row] as const),
  )("%s", (_, { object, namespace, template, want, error }) => {
    const expand = (): unknown => expandOne(object, namespace, expansionTemplateOf(template));

    if (error !== false) expect(expand).toThrow(error);
    else expect(expand()).toEqual(want);
  });

  test.each(
    rows<{ id: string; template: JsonObject; error: string | null }>("expansion-template-valid").map(
      (row) => [row.id, row] as const,
    ),
  )("%s", (_, { template, error }) => {
    if (error === null) expect(() => readExpansionTemplate(template)).not.toThrow();
    else expect(() => readExpansionTemplate(template)).toThrow(error);
  });

  test.each(
    rows<{
      id: string;
      templates: readonly JsonObject[];
      group: string;
      version: string;
      kind: string;
      want: readonly string[];
    }>("expansion-cycles").map((row) => [row.id, row] as const),
  )("%s", (_, { templates, want, ...gvk }) => {
    const system = expansionSystem(templates.map(readExpansionTemplate));

    expect(system.templatesFor(gvk).map(({ name }) => name)).toEqual([...want].sort());
  });
});

function template(name: string, from: string, to: string): JsonObject {
  return {
    apiVersion: "expansion.gatekeeper.sh/v1beta1",
    kind: "ExpansionTemplate",
    metadata: { name },
    spec: {
      applyTo: [{ groups: ["g"], versions: ["v1"], kinds: [from] }],
      templateSource: "spec",
      generatedGVK: { group: "g", version: "v1", kind: to },
    },
  };
}

describe("expansion", () => {
  test("templates on a cycle are switched off, others stay", () => {
    const system = expansionSystem([
      readExpansionTemplate(template("a", "A", "B")),
      readExpansionTemplate(template("b", "B", "A")),
      readExpansionTemplate(template("c", "A", "C")),
    ]);

    expect(system.cycles).toEqual(["a", "b"]);
    expect(system.expand({ apiVersion: "g/v1", kind: "A", spec: { x: 1 } }).map(({ template: name }) => name)).toEqual([
      "c",
    ]);
  });

  test("one that makes its own kind is refused", () => {
    expect(() => readExpansionTemplate(template("a", "A", "A"))).toThrow("also applies to that same kind");
  });
});
