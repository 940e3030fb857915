import { compile, kubernetesFunctions } from "@plimsoll/cel";
import { sharedFile } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { celPolicy } from "../cel/cel-policy.ts";
import { PolicyError } from "../policy-error.ts";
import { implicitVariables, readCelSource, readFailurePolicy } from "./cel-source.ts";

function rows<Row>(table: string): readonly Row[] {
  const text = sharedFile(`conformance/gatekeeper/${table}.json`);
  return text === undefined ? [] : (JSON.parse(text) as readonly Row[]);
}

describe.skipIf(rows("cel-source-valid").length === 0)("the published CEL cases", () => {
  test.each(
    rows<{ id: string; source: unknown; error: string | null }>("cel-source-valid").map(
      (row) => [row.id, row] as const,
    ),
  )("%s", (_, { source, error }) => {
    let code: string | undefined;
    try {
      readCelSource(source);
    } catch (problem) {
      code = (problem as PolicyError).code;
    }

    expect(code ?? null).toBe(error);
  });

  test.each(
    rows<{ id: string; default: "Fail" | "Ignore"; source: unknown; want: string }>("cel-failure-policy").map(
      (row) => [row.id, row] as const,
    ),
  )("%s", (_, row) => {
    expect(readFailurePolicy(row.source, row.default)).toBe(row.want);
  });

  const conditions = JSON.parse(sharedFile("conformance/gatekeeper/cel-conditions.json") ?? "{}") as Record<
    string,
    string
  >;

  test.each(
    rows<{
      id: string;
      match: unknown;
      object: { apiVersion?: string; kind?: string };
      condition: string;
      want: boolean;
      error: boolean;
    }>("cel-match")
      // Rows whose name holds "__ident" have lost the match that they are about.
      .filter(({ id }) => !id.includes("__ident"))
      .map((row) => [row.id, row] as const),
  )("%s", (_, { match, object, condition, want, error }) => {
    const [group = "", kind = ""] = [(object.apiVersion ?? "").split("/").slice(0, -1).join("/"), object.kind];
    const activation = { object, oldObject: null, params: { spec: { match } }, request: { kind: { group, kind } } };
    const ask = (): unknown =>
      compile(conditions[condition] ?? "", { functions: kubernetesFunctions }).evaluate(activation);

    if (error) expect(ask).toThrow();
    else expect(ask()).toBe(want);
  });
});

describe("a policy in CEL", () => {
  const review = {
    object: { metadata: { name: "a" }, spec: { replicas: 9 } },
    oldObject: null,
    request: { operation: "CREATE" },
    params: { spec: { parameters: { most: 5 } } },
    namespaceObject: null,
  };

  function policy(source: object): ReturnType<typeof celPolicy> {
    const read = readCelSource(source);
    return celPolicy({ ...read, variables: [...implicitVariables, ...read.variables] });
  }

  test("variables are evaluated on demand, and once", () => {
    const made = policy({
      variables: [
        { name: "broken", expression: "object.no.such.field" },
        { name: "count", expression: "variables.anyObject.spec.replicas" },
      ],
      validations: [
        {
          expression: "variables.count <= variables.params.most",
          messageExpression: "'at most ' + string(variables.params.most)",
        },
        { expression: "variables.count > 0" },
      ],
    });

    expect(made.problems).toEqual([]);
    expect(made.evaluate(review).denials).toEqual([
      { message: "at most 5", expression: "variables.count <= variables.params.most", failed: false },
    ]);
  });

  test.each([
    ["object.spec.missing > 0", "Fail", "resulted in error: no such key: missing"],
    ["object.spec.replicas >", "Fail", "compilation failed"],
    ["1", "Fail", "the expression did not evaluate to a bool"],
  ])("an expression that fails denies: %s", (expression, failurePolicy, message) => {
    const [denial] = policy({ failurePolicy, validations: [{ expression }] }).evaluate(review).denials;

    expect(denial?.failed).toBe(true);
    expect(denial?.message).toContain(message);
    expect(policy({ failurePolicy: "Ignore", validations: [{ expression }] }).evaluate(review).denials).toEqual([]);
  });

  test("a variable that fails is named, and so are those that ask for it", () => {
    const made = policy({
      variables: [
        { name: "inner", expression: "object.gone" },
        { name: "outer", expression: "variables.inner" },
      ],
      validations: [{ expression: "variables.outer" }],
    });

    expect(made.evaluate(review).denials[0]?.message).toBe(
      `expression 'variables.outer' resulted in error: composited variable "outer" fails to evaluate: composited variable "inner" fails to evaluate: no such key: gone`,
    );
  });

  test("a variable that is defined by itself is an error, not a loop", () => {
    const made = policy({
      variables: [
        { name: "a", expression: "variables.b" },
        { name: "b", expression: "variables.a" },
      ],
      validations: [{ expression: "variables.a" }],
    });

    expect(made.evaluate(review).denials[0]?.message).toContain("defined by itself");
  });

  test("a message that fails falls back to the text, and that to the expression", () => {
    const made = policy({
      validations: [
        { expression: "false", message: "no", messageExpression: "object.missing" },
        { expression: "1 > 2", messageExpression: "''" },
      ],
    });

    expect(made.evaluate(review).denials.map(({ message }) => message)).toEqual(["no", "failed expression: 1 > 2"]);
  });

  test("a match condition that is false beats one that fails", () => {
    const conditions = [
      { name: "fails", expression: "object.missing" },
      { name: "no", expression: "false" },
    ];
    const validations = [{ expression: "false" }];

    expect(policy({ matchCondition: conditions, validations }).evaluate(review)).toMatchObject({
      applies: false,
      denials: [],
    });
    expect(policy({ matchCondition: conditions.slice(0, 1), validations }).evaluate(review)).toMatchObject({
      applies: true,
      denials: [{ failed: true }],
    });
  });
});
