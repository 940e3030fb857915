import { sharedFile } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { appliesTo, appliesToOperation, checkOperations, effectiveOperations } from "./apply-to.ts";
import { matches, type ObjectSource } from "./match.ts";
import { matchesGenerateName, matchesWildcard } from "./wildcard.ts";

interface MatchRow {
  readonly id: string;
  readonly match: unknown;
  readonly object: unknown;
  readonly namespace: unknown;
  readonly source: string;
  readonly want: boolean;
  readonly error: boolean;
}

function rows<Row>(table: string): readonly Row[] {
  const text = sharedFile(`conformance/gatekeeper/${table}.json`);
  return text === undefined ? [] : (JSON.parse(text) as readonly Row[]);
}

function sourceOf(text: string): ObjectSource | undefined {
  return text === "" ? undefined : (text as ObjectSource);
}

describe.skipIf(rows("match").length === 0)("the published match cases", () => {
  test.each(rows<MatchRow>("match").map((row) => [row.id, row] as const))("%s", (_, row) => {
    const ask = (): boolean =>
      matches(row.match, { object: row.object, namespace: row.namespace, source: sourceOf(row.source) });

    if (row.error) expect(ask).toThrow();
    else expect(ask()).toBe(row.want);
  });

  test.each(
    rows<{ id: string; pattern: string; candidate: string; generateName: boolean; want: boolean }>("wildcard").map(
      (row) => [row.id, row] as const,
    ),
  )("%s", (_, { pattern, candidate, generateName, want }) => {
    expect((generateName ? matchesGenerateName : matchesWildcard)(pattern, candidate)).toBe(want);
  });

  test.each(
    rows<{ id: string; applyTo: unknown; group: string; version: string; kind: string; want: boolean }>("apply-to").map(
      (row) => [row.id, row] as const,
    ),
  )("%s", (_, { applyTo, want, ...gvk }) => {
    expect(appliesTo(applyTo, gvk)).toBe(want);
  });

  test.each(
    rows<{
      id: string;
      applyTo: readonly unknown[];
      operation?: string;
      group?: string;
      version?: string;
      kind?: string;
      want?: boolean;
      effective?: readonly string[];
      error?: string | null;
    }>("apply-to-operation").map((row) => [row.id, row] as const),
  )("%s", (_, { applyTo, operation, want, effective, error, group, version, kind }) => {
    if (effective !== undefined) expect(effectiveOperations(applyTo[0])).toEqual(effective);
    if (typeof error === "string") expect(() => checkOperations(applyTo)).toThrow(error);
    if (error === null) expect(() => checkOperations(applyTo)).not.toThrow();
    const gvk = kind === undefined ? undefined : { group: group ?? "", version: version ?? "", kind };
    if (want !== undefined) expect(appliesToOperation(applyTo, gvk, operation ?? "")).toBe(want);
  });
});

describe("match", () => {
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "a", namespace: "web", labels: { app: "x" } } };

  test("a Namespace is matched by its own name and labels", () => {
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "web", labels: { team: "a" } } };

    expect(matches({ namespaces: ["we*"], scope: "Cluster" }, { object: namespace })).toBe(true);
    expect(matches({ namespaceSelector: { matchLabels: { team: "b" } } }, { object: namespace })).toBe(false);
  });

  test("what cannot be answered is an error and never a miss", () => {
    expect(() => matches({ namespaceSelector: {} }, { object: pod })).toThrow("missing Namespace");
    expect(() => matches({ source: "Original" }, { object: pod })).toThrow("source field not specified");
    expect(() => matches({ source: "Elsewhere" }, { object: pod })).toThrow("invalid source");
    expect(() =>
      matches({ labelSelector: { matchExpressions: [{ key: "a", operator: "Near" }] } }, { object: pod }),
    ).toThrow("label selector is invalid");
    expect(() => matches({}, { object: [] })).toThrow("no object");
  });

  test("keys of the prototype are no labels and no fields", () => {
    const selector = { labelSelector: { matchExpressions: [{ key: "constructor", operator: "Exists" }] } };

    expect(matches(selector, { object: pod })).toBe(false);
  });
});
