import { observe, testParserCases } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { bazelMaven, bazelMavenLock } from "./bazel.ts";
import { readStarlark } from "./starlark.ts";

testParserCases({ folder: "misc/bazelmaven", analyzers: [bazelMaven], as: () => "MODULE.bazel" });

const load = 'load("@rules_jvm_external//:defs.bzl", mi = "maven_install")\n';

describe("maven/bazel", () => {
  test("reads what a workspace asks for under another name, with packaging, calls and a default from elsewhere", async () => {
    const { packages, diagnostics } = await observe(
      bazelMaven,
      "WORKSPACE",
      `${load}mi(
    artifacts = [
        "g:a:1",  # a comment
        'g:b:aar:2',
        "g:c:jar:sources:3",
        "g:d:4@aar",
        "g:managed",
        maven.artifact("g", "e", "5", testonly = True),
        "g:f:%s" % VERSION,
    ],
)
mi(artifacts = OTHERS + ["g:h:8"])
`,
    );

    expect(packages.map(({ name, version }) => `${name}:${version}`)).toEqual(["g:h:8"]);
    expect(diagnostics.map(({ location }) => location?.line)).toEqual([2, 13]);
  });

  test("reads each form of coordinates", async () => {
    const { packages, diagnostics } = await observe(
      bazelMaven,
      "WORKSPACE.bazel",
      `${load}mi(artifacts = ["g:a:1", 'g:b:aar:2', "g:c:jar:sources:3", "g:d:4@aar", "g:managed", maven.artifact("g", "e", "5")])`,
    );

    expect(packages.map(({ name, version }) => `${name}:${version}`)).toEqual([
      "g:a:1",
      "g:b:2",
      "g:c:3",
      "g:d:4",
      "g:e:5",
    ]);
    expect(diagnostics).toEqual([]);
  });

  test("marks what a module needs for development only", async () => {
    const { packages } = await observe(
      bazelMaven,
      "MODULE.bazel",
      `maven = use_extension("@rules_jvm_external//:extensions.bzl", "maven", dev_dependency = True)
maven.install(artifacts = ["g:a:1"])
other = use_extension("@rules_other//:extensions.bzl", "maven")
other.install(artifacts = ["g:b:1"])
`,
    );

    expect(packages).toEqual([{ name: "g:a", version: "1", relationship: "direct", scope: "dev" }]);
  });
});

describe("maven/bazel-lock", () => {
  test("reads version 2 with its edges", async () => {
    const { packages, diagnostics } = await observe(
      bazelMavenLock,
      "maven_install.json",
      JSON.stringify({
        artifacts: { "g:a": { shasums: {}, version: "1" }, "g:b:aar": { version: "2" }, "g:c": {} },
        dependencies: { "g:a": ["g:b:aar"] },
        version: "2",
      }),
    );

    expect(packages).toEqual([
      { name: "g:a", version: "1", dependsOn: ["g:b"] },
      { name: "g:b", version: "2" },
    ]);
    expect(diagnostics).toHaveLength(1);
  });

  test("reads the tree of version 1", async () => {
    const { packages } = await observe(
      bazelMavenLock,
      "third_party/android_maven_install.json",
      JSON.stringify({
        dependency_tree: {
          dependencies: [
            { coord: "g:a:1", directDependencies: ["g:b:jar:sources:2"] },
            { coord: "g:b:jar:sources:2", directDependencies: [] },
          ],
        },
      }),
    );

    expect(packages).toEqual([
      { name: "g:a", version: "1", dependsOn: ["g:b"] },
      { name: "g:b", version: "2" },
    ]);
  });
});

test("a list that doubles itself and deep nesting are given up", () => {
  const doubled = `a = ["x"]\n${"a = a + a\n".repeat(60)}f(a)\n`;
  const deep = `f(${"[".repeat(10_000)}${"]".repeat(10_000)})\n`;

  expect(readStarlark(doubled)).toMatchObject([{ kind: "call", positional: [undefined] }]);
  expect(readStarlark(deep)).toMatchObject([{ kind: "unread" }]);
});

test.each([
  '"""'.repeat(50_001),
  '"\\'.repeat(50_000),
  "(".repeat(100_000),
  "a\n".repeat(50_000),
  "a.".repeat(50_000),
  "-".repeat(100_000),
])("odd text is read in linear time (%#)", (text) => {
  const start = performance.now();
  readStarlark(text);

  expect(performance.now() - start).toBeLessThan(5_000);
});
