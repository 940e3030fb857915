import { expect, test } from "vitest";
import { compileModules, Coverage, type CoveredRange } from "./index.ts";

const policy = `package a

default allow := false

allow if {
	input.user == "bob"
	some x in input.items
	x > 3
}

allow if input.user == "eve"

f(x) := "big" if {
	x > 10
} else := "mid" if {
	x > 5
} else := "small"

never if {
	input.zzz == 1
	y := [v |
		some v in input.list
		v > 2
	]
	count(y) > 2
}

pi := 3.14

# METADATA
# title: comments are nothing to come to
every_ok if {
	every k in input.items {
		k > 0
	}
}
`;

const tests = `package a_test

import data.a

test_bob if a.allow with input as {"user": "bob", "items": [1, 5]}

test_more if {
	a.f(7) == "mid"
	a.every_ok with input.items as [1]
}
`;

function places(ranges: readonly CoveredRange[] = []): string[] {
  return ranges.map(({ start, end }) => `${start.row}:${start.col}-${end.row}:${end.col}`);
}

test("coverage tells what tests came to, by the places that opa gives", () => {
  const policies = compileModules([
    { path: "a.rego", text: policy },
    { path: "a_test.rego", text: tests },
  ]);
  const coverage = new Coverage();
  expect(policies.test({ coverage }).map(({ status }) => status)).toEqual(["pass", "pass"]);

  const report = policies.coverageReport(coverage);
  const file = report.files["a.rego"];

  // What opa 1.22.4 says, without the parts of expressions that it takes out of them.
  expect(places(file?.covered)).toEqual([
    "5:1-5:6",
    "6:2-6:21",
    "7:2-7:23",
    "8:2-8:7",
    "14:2-14:8",
    "15:3-15:16",
    "16:2-16:7",
    "32:1-32:9",
    "33:2-35:3",
    "34:3-34:8",
  ]);
  expect(places(file?.not_covered)).toEqual([
    "3:1-3:8",
    "3:9-3:23",
    "11:1-11:6",
    "11:10-11:29",
    "13:1-13:14",
    "17:3-17:18",
    "19:1-19:6",
    "20:2-20:16",
    "21:2-24:3",
    "23:3-23:8",
    "25:2-25:14",
    "28:1-28:11",
    "28:7-28:11",
  ]);
  expect(report).toMatchObject({ covered_lines: 15, not_covered_lines: 12 });
  expect(report.files["a_test.rego"]).toMatchObject({ covered_lines: 4, coverage: 100 });
  expect(report.files["a_test.rego"]).not.toHaveProperty("not_covered");
});

test("what is counted has no part in what is answered", () => {
  const policies = compileModules([{ path: "a.rego", text: policy }]);
  for (const input of [
    { user: "bob", items: [5] },
    { user: "eve" },
    { user: "eve", items: [0] },
    { zzz: 1, list: [] },
    {},
  ])
    expect(policies.query("data.a", { input, coverage: new Coverage() })).toEqual(policies.query("data.a", { input }));
});
