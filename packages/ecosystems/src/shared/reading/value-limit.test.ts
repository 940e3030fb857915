import { defaultLimits } from "@plimsoll/model";
import type { Analyzer } from "@plimsoll/model";
import { feedAnalyzers } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { everyEcosystem } from "../../index.ts";
import { npmPackageLock } from "../../npm/package-lock.ts";
import { pnpmLock } from "../../npm/pnpm-lock.ts";
import { tooManyValues } from "./value-limit.ts";
import { yarnLock } from "../../npm/yarn-lock.ts";

test("a lock file is judged by how many values it has, however short they are", () => {
  const path = "yarn.lock";
  const file = { path, limits: defaultLimits };

  expect(tooManyValues(file, "a\n".repeat(160_000))).toBeUndefined();
  for (const text of ["a\n", "a:", "a,"].map((value) => value.repeat(160_001)))
    expect(tooManyValues(file, text)).toMatchObject({ code: "limit-exceeded", location: { path } });
});

test("who scans decides how many values are too many", () => {
  const judge = (maxLockFileValues: number) =>
    tooManyValues({ path: "yarn.lock", limits: { ...defaultLimits, maxLockFileValues } }, "a\n".repeat(200_000));

  expect(judge(200_000)).toBeUndefined();
  expect(judge(199_999)).toMatchObject({ message: "yarn.lock was not read: it has more than 199999 values" });
});

test("of JSON twice as many are read, since they take less memory; ends of lines are none", () => {
  const file = { path: "bun.lock", limits: defaultLimits };

  expect(tooManyValues(file, "\n:\n,".repeat(160_000), "json")).toBeUndefined();
  expect(tooManyValues(file, ",".repeat(320_001), "json")).toMatchObject({
    message: "bun.lock was not read: it has more than 320000 values",
  });
});

test("what is read entry by entry may have four times as many, in as many entries as others have values", async () => {
  const path = "package-lock.json";
  const feed = (entry: string, count: number): Promise<readonly object[]> => {
    const entries = Array.from({ length: count }, (_, at) => `,"${at}":${entry}`).join("");
    const text = `{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"1.0.0"}${entries}}}`;
    return feedAnalyzers([npmPackageLock], new TextEncoder().encode(text), [path]);
  };

  expect(await feed('{"link":true,"bin":{"a":1,"b":1,"c":1}}', 30_000)).toContainEqual(
    expect.objectContaining({ kind: "package" }),
  );
  expect(await feed("[1,1,1,1,1,1,1,1]", 150_000)).toMatchObject([
    { code: "limit-exceeded", message: "package-lock.json was not read: it has more than 1280000 values" },
  ]);
  expect(await feed("1", 160_000)).toMatchObject([
    { code: "limit-exceeded", message: "package-lock.json was not read: it has more than 160000 entries" },
  ]);
});

test.each<readonly [string, Analyzer, number, string]>([
  ["yarn.lock", yarnLock, 640_000, '# yarn lockfile v1\n\na@1:\n  version "1"\n\n'],
  ["pnpm-lock.yaml", pnpmLock, 1_280_000, "lockfileVersion: '9.0'\npackages:\n  a@1.0.0: {}\n"],
])("%s with more values than memory is given for is told and not read", async (path, analyzer, most, text) => {
  const feed = (tail: string): Promise<readonly object[]> =>
    feedAnalyzers([analyzer], new TextEncoder().encode(text + tail), [path]);

  expect(await feed("")).toContainEqual(expect.objectContaining({ kind: "package" }));
  expect(await feed("#\n".repeat(most))).toEqual([
    {
      kind: "diagnostic",
      code: "limit-exceeded",
      effect: "incomplete",
      message: `${path} was not read: it has more than ${most} values`,
      location: { path },
    },
  ]);
});

const analyzers = everyEcosystem.flatMap((ecosystem) => ecosystem.analyzers);

