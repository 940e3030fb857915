import { countTurns, observe } from "@plimsoll/testkit";
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

  test("of what stands twice, the last counts alone, as JSON's readers have it", async () => {
    const texts = [
      '{"dependencies":{"a":{"version":"1.0.0"}},"lockfileVersion":1,"dependencies":{"b":{"version":"2.0.0"}}}',
      `{"packages":{"":{"dependencies":{"a":"1"}},"":{"version":"1.0.0","name":"r"},
        "node_modules/a":{"link":true,"resolved":"w"},"node_modules/a":{"version":"3.0.0"},
        "node_modules/c":{"version":"4.0.0","dependencies":{"a":"3"}}}}`,
    ];
    const found = await Promise.all(texts.map((text) => observe(npmPackageLock, "package-lock.json", text)));

    expect(found.map(({ packages }) => packages.map(({ key, relationship }) => [key, relationship]))).toEqual([
      [["node_modules/b", undefined]],
      [
        ["", "root"],
        ["node_modules/a", "indirect"],
        ["node_modules/c", "indirect"],
      ],
    ]);
    expect(found[1]?.packages[2]?.dependsOn).toEqual(["node_modules/a"]);
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
      "b@2.0.0",
      "real-b@1.0.0 dev",
      "g@",
      "f@",
    ]);
  });

  test("of two entries for one directory the later counts, and of two lists of them, too", async () => {
    const entry = (version: string): string => `"node_modules/a":{"version":"${version}"}`;
    const text = `{"packages":{${entry("1.0.0")}},"packages":{${entry("2.0.0")},${entry("3.0.0")}}}`;
    const { packages } = await observe(npmPackageLock, "package-lock.json", text);

    expect(packages).toMatchObject([{ name: "a", version: "3.0.0" }]);
  });

  test("version 1: of two lists of dependencies the later counts", async () => {
    const text =
      '{"dependencies":{"a":{"version":"1.0.0"},"b":{"version":"1.0.0"}},"dependencies":{"a":{"version":"2.0.0"}}}';
    const { packages } = await observe(npmPackageLock, "package-lock.json", text);

    expect(packages).toMatchObject([{ name: "a", version: "2.0.0" }]);
  });

  test("a path that can be in no file system finds no neighbours: a thousand names in each would take minutes", async () => {
    const edgesAt = async (levels: number): Promise<string | undefined> => {
      const directory = Array.from({ length: levels }, () => "node_modules/a").join("/");
      const names = Array.from({ length: 1_000 }, (_, at): [string, string] => [`x${at}`, "1"]);
      const packages = {
        "node_modules/x1": { version: "1.0.0" },
        "node_modules/a/node_modules/x2": { version: "1.0.0" },
        [`${directory}/node_modules/b`]: { version: "1.0.0", dependencies: Object.fromEntries(names) },
      };
      return (await read({ packages })).at(-1);
    };

    expect(await edgesAt(100)).toBe("b@1.0.0 indirect node_modules/x1+node_modules/a/node_modules/x2");
    expect(await edgesAt(900)).toBe("b@1.0.0 indirect");
    // Each directory is short, and there are too many.
    const flat = { [`${"d/".repeat(300)}node_modules/b`]: { version: "1.0.0", dependencies: { x1: "1" } } };
    expect((await read({ packages: { "node_modules/x1": { version: "1.0.0" }, ...flat } })).at(-1)).toBe(
      "b@1.0.0 indirect",
    );
  });

  test("values of a wrong type are told with their line, the first twenty of them one by one", async () => {
    const entry = (at: number): string => `"node_modules/p${at}": { "version": "1",\n"dependencies": {\n"a": [] } }`;
    const text = `{\n"name": 7, "packages": {\n${Array.from({ length: 30 }, (_, at) => entry(at)).join(",\n")}}}`;
    const { diagnostics } = await observe(npmPackageLock, "package-lock.json", text);

    expect(diagnostics).toHaveLength(20);
    expect(diagnostics[1]).toMatchObject({
      message: expect.stringContaining("packages.node_modules/p1.dependencies.a is a list") as unknown,
      location: { line: 7 },
    });
    expect(diagnostics[19]?.message).toMatch(/, and 10 more values have a wrong type$/);
  });

  test("others have their turn while a large one is read", async () => {
    const lock = {
      packages: Object.fromEntries(
        Array.from({ length: 9_000 }, (_, at) => [`node_modules/package-${at}`, { version: `1.0.${at}` }]),
      ),
    };
    const turns = countTurns();
    const { packages } = await observe(npmPackageLock, "package-lock.json", JSON.stringify(lock));
    turns.stop();

    expect(packages[17]).toMatchObject({ name: "package-17", version: "1.0.17" });
    // Half a megabyte is read twice, an entry being four times as much work as its bytes: thirteen turns, or one more where others
    // had left work of theirs. Four would do for the bytes alone.
    expect(turns.count).toBeGreaterThanOrEqual(10);
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
