import { expect, test } from "vitest";
import { kubernetesObjects } from "./object.ts";
import { misshapenParts } from "./misshapen-parts.ts";

function partsOf(value: object): readonly string[] {
  return kubernetesObjects(value).flatMap((object) =>
    misshapenParts(object).map(({ path, expected, found }) => `${path.join("/")}: ${found}, not ${expected}`),
  );
}

const job = { apiVersion: "batch/v1", kind: "CronJob" };

test("parts of the wrong type are told by their place in the document, and null is nothing", () => {
  const spec = { containers: { a: 1 }, hostPID: 1, securityContext: { runAsUser: "0", fsGroup: null }, volumes: ["x"] };
  const cronJob = { ...job, spec: { jobTemplate: { spec: { template: { spec } } } } };
  const at = "items/0/spec/jobTemplate/spec/template/spec";

  expect(partsOf({ apiVersion: "v1", kind: "List", items: [cronJob] })).toEqual([
    `${at}/containers: a mapping, not a list`,
    `${at}/hostPID: a number, not true or false`,
    `${at}/volumes/0: text, not a mapping`,
    `${at}/securityContext/runAsUser: text, not a whole number`,
  ]);
});

test.each([
  [{ spec: [] }, "spec: a list, not a mapping"],
  [{ spec: { jobTemplate: "x" } }, "spec/jobTemplate: text, not a mapping"],
  [{ metadata: { name: 7 } }, "metadata/name: a number, not text"],
  [{ metadata: { name: "{{ .Release.Name }}" } }, "metadata/name: a template, not text"],
  [{ metadata: { labels: { a: true } } }, "metadata/labels/a: true or false, not text"],
])("%j", (more, expected) => {
  expect(partsOf({ ...job, ...more })).toEqual([expected]);
});

test("objects of other APIs are theirs, but for their metadata", () => {
  const other = { apiVersion: "example.com/v1", kind: "Deployment", spec: "x" };

  expect(partsOf(other)).toEqual([]);
  expect(partsOf({ ...other, metadata: { name: [] } })).toEqual(["metadata/name: a list, not text"]);
  expect(partsOf({ ...other, apiVersion: "apps/v1" })).toEqual(["spec: text, not a mapping"]);
});

test("one object is told of twenty times at most", () => {
  const subjects = Array.from({ length: 100_000 }, () => 1);

  expect(partsOf({ apiVersion: "rbac.authorization.k8s.io/v1", kind: "RoleBinding", subjects })).toHaveLength(20);
});
