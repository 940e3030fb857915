import { observe, processorTime } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { nimble } from "./index.ts";
import { nimbleInstalled } from "./installed.ts";
import { nimbleLock } from "./lock.ts";
import { nimbleManifest, nimbleRequested } from "./manifest.ts";

const hash = "f3d9a2e0b6c7d8e9f0a1b2c3d4e5f6a7b8c9d0e1";

test.each([
  [`root/.nimble/pkgs2/jester-0.5.0-${hash}/nimblemeta.json`, [{ name: "jester", version: "0.5.0" }]],
  [`root/.nimble/pkgs2/http-auth-1.2.0-rc1-${hash}/nimblemeta.json`, [{ name: "http-auth", version: "1.2.0-rc1" }]],
  [`root/.nimble/pkgs2/asynctools-#pr_fix-${hash}/nimblemeta.json`, [{ name: "asynctools", version: "#pr_fix" }]],
  ["root/.nimble/pkgs/httpbeast-0.2.2/nimblemeta.json", [{ name: "httpbeast", version: "0.2.2" }]],
  ["srv/nimblemeta.json", []],
])("%s", async (path, expected) => {
  const { packages } = await observe(nimbleInstalled, path, "{}");

  expect(packages).toEqual(expected);
});

describe("nimble.lock", () => {
  test("packages with their commits and needs", async () => {
    const lock = {
      version: 2,
      packages: {
        httpbeast: {
          version: "0.4.1",
          vcsRevision: "abc",
          url: "https://example.org/httpbeast",
          downloadMethod: "git",
          dependencies: ["asynctools", "nim"],
          checksums: { sha1: hash },
        },
        asynctools: { version: "0.1.1", dependencies: [] },
        broken: { vcsRevision: "def" },
      },
      tasks: {},
    };

    const { packages, all, diagnostics } = await observe(nimbleLock, "nimble.lock", JSON.stringify(lock, null, 2));

    expect(packages).toEqual([
      {
        name: "httpbeast",
        version: "0.4.1",
        dependsOn: ["asynctools"],
        facts: { revision: "abc", from: "https://example.org/httpbeast" },
      },
      { name: "asynctools", version: "0.1.1" },
    ]);
    expect(all.map((one) => (one.kind === "package" ? one.line : undefined))).toEqual([4, 17, undefined]);
    expect(diagnostics).toMatchObject([{ message: "nimble.lock: the package broken has no version" }]);
    expect(packages.map((pkg) => nimble.purl(pkg, undefined))).toEqual([
      "pkg:nimble/httpbeast@0.4.1",
      "pkg:nimble/asynctools@0.1.1",
    ]);
  });

  test.each(["", "[]", '{"packages":[]}', '{"packages":'])("%j is reported", async (text) => {
    const { packages, diagnostics } = await observe(nimbleLock, "nimble.lock", text);

    expect(packages).toEqual([]);
    expect(diagnostics).toHaveLength(1);
  });
});

describe("a manifest", () => {
  const manifest = `# Package
version       = "0.1.0" # of the package
author        = "A # B"
license       = "MIT"

requires "nim >= 1.6.0"
requires "jester >= 0.5.0 & < 1.0",
  "sugar == 1.2.0", # pinned
  "https://example.org/x.git#head"
requires("karax#head")

task test, "Runs": exec "nim c"
`;

  test("the package itself and what is pinned", async () => {
    const { packages, all } = await observe(nimbleManifest, "app/shop.nimble", manifest);

    expect(packages).toEqual([
      {
        name: "shop",
        version: "0.1.0",
        relationship: "root",
        licenses: ["MIT"],
        dependsOn: ["jester", "sugar", "karax"],
      },
      { name: "sugar", version: "1.2.0", relationship: "direct" },
    ]);
    expect(all.at(-1)).toMatchObject({ line: 8 });
  });

  test("ranges, with the least version that each names", async () => {
    const { packages } = await observe(nimbleRequested, "app/shop.nimble", manifest);

    expect(packages).toEqual([
      { name: "jester", version: "0.5.0", relationship: "direct", facts: { requirement: ">= 0.5.0 & < 1.0" } },
    ]);
  });

  test("that of an installed package says nothing of its own", async () => {
    const path = `root/.nimble/pkgs2/shop-0.1.0-${hash}/shop.nimble`;

    expect(await observe(nimbleManifest, path, manifest)).toMatchObject({ all: [] });
    expect(await observe(nimbleRequested, path, manifest)).toMatchObject({ all: [] });
  });

  test("is read in linear time", async () => {
    const started = processorTime();

    await observe(nimbleRequested, "a.nimble", `requires ${'"a >= 1", '.repeat(100_000)}`);
    await observe(nimbleRequested, "a.nimble", `requires "${" ".repeat(1_000_000)}`);

    expect(processorTime() - started).toBeLessThan(2_000);
  });
});
