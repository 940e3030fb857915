import { observe } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { npmPackageLock } from "./package-lock.ts";

async function read(lock: unknown): Promise<string[]> {
  const { packages } = await observe(npmPackageLock, "package-lock.json", JSON.stringify(lock, undefined, 1));
  return packages.map(({ name, version, scope, relationship, dependsOn }) =>
    [`${name}@${version}`, scope, relationship, dependsOn?.join("+")].filter((part) => part !== undefined).join(" "),
  );
}

describe("package-lock.json", () => {
  test("version 1: what has no name is no package", async () => {
    const nameless = { "": { version: "1.0.0" }, a: { version: "2.0.0", dependencies: { "": { version: "3.0.0" } } } };

    expect(await read({ lockfileVersion: 1, dependencies: nameless })).toEqual(["a@2.0.0"]);
  });

  test("version 3: places, scopes, aliases, links and edges found as Node.js looks them up", async () => {
    const found = await read({
      lockfileVersion: 3,
      packages: {
        "": { name: "app", version: "1.0.0", dependencies: { a: "1" }, devDependencies: { d: "1" } },
        "node_modules/a": { version: "1.0.0", dependencies: { b: "2" } },
        "node_modules/a/node_modules/b": { version: "2.0.0", dependencies: { c: "1" } },
        "node_modules/b": { version: "1.0.0" },
        "node_modules/c": { name: "real-c", version: "1.0.0", optional: true },
        "node_modules/d": { version: "1.0.0", dev: true },
        "node_modules/w": { resolved: "packages/w", link: true },
        "packages/w": { version: "0.0.0", dependencies: { b: "1" } },
      },
    });

    expect(found).toEqual([
      "app@1.0.0 root node_modules/a",
      "a@1.0.0 direct node_modules/a/node_modules/b",
      "b@2.0.0 indirect node_modules/c",
      "b@1.0.0 direct",
      "real-c@1.0.0 optional indirect",
      "d@1.0.0 dev direct",
      "w@0.0.0 workspace node_modules/b",
    ]);
  });

  test("version 1: nested dependencies, aliases, and sources without a version", async () => {
    const found = await read({
      name: "app",
      version: "1.0.0",
      lockfileVersion: 1,
      dependencies: {
        a: { version: "1.0.0", requires: { b: "2", gone: "1" }, dependencies: { b: { version: "2.0.0" } } },
        b: { version: "npm:real-b@1.0.0", dev: true },
        g: { version: "git+ssh://git@example.com/g.git#abc" },
        f: { version: "file:../f" },
      },
    });

    expect(found).toEqual([
      "app@1.0.0 root",
      "a@1.0.0 node_modules/a/node_modules/b",
      "real-b@1.0.0 dev",
      "g@",
      "f@",
      "b@2.0.0",
    ]);
  });

  test("entries of wrong types are passed over, the rest is kept", async () => {
    const packages = {
      "node_modules/a": 1,
      "node_modules/b": { version: [] },
      "node_modules/__proto__": null,
      "node_modules/c": { version: "1.0.0" },
    };

    expect((await read({ packages })).at(-1)).toBe("c@1.0.0 indirect");
  });

  test("integrity becomes hashes", async () => {
    const { packages } = await observe(
      npmPackageLock,
      "package-lock.json",
      '{"packages":{"node_modules/a":{"version":"1.0.0","integrity":"sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk= sha512-x"}}}',
    );

    expect(packages[0]?.hashes).toEqual({ sha1: "da39a3ee5e6b4b0d3255bfef95601890afd80709" });
  });
});
