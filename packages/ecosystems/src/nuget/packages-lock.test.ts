import { observe } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { packagesLock } from "./packages-lock.ts";

test("a package is needed and needs by all frameworks that have it, each at its own versions", async () => {
  const lock = {
    version: 1,
    dependencies: {
      "net8.0": {
        Memory: { type: "Transitive", resolved: "4.5.5", dependencies: { vectors: "4.4.0" } },
        Vectors: { type: "Transitive", resolved: "4.4.0" },
      },
      ".NETFramework,Version=v4.6.2": {
        Memory: { type: "Direct", resolved: "4.5.5", dependencies: { Vectors: "4.5.0", Buffers: "4.5.1" } },
        Vectors: { type: "Transitive", resolved: "4.5.0" },
        Buffers: { type: "CentralTransitive", resolved: "4.5.1" },
      },
    },
  };
  const { packages } = await observe(packagesLock, "packages.lock.json", JSON.stringify(lock));

  expect(packages.map(({ key, relationship, dependsOn }) => [key, relationship, dependsOn])).toEqual([
    ["Memory@4.5.5", "direct", ["Vectors@4.4.0", "Vectors@4.5.0", "Buffers@4.5.1"]],
    ["Vectors@4.4.0", "indirect", undefined],
    ["Vectors@4.5.0", "indirect", undefined],
    ["Buffers@4.5.1", "indirect", undefined],
  ]);
});
