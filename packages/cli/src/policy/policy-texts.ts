/** What `plimsoll policy` prints, in gator's words. */

import { formatYaml, textField } from "@plimsoll/formats";
import type { CrossCheck, IgnoredFailure, SuiteResult, TestFailure, TestViolation } from "@plimsoll/gatekeeper";

/** Violations as `gator test` prints them. */
export function formatViolations(violations: readonly TestViolation[], format: "json" | "yaml" | undefined): string {
  const results = violations.map(({ message, details, constraint, enforcementAction, scopedActions, object }) => ({
    target: "admission.k8s.gatekeeper.sh",
    msg: message,
    ...(details === undefined ? {} : { metadata: { details } }),
    constraint: {
      apiVersion: "constraints.gatekeeper.sh/v1beta1",
      kind: constraint.kind,
      metadata: { name: constraint.name },
    },
    enforcementAction,
    ...(scopedActions === undefined ? {} : { scopedActions }),
    violatingObject: object,
  }));
  if (format === "json") return `${JSON.stringify(results, undefined, 4)}\n`;
  if (format === "yaml") return formatYaml(results);
  return violations.map(lineOf).join("");
}

/** `v1/Pod web/shop`, as gator names an object. */
function label(object: Readonly<Record<string, unknown>>): string {
  const metadata = object["metadata"];
  const namespace = textField(metadata, "namespace");
  const name = `${namespace === undefined ? "" : `${namespace}/`}${textField(metadata, "name") ?? ""}`;
  return `${String(object["apiVersion"])}/${String(object["kind"])} ${name}`;
}

/** A violation in one line, as gator's. */
export function lineOf({ object, constraint, message }: TestViolation): string {
  return `${label(object)}: [${JSON.stringify(constraint.name)}] Message: ${JSON.stringify(message)}\n`;
}

/** A failure that refuses nothing, with the object that it is about. */
export function failureLine({ object, policy, message }: TestFailure): string {
  return `${label(object)}: ${ignoredLine({ policy, message })}`;
}

function ignoredLine({ policy, message }: IgnoredFailure): string {
  return `${policy.kind} ${policy.name} failed, and its failure policy is Ignore: ${message}`;
}

/** The failures in a suite that refuse nothing. */
export function ignoredInSuite({ path, tests }: SuiteResult): readonly string[] {
  return tests.flatMap((test) =>
    test.cases.flatMap(({ name, ignored = [] }) =>
      ignored.map((each) => `${path}, ${test.name}, ${name}: ${ignoredLine(each)}`),
    ),
  );
}

/** Where the CEL and the Rego of templates disagree, and what no case reaches. */
export function formatCrossChecks(checks: readonly CrossCheck[]): readonly string[] {
  return checks.flatMap(({ disagreements, unreached }) => [
    ...disagreements.map(
      ({ template, object, messages }) =>
        `DISAGREE ${template}: CEL ${JSON.stringify(messages.K8sNativeValidation)}, Rego ${JSON.stringify(messages.Rego)}, of ${JSON.stringify(object)}\n`,
    ),
    ...unreached.map((each) => `UNREACHED ${each.replaceAll(/\s+/g, " ")}\n`),
  ]);
}

/** Whether a suite, one of its tests or a case failed. */
export function suiteFailed({ error, tests }: SuiteResult): boolean {
  return (
    error !== undefined ||
    tests.some(({ error: problem, cases }) => problem !== undefined || cases.some((each) => each.error !== undefined))
  );
}

/** Results of suites as `gator verify` prints them; `verbose` lists what passed or was skipped, too. */
export function formatSuites(suites: readonly SuiteResult[], verbose: boolean): string {
  const lines = suites.flatMap((suite) => [
    ...suite.tests.flatMap(({ name, skipped, error, cases }) => {
      if (skipped === true) return verbose ? [`=== SKIP  ${name}`] : [];
      const failed = error !== undefined || cases.some((each) => each.error !== undefined);
      const inner = cases.flatMap((each) => [
        ...(verbose ? [`    === ${each.skipped === true ? "SKIP " : "RUN  "} ${each.name}`] : []),
        ...(each.error === undefined ? [] : [`    --- FAIL: ${each.name}`, `        ${each.error.message}`]),
        ...(verbose && each.error === undefined && each.skipped !== true ? [`    --- PASS: ${each.name}`] : []),
      ]);
      return [
        ...(verbose ? [`=== RUN   ${name}`] : []),
        ...inner,
        ...(failed ? [`--- FAIL: ${name}`] : verbose ? [`--- PASS: ${name}`] : []),
        ...(error === undefined ? [] : [`  ${error.message}`]),
      ];
    }),
    `${suiteFailed(suite) ? "FAIL" : "ok"}\t${suite.path}`,
    ...(suite.error === undefined ? [] : [`  ${suite.error.message}`]),
  ]);
  return `${[...lines, suites.some(suiteFailed) ? "FAIL" : "PASS"].join("\n")}\n`;
}
