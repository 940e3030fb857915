import { observe } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { bunBinaryLock, bunLock } from "./bun-lock.ts";
import { denoLock } from "./deno.ts";
import { npmPackageLock } from "./package-lock.ts";
import { parseDependencyPath, pnpmLock } from "./pnpm-lock.ts";
import { yarnLock } from "./yarn-lock.ts";

describe("yarn.lock", () => {
  test("Yarn 1: descriptors, aliases, edges and sources elsewhere", async () => {
    const { packages, all } = await observe(
      yarnLock,
      "yarn.lock",
      `# yarn lockfile v1


"@s/a@^1.0.0", "@s/a@^1.1.0":
  version "1.2.0"
  resolved "https://registry.yarnpkg.com/@s/a/-/a-1.2.0.tgz#abc"
  dependencies:
    b "~2"

"alias@npm:b@~2", b@~2:
  version "2.0.1"

g@git+https://example.com/g.git:
  version "0.1.0"
`,
    );

    expect(packages.map(({ name, version, dependsOn, facts }) => [name, version, dependsOn, facts])).toEqual([
      ["@s/a", "1.2.0", ["alias@2.0.1#10"], undefined],
      ["b", "2.0.1", undefined, undefined],
      ["g", "0.1.0", undefined, { from: "git+https://example.com/g.git" }],
    ]);
    expect(all.map((one) => (one.kind === "package" ? one.line : undefined))).toEqual([4, 10, 13]);
  });

  test("later: resolutions, workspaces, virtual packages", async () => {
    const { packages } = await observe(
      yarnLock,
      "yarn.lock",
      `__metadata:
  version: 8

"app@workspace:.":
  version: 0.0.0-use.local
  resolution: "app@workspace:."
  dependencies:
    a: "npm:^1.0.0"
  languageName: unknown
  linkType: soft

"a@npm:^1.0.0":
  version: 1.0.1
  resolution: "a@npm:1.0.1"
  peerDependencies:
    b: "*"
  checksum: 10/abc
`,
    );

    expect(
      packages.map(({ name, version, relationship, dependsOn }) => [name, version, relationship, dependsOn]),
    ).toEqual([
      ["app", "0.0.0-use.local", "workspace", ["a@1.0.1#12"]],
      ["a", "1.0.1", undefined, undefined],
    ]);
  });

  test("an entry without a version leaves a diagnostic with its line", async () => {
    const { packages, diagnostics } = await observe(
      yarnLock,
      "yarn.lock",
      'a@1:\n  resolved "x"\n\nb@1:\n  version "1.0.0"\n',
    );

    expect(packages.map(({ name }) => name)).toEqual(["b"]);
    expect(diagnostics.map(({ location }) => location)).toEqual([{ path: "yarn.lock", line: 1 }]);
  });

  test("manifests tell who asks, and what is only for development", async () => {
    const lock = `# yarn lockfile v1

a@^1.0.0:
  version "1.0.0"
  dependencies:
    shared "^1"

dev@^1.0.0:
  version "1.0.0"
  dependencies:
    shared "^1"
    deep "*"

deep@*:
  version "3.0.0"

maybe@^1.0.0:
  version "1.1.0"

member@^2.0.0:
  version "2.0.0"

resolved@2.0.0:
  version "2.0.0"

shared@^1:
  version "1.5.0"
`;
    const { packages, diagnostics } = await observe(yarnLock, "web/yarn.lock", lock, {
      "web/package.json":
        '{"workspaces":{"packages":["packages/*","!packages/no"]},"dependencies":{"a":"^1.0.0","resolved":"^1"},"devDependencies":{"dev":"^1.0.0"},"optionalDependencies":{"maybe":"^1.0.0"}}',
      "web/packages/one/package.json": '{"name":"one","dependencies":{"member":"^2.0.0"}}',
      "web/packages/no/package.json": '{"dependencies":{"deep":"*"}}',
      "web/packages/broken/package.json": "{",
      "other/package.json": '{"dependencies":{"dev":"^1.0.0"}}',
    });

    expect(
      packages.map(({ name, scope = "", relationship = "" }) => `${name} ${relationship} ${scope}`.trim()),
    ).toEqual([
      "a direct",
      "dev direct dev",
      "deep indirect dev",
      "maybe direct optional",
      "member direct",
      "resolved direct",
      "shared indirect",
    ]);
    expect(diagnostics).toEqual([]);
  });

  test.each(["no lock at all", "{}", "\u0000\u0001", "<<<<<<< HEAD"])(
    "a file that is none (%j) is named",
    async (text) => {
      const { diagnostics } = await observe(yarnLock, "app/yarn.lock", text);

      expect(diagnostics.map(({ location, effect }) => [location?.path, effect])).toEqual([
        ["app/yarn.lock", "incomplete"],
      ]);
    },
  );

  test.each(["", "# yarn lockfile v1\n\n\n", "__metadata:\n  version: 8\n  cacheKey: 10c0\n"])(
    "an empty lock (%j) is nothing to report",
    async (text) => {
      expect((await observe(yarnLock, "yarn.lock", text)).all).toEqual([]);
    },
  );
});

