import { expect, test } from "vitest";
import { alpineStore } from "./fixtures/alpine.ts";
import { checkServiceOptions } from "./service-options.ts";

test("keys are refused beside advisories that the caller opens, of which nothing says who signed them", () => {
  const keys = { database: "data", advisoryKeys: [{ type: "pkix", pem: "" }] } as const;

  expect(() => checkServiceOptions({ ...keys, advisories: alpineStore([]) })).toThrow("advisoryKeys");
  expect(() => checkServiceOptions({ ...keys, advisories: () => Promise.resolve(alpineStore([])) })).toThrow(TypeError);
  expect(() => checkServiceOptions({ ...keys, advisories: "oci://registry.example/db:1" })).not.toThrow();
});

test.each(["mysql://db/clair", "http://db:5432/clair", ""])("the database %j is none", (database) => {
  expect(() => checkServiceOptions({ database })).toThrow("database: a postgres:// URL or a directory is needed");
});

test.each(["postgres://db/clair", "postgresql://db/clair", "file:///srv/data", "data", "C:\\data", "memory:"])(
  "the database %j is one",
  (database) => {
    expect(() => checkServiceOptions({ database })).not.toThrow();
  },
);
