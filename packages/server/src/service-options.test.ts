import { expect, test } from "vitest";
import { alpineStore } from "./fixtures/alpine.ts";
import { checkServiceOptions } from "./service-options.ts";

test("keys are refused beside advisories that the caller opens, of which nothing says who signed them", () => {
  const keys = { database: "data", advisoryKeys: [{ type: "pkix", pem: "" }] } as const;

  expect(() => checkServiceOptions({ ...keys, advisories: alpineStore([]) })).toThrow("advisoryKeys");
  expect(() => checkServiceOptions({ ...keys, advisories: () => Promise.resolve(alpineStore([])) })).toThrow(TypeError);
  expect(() => checkServiceOptions({ ...keys, advisories: "oci://registry.example/db:1" })).not.toThrow();
});
