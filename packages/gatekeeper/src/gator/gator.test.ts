import { sharedFile } from "@plimsoll/testkit";
import type { JsonObject } from "@plimsoll/kubernetes";
import { compile } from "@plimsoll/re2";
import { describe, expect, test } from "vitest";
import { loadPolicies } from "../load-policies.ts";
import type { TemplateEngine } from "../policies.ts";
import { PolicyError } from "../policy-error.ts";
import { bindingFromConstraint, expandOperations, policyFromSource } from "../vap/from-template.ts";
import { readObjects } from "./read-objects.ts";
import { implied } from "../expansion/implied.ts";
import { runSuite, type SuiteError } from "./suites.ts";
import { expandObjects, isDenial, testObjects } from "./test-objects.ts";

function rows<Row>(table: string): readonly Row[] {
  const text = sharedFile(`conformance/gatekeeper/${table}.json`);
  return text === undefined ? [] : (JSON.parse(text) as readonly Row[]);
}

function objectsOf(files: Readonly<Record<string, string>>): readonly JsonObject[] {
  return Object.entries(files).flatMap(([path, text]) => readObjects(text, path));
}

function single(text: string): JsonObject {
  const [object] = readObjects(text, "row");
  if (object === undefined) throw new Error("the row has no object");
  return object;
}

function problemOf(run: () => unknown): PolicyError | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(PolicyError);
    return error as PolicyError;
  }
}

interface LibraryRow {
  readonly id: string;
  readonly template: string;
  readonly constraint: string;
  readonly object: string;
  readonly inventory?: readonly string[];
  readonly engines: readonly string[];
  readonly expect: readonly { readonly violations: "yes" | "no" | number; readonly message?: string }[];
  readonly messages?: Readonly<Record<string, readonly string[]>>;
}

function engineOf(name: string): TemplateEngine {
  return /rego/i.test(name) ? "Rego" : "K8sNativeValidation";
}

const library = rows<LibraryRow>("library-suites").flatMap((row) =>
  row.engines.map((engine) => [`${row.id} (${engine})`, row, engine] as const),
);

describe.skipIf(library.length === 0)("the Gatekeeper library's suites", () => {
  test.each(library)("%s", (_, row, engine) => {
    const template = readObjects(sharedFile(`conformance/gatekeeper/${row.template}`) ?? "", row.template);
    const policies = loadPolicies([...template, single(row.constraint)], { engine: engineOf(engine) });
    expect(policies.problems).toEqual([]);
    const inventory = (row.inventory ?? []).map(single);
    const { violations } = policies.reviewStrictly(single(row.object), {
      inventory,
      enforcementPoint: "gator.gatekeeper.sh",
    });

    for (const { violations: wanted, message } of row.expect) {
      const pattern = message === undefined ? undefined : compile(message);
      const count = violations.filter((violation) => pattern?.test(violation.message) ?? true).length;
      expect(typeof wanted === "number" ? count : count > 0 ? "yes" : "no").toBe(wanted);
    }
    const messages = row.messages?.[engine];
    if (messages === undefined) return;
    // They were taken from `gator test`, to which the object itself is a part of the inventory, too.
    const tested = policies.reviewStrictly(single(row.object), {
      inventory: [...inventory, single(row.object)],
      enforcementPoint: "gator.gatekeeper.sh",
    }).violations;
    expect(tested.map(({ message }) => message).sort()).toEqual([...messages].sort());
  });
});

interface WantedCase {
  readonly name?: string;
  readonly error?: string;
  readonly skipped?: boolean;
}

function codeOf(error: SuiteError | undefined): string | undefined {
  return error?.code;
}