test.each([
  ["/a/1.0.0", "a", "1.0.0"],
  ["/@s/a/1.0.0_b@2.0.0", "@s/a", "1.0.0"],
  ["registry.npmjs.org/a/1.0.0", "a", "1.0.0"],
  ["/a@1.0.0(b@2.0.0)(c@3.0.0)", "a", "1.0.0"],
  ["@s/a@1.0.0-rc.1", "@s/a", "1.0.0-rc.1"],
])("pnpm: %s is %s at %s", (path, name, version) => {
  expect(parseDependencyPath(path)).toEqual({ name, version });
});

test.each(["file:../a", "a@https://example.com/a.tgz", "@codeload.github.com/a/b/tar.gz/0123", ""])(
  "pnpm: %j has no version",
  (path) => {
    expect(parseDependencyPath(path)).toBeUndefined();
  },
);

test("pnpm 9: what a set of peers needs for development does not count for another", async () => {
  const { packages } = await observe(
    pnpmLock,
    "pnpm-lock.yaml",
    `lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      a: {specifier: ^1, version: 1.0.0(p@1.0.0)}
    devDependencies:
      a2: {specifier: ^1, version: a@1.0.0(p@2.0.0)}
packages:
  a@1.0.0: {resolution: {integrity: sha512-x}}
  p@1.0.0: {}
  p@2.0.0: {}
snapshots:
  a@1.0.0(p@1.0.0):
    dependencies: {p: 1.0.0}
  a@1.0.0(p@2.0.0):
    dependencies: {p: 2.0.0}
  p@1.0.0: {}
  p@2.0.0: {}
`,
  );

  expect(packages.map(({ key, scope, relationship }) => [key, scope, relationship])).toEqual([
    ["a@1.0.0", undefined, "direct"],
    ["p@1.0.0", undefined, "indirect"],
    ["p@2.0.0", "dev", "indirect"],
  ]);
});

test("bun.lockb is refused with the way out", async () => {
  const { diagnostics } = await observe(bunBinaryLock, "bun.lockb", "#!/usr/bin/env bun\n");

  expect(diagnostics).toMatchObject([
    { code: "unsupported-format", effect: "incomplete", location: { path: "bun.lockb" } },
  ]);
  expect(diagnostics[0]?.message).toContain("--save-text-lockfile");
});

describe("lock files that are damaged", () => {
  const analyzers = [npmPackageLock, bunLock, denoLock, pnpmLock];

  test.each(
    analyzers.flatMap((analyzer) =>
      ["[1", "[]", '"text"', "{{{{", "[".repeat(20_000)].map(
        (text) => [analyzer.id, text.slice(0, 8), analyzer, text] as const,
      ),
    ),
  )("%s: %j leaves one diagnostic that names the file", async (_, __, analyzer, text) => {
    const { packages, diagnostics } = await observe(analyzer, "dir/lock", text);

    expect(packages).toEqual([]);
    expect(diagnostics.map(({ location }) => location?.path)).toEqual(["dir/lock"]);
  });
});

test("deno.lock: what a package needs, as a list and by name", async () => {
  const entries = (needs: string): string =>
    `{"version":"4","npm":{"a@1.0.0":{"integrity":"x","dependencies":${needs}},"b@2.0.0_a@1.0.0":{},"c@3.0.0":{},"c@4.0.0":{}}}`;
  const edges = async (needs: string): Promise<readonly string[] | undefined> =>
    (await observe(denoLock, "deno.lock", entries(needs))).packages[0]?.dependsOn;

  expect(await edges('["b","c@4.0.0","absent"]')).toEqual(["b@2.0.0_a@1.0.0", "c@4.0.0"]);
  expect(await edges('{"b":"b@2.0.0_a@1.0.0","c":"c@3.0.0"}')).toEqual(["b@2.0.0_a@1.0.0", "c@3.0.0"]);
  expect(await edges("7")).toBeUndefined();
});

test("the packages of a Bun workspace have the versions that the lock states of them", async () => {
  const text = JSON.stringify({
    lockfileVersion: 1,
    workspaces: {
      "": { name: "root", dependencies: { "@demo/a": "workspace:*" } },
      "packages/a": { name: "@demo/a", version: "3.1.0" },
    },
    packages: { "@demo/a": ["@demo/a@workspace:packages/a"] },
  });
  const { packages } = await observe(bunLock, "bun.lock", text);

  expect(packages).toMatchObject([{ name: "@demo/a", version: "3.1.0", relationship: "workspace" }]);
});
