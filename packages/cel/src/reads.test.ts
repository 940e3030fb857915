import { expect, test } from "vitest";
import { compile } from "./compile.ts";

const declared = { object: "dyn", params: "dyn", variables: "dyn" };

test("the namespace of a function is not taken for a variable", () => {
  expect([...compile("math.greatest(replicas, 1)").reads]).toEqual(["replicas"]);
});

test.each([
  ["1 + 2", []],
  ["object == params", ["object", "params"]],
  ["has(object.spec.containers) ? object.spec.containers : []", ["object.spec"]],
  ["variables.a.b + variables.c[0]", ["variables.a", "variables.c"]],
  ['variables["a"]', ["variables"]],
  ["[1].map(each, each + params.least)", ["params.least"]],
  ['{"a": object.x}.transformList(k, v, [k, string(v), variables.y])', ["object.x", "variables.y"]],
  ["object.all(params, params > 1) && has(params.x)", ["object", "params.x"]],
  ["cel.bind(object, params.a, object.b + object)", ["params.a"]],
  ["math.greatest(object.a, 1)", ["object.a"]],
])("an expression tells what it may read: %s", (source, reads) => {
  expect([...compile(source, { variables: declared }).reads].sort()).toEqual(reads);
});