describe.skipIf(rows("gator-verify").length === 0)("the published gator cases", () => {
  test.each(
    rows<{
      id: string;
      filter: string;
      suite: JsonObject;
      files: Readonly<Record<string, string>>;
      want: { skipped?: boolean; tests: readonly (WantedCase & { cases?: readonly WantedCase[] })[] };
    }>("gator-verify").map((row) => [row.id, row] as const),
  )("%s", (_, { filter, suite, files, want }) => {
    const result = runSuite(suite, "suite.yaml", (path) => files[path], { run: filter });

    expect(result.skipped ?? false).toBe(want.skipped ?? false);
    for (const [index, wanted] of want.tests.entries()) {
      const found = result.tests[index];
      expect([codeOf(found?.error), found?.skipped ?? false]).toEqual([wanted.error, wanted.skipped ?? false]);
      for (const [at, wantedCase] of (wanted.cases ?? []).entries()) {
        const foundCase = found?.cases[at];
        expect(foundCase?.skipped ?? false).toBe(wantedCase.skipped ?? false);
        if (wantedCase.error === "any") expect(foundCase?.error).toBeDefined();
        else
          expect({ code: codeOf(foundCase?.error), said: foundCase?.error?.message }).toMatchObject({
            code: wantedCase.error,
          });
      }
    }
  });

  test.each(
    rows<{ id: string; files: Readonly<Record<string, string>>; messages: readonly string[]; error: string | null }>(
      "gator-test",
    ).map((row) => [row.id, row] as const),
  )("%s", (_, { files, messages, error }) => {
    if (error !== null) expect(problemOf(() => testObjects(objectsOf(files)))?.code).toBe(error);
    else expect(testObjects(objectsOf(files)).map(({ message }) => message)).toEqual(messages);
  });

  test.each(
    rows<{
      id: string;
      files: Readonly<Record<string, string>>;
      exit: number;
      firstMessage?: string;
      contains?: readonly string[];
      errorContains?: string;
    }>("gator-test-cli")
      // Without input there is nothing to call: the command says so itself.
      .filter(({ files }) => Object.keys(files).length > 0)
      .map((row) => [row.id, row] as const),
  )("%s", (_, { files, exit, firstMessage, contains = [], errorContains }) => {
    if (errorContains !== undefined) {
      expect(problemOf(() => testObjects(objectsOf(files)))?.message).toContain(errorContains);
      return;
    }
    const violations = testObjects(objectsOf(files));
    expect(violations.some(isDenial) ? 1 : 0).toBe(exit);
    if (firstMessage !== undefined) expect(violations[0]?.message).toBe(firstMessage);
    for (const message of contains) expect(violations.map((violation) => violation.message)).toContain(message);
  });

  test.each(
    rows<{ id: string; files: Readonly<Record<string, string>>; want: readonly unknown[] }>("gator-expand").map(
      (row) => [row.id, row] as const,
    ),
  )("%s", (_, { files, want }) => {
    expect(expandObjects(objectsOf(files))).toEqual(want);
  });

  test.each(
    rows<{
      id: string;
      template?: string;
      parent?: Readonly<Record<string, readonly string[]>>;
      generated?: Readonly<Record<string, readonly string[]>>;
      templateEnforcementAction?: string;
      actions?: readonly string[];
      want: unknown;
    }>("expansion-messages").map((row) => [row.id, row] as const),
  )("%s", (_, row) => {
    const violation = (message: string, enforcementAction = "deny") => ({
      message,
      enforcementAction,
      constraint: { kind: "K", name: "n" },
    });
    if (row.actions !== undefined) {
      const found = row.actions.map((action) =>
        implied(violation("m", action), "t", row.templateEnforcementAction || undefined),
      );
      expect(found.map(({ enforcementAction }) => enforcementAction)).toEqual(row.want);
      return;
    }
    const targets = [...new Set([...Object.keys(row.parent ?? {}), ...Object.keys(row.generated ?? {})])];
    const found = targets.map((name) => [
      name,
      [
        ...(row.parent?.[name] ?? []),
        ...(row.generated?.[name] ?? []).map(
          (message) => implied(violation(message), row.template ?? "", undefined).message,
        ),
      ],
    ]);
    expect(Object.fromEntries(found)).toEqual(row.want);
  });
});

describe.skipIf(rows("vap-policy").length === 0)("the published ValidatingAdmissionPolicy cases", () => {
  test.each(
    rows<{ id: string; kind: string; source: unknown; want: JsonObject | null; error?: string | null }>(
      "vap-policy",
    ).map((row) => [row.id, row] as const),
  )("%s", (_, { kind, source, want, error }) => {
    if (want === null) {
      expect(problemOf(() => policyFromSource(kind, source))?.code).toBe(error);
      return;
    }
    // Conditions of Gatekeeper's own are compared by name: their wording is ours, and what they mean is tested below.
    const named = (policy: JsonObject): unknown =>
      JSON.parse(JSON.stringify({ metadata: policy["metadata"], spec: policy["spec"] }), (_key, value: unknown) => {
        const condition = value as { name?: string; expression?: string } | null;
        return typeof condition === "object" && condition?.name?.startsWith("gatekeeper_internal_") === true
          ? condition.name
          : value;
      });
    expect(named(policyFromSource(kind, source))).toEqual(named(want));
  });

  test.each(
    rows<{
      id: string;
      constraint: JsonObject;
      enforcementActions: readonly string[];
      want: { metadata: unknown; spec: unknown } | null;
      error: string | null;
    }>("vap-binding").map((row) => [row.id, row] as const),
  )("%s", (_, { constraint, enforcementActions, want, error }) => {
    if (want === null) expect(problemOf(() => bindingFromConstraint(constraint, enforcementActions))?.code).toBe(error);
    else {
      const { metadata, spec } = bindingFromConstraint(constraint, enforcementActions);
      expect({ metadata, spec }).toEqual(want);
    }
  });

  test.each(
    rows<{ id: string; operations: readonly string[]; want: readonly string[] }>("vap-operations").map(
      (row) => [row.id, row] as const,
    ),
  )("%s", (_, { operations, want }) => {
    expect(expandOperations(operations)).toEqual(want);
  });
});
