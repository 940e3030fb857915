import { expect, test } from "vitest";
import { jdk } from "../../jdk/index.ts";
import { program } from "../../program/index.ts";
import { cpeKeys } from "./cpe-keys.ts";

test("a CPE name gives vendor and product, unescaped, each pair once", () => {
  const cpes = [
    "cpe:2.3:a:big\\+co:any\\:thing:1.0:*:*:*:*:*:*:*",
    "cpe:2.3:a:big\\+co:any\\:thing:1.0:rc1:*:*:*:*:*:*",
  ];

  expect(cpeKeys(cpes, "1.0")).toEqual([{ namespace: "CPE", name: "big+co:any:thing", version: "1.0", guessed: true }]);
  expect(cpeKeys(undefined, "1.0")).toEqual([]);
});

test("programs and Java runtimes are looked up by CPE", () => {
  const found = { id: "1", ecosystem: "", purl: "", locations: [] };
  const redis = { ...found, name: "redis", version: "7.0.1", cpes: ["cpe:2.3:a:redis:redis:7.0.1:*:*:*:*:*:*:*"] };
  const java = {
    ...found,
    name: "openjdk",
    version: "1.8.0_292-b10",
    cpes: ["cpe:2.3:a:oracle:openjdk:1.8.0_292:*:*:*:*:*:*:*"],
    facts: { javaVersion: "1.8.0_292" },
  };

  expect(program.advisoryKeys(redis, undefined)).toEqual([
    { namespace: "Bitnami", name: "redis", version: "7.0.1", selective: true },
    { namespace: "CPE", name: "redis:redis", version: "7.0.1", guessed: true },
  ]);
  expect(jdk.advisoryKeys(java, undefined)).toEqual([
    { namespace: "CPE", name: "oracle:openjdk", version: "1.8.0_292", guessed: true },
  ]);
});