/** How each document begins that is read as a whole, and an entry that may be repeated. */
test.each<readonly [string, string, string, string]>([
  ["bun.lock", "npm/bun-lock", '{"packages":{', '"a":[],'],
  ["deno.lock", "npm/deno-lock", '{"npm":{', '"a":{},'],
  ["Pipfile.lock", "pypi/pipfile-lock", '{"default":{', '"a":{},'],
  ["packages.lock.json", "nuget/packages-lock", '{"dependencies":{"net8.0":{', '"a":{},'],
  ["project.assets.json", "nuget/project-assets", '{"libraries":{', '"a":{},'],
  ["Package.resolved", "swift/package-resolved", '{"pins":[', "{},"],
  ["conan.lock", "conan/lock", '{"requires":[', '"a/1",'],
  ["flake.lock", "nix-flake/lock", '{"nodes":{', '"a":{},'],
  ["nimble.lock", "nimble/lock", '{"packages":{', '"a":{},'],
  ["renv.lock", "cran/renv-lock", '{"Packages":{', '"a":{},'],
  ["vcpkg.json", "vcpkg/manifest", '{"dependencies":[', '"a",'],
  ["build.sbt.lock", "maven/sbt-lock", '{"dependencies":[', "{},"],
  ["maven_install.json", "maven/bazel-lock", '{"artifacts":{', '"a":{},'],
  ["pubspec.lock", "pub/pubspec-lock", "packages:\n", "  a: {}\n"],
  ["Podfile.lock", "cocoapods/podfile-lock", "PODS:\n", "  - a\n"],
  ["stack.yaml.lock", "hackage/stack-lock", "packages:\n", "- {}\n"],
  ["stack.yaml", "hackage/stack-project", "extra-deps:\n", "- a\n"],
  ["conda-lock.yml", "conda/lock", "package:\n", "- {}\n"],
  ["environment.yml", "conda/environment", "dependencies:\n", "- a\n"],
  [".github/workflows/a.yml", "github-actions/workflow", "jobs:\n", "- a\n"],
  ["Gopkg.lock", "golang/dep-lock", "", "[[projects]]\n"],
  ["manifest.toml", "hex/gleam-manifest", "", "[[packages]]\n"],
  ["Manifest.toml", "julia/manifest", "", "[[deps]]\n"],
  ["mise.toml", "program/mise", "[tools]\n", "a=1\n"],
  ["pyproject.toml", "pypi/pyproject", "", "[[a]]\n"],
  ["Cargo.toml", "cargo/manifest", "", "[[a]]\n"],
  ["verification-metadata.xml", "maven/gradle-verification", "<a>", "<a/>"],
  ["a.csproj", "nuget/project-files", "<Project>", "<a/>"],
  ["Directory.Packages.props", "nuget/project-files", "<Project>", "<a/>"],
  ["pom.xml", "maven/pom", "<project>", "<a/>"],
  ["a.deps.json", "nuget/deps-json", '{"libraries":{', '"a":{},'],
  ["node_modules/a/package.json", "npm/installed", '{"dependencies":{', '"a":{},'],
  ["pubspec.yaml", "pub/pubspec", "name: a\n", "- a\n"],
  ["META.json", "cpan/meta", '{"name":[', "{},"],
  ["META.yml", "cpan/meta", "name:\n", "- a\n"],
])("%s has a limit of values, too", async (path, id, head, entry) => {
  const analyzer = analyzers.find((each) => each.id === id);
  if (analyzer === undefined) throw new Error(`there is no ${id}`);
  const most = (analyzer.readsByEntries === true ? 16 : 4) * 1024 * 1024;
  const text = head + entry.repeat((most - head.length) / entry.length);

  expect(await feedAnalyzers([analyzer], new TextEncoder().encode(text), [path])).toMatchObject([
    { kind: "diagnostic", code: "limit-exceeded", message: expect.stringContaining("was not read") as unknown },
  ]);
});
