import { compileModules, refusedBuiltins, RegoError, RegoNumber } from "@plimsoll/rego";
import { sharedFile } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { regoEnvironment } from "./rego-environment.ts";

interface Row {
  readonly id: string;
  readonly group?: string;
  readonly rego: "v0" | "v1";
  readonly strict: boolean;
  readonly modules: readonly { path: string; text: string }[];
  readonly query: string;
  readonly input?: unknown;
  readonly input_term?: string;
  readonly data?: unknown;
  readonly sortBindings?: boolean;
  readonly want: {
    readonly result?: readonly { values: unknown[]; bindings?: Record<string, unknown> }[];
    readonly undefined?: true;
    readonly error?: { code?: string; message?: string };
    readonly bindings?: readonly Record<string, unknown>[];
    readonly defined?: boolean;
  };
  readonly wantText?: string;
}

// Rows that are not met, each with the reason.
const notMet: Readonly<Record<string, string>> = {
  "opa-v1/baseandvirtualdocs/base/virtual: conflicts": "data that rules hide is refused, as the opa command does",
  "regorus/import/tests: overload error does not leak callee module imports":
    "two conflicts, of which ours meets the other first",
};

/** Rows that need a function which is refused. */
function needsRefused(row: Row): boolean {
  const text = [row.query, ...row.modules.map((module) => module.text)].join("\n");
  return [...refusedBuiltins.keys()].some((name) => text.includes(`${name}(`));
}

// Groups of the built-in functions that are refused.
const refusedGroups = new Set(["graphql", "providers-aws"]);

function plain(value: unknown): unknown {
  if (value instanceof RegoNumber) return Number(value.text);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, plain(each)]),
  );
}

function text(value: unknown, unordered = false): string {
  const sorted = (each: unknown): unknown => {
    if (Array.isArray(each)) {
      const items = each.map(sorted).map((item) => JSON.stringify(item));
      return items.sort().map((item) => JSON.parse(item) as unknown);
    }
    if (typeof each !== "object" || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([key, inner]) => [key, sorted(inner)]));
  };
  return JSON.stringify(unordered ? sorted(plain(value)) : plain(value));
}

function mismatch(row: Row): string | undefined {
  const options = {
    data: row.data ?? {},
    strictBuiltinErrors: row.strict,
    ...(row.input === undefined ? {} : { input: row.input }),
    ...(row.input_term === undefined ? {} : { input: compileModules([]).query(row.input_term)[0]?.expressions[0] }),
  };
  try {
    const policies = compileModules(row.modules, { regoVersion: row.rego, environment: regoEnvironment() });
    const got = policies.query(row.query, options);
    const spelled = row.wantText === undefined ? undefined : policies.queryText(row.query, options);
    return difference(row, got, spelled);
  } catch (error) {
    if (!(error instanceof RegoError)) throw error;
    const { error: wanted } = row.want;
    if (wanted === undefined) return `unexpected error: ${error.message}`;
    const code = wanted.code === undefined || error.errors.some((each) => each.code === wanted.code);
    const message = wanted.message === undefined || error.message.includes(wanted.message);
    return code && message ? undefined : `wanted ${JSON.stringify(wanted)}, got ${error.message}`;
  }
}

function difference(
  row: Row,
  got: ReturnType<ReturnType<typeof compileModules>["query"]>,
  spelled?: string,
): string | undefined {
  const { want } = row;
  const compare = (wanted: readonly string[], found: readonly string[]): string | undefined =>
    [...wanted].sort().join() === [...found].sort().join() ? undefined : `wanted ${wanted.join()}, got ${found.join()}`;
  if (want.error !== undefined) return `wanted ${JSON.stringify(want.error)}, got ${text(got)}`;
  if (want.undefined === true) return got.length === 0 ? undefined : `wanted undefined, got ${text(got)}`;
  if (want.defined !== undefined)
    return got.length > 0 === want.defined ? undefined : `wanted ${want.defined}, got ${text(got)}`;
  if (want.bindings !== undefined) {
    const unordered = row.sortBindings === true;
    const isOwn = (name: string): boolean => !name.startsWith("__local");
    const own = got.map(({ bindings }) => Object.fromEntries(Object.entries(bindings).filter(([name]) => isOwn(name))));
    return compare(
      want.bindings.map((each) => text(each, unordered)),
      own.map((each) => text(each, unordered)),
    );
  }
  const wanted = (want.result ?? []).map(({ values, bindings }) => text({ values, bindings: bindings ?? {} }));
  const differs = compare(
    wanted,
    got.map(({ expressions, bindings }) => text({ values: expressions, bindings })),
  );
  if (differs !== undefined || row.wantText === undefined || spelled === undefined) return differs;
  const squeeze = (json: string): string => json.replaceAll(/\s/g, "");
  const values = [...squeeze(row.wantText).matchAll(/"values":(\[.*?\])(?=\}|,"bindings")/g)].map(
    (match) => match[1] as string,
  );
  return values.every((each) => squeeze(spelled).includes(each)) ? undefined : `wanted ${row.wantText}, got ${spelled}`;
}

test.each(["regorus", "differential", "opa-v1"])("every row of the table %s is met", (table) => {
  const content = sharedFile(`conformance/rego/${table}.json`);
  if (content === undefined) return;
  const rows = (JSON.parse(content) as Row[]).filter((row) => !refusedGroups.has(row.group ?? ""));
  const failures = rows
    .filter((row) => notMet[row.id] === undefined && !needsRefused(row))
    .map((row) => ({ id: row.id, difference: mismatch(row) }))
    .filter((each) => each.difference !== undefined);
  expect(failures).toEqual([]);
});
