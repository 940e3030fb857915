import type { FileAnalyzer } from "@plimsoll/model";
import { observe } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { vcpkg } from "./index.ts";

const [status, manifest] = vcpkg.analyzers as readonly [FileAnalyzer, FileAnalyzer];

describe("installed/vcpkg/status", () => {
  const stanza = (fields: Readonly<Record<string, string>>): string =>
    `${Object.entries(fields)
      .map(([name, value]) => `${name}: ${value}\n`)
      .join("")}\n`;
  const read = (text: string) => observe(status, "opt/vcpkg/installed/vcpkg/status", text);

  test("takes installed ports with port version and triplet, and the place of their paragraph", async () => {
    const zlib = { Package: "zlib", Version: "1.3.1", Architecture: "x64-linux", Status: "install ok installed" };
    const { all } = await read(
      stanza({ ...zlib, Package: "fmt", Version: "10.2.1", "Port-Version": "2" }) + stanza(zlib),
    );

    expect(all).toEqual([
      {
        kind: "package",
        package: { name: "fmt", version: "10.2.1", architecture: "x64-linux", facts: { "port-version": "2" } },
        line: 1,
      },
      { kind: "package", package: { name: "zlib", version: "1.3.1", architecture: "x64-linux" }, line: 7 },
    ]);
  });

  test.each([
    ["a feature of a port", { Feature: "tools", Version: "1.0", Status: "install ok installed" }],
    ["a port that was removed", { Version: "1.0", Status: "purge ok not-installed" }],
    ["half an installation", { Version: "1.0", Status: "install ok half-installed" }],
  ])("%s is no package", async (_, fields) => {
    expect((await read(stanza({ Package: "a", ...fields }))).packages).toEqual([]);
  });
});

describe("vcpkg.json", () => {
  const read = (document: unknown) => observe(manifest, "src/vcpkg.json", JSON.stringify(document));

  test.each(["version", "version-string", "version-semver", "version-date"])("takes overrides by %s", async (field) => {
    const { packages } = await read({ name: "app", overrides: [{ name: "fmt", [field]: "10.1.1" }] });

    expect(packages).toMatchObject([{ name: "fmt", version: "10.1.1", relationship: "direct" }]);
  });

  test("dependencies without a version are no packages", async () => {
    expect((await read({ name: "app", dependencies: ["zlib", { name: "fmt" }] })).all).toEqual([]);
  });

  test.each([[[]], [{ name: "app", overrides: true }], [{ name: "app", overrides: [1] }]])(
    "%j is told, not passed over",
    async (document) => {
      const { packages, diagnostics } = await read(document);

      expect(packages).toEqual([]);
      expect(diagnostics).toHaveLength(1);
    },
  );
});

test("the package URL names the port version and the triplet", () => {
  const pkg = { name: "fmt", version: "10.2.1", architecture: "x64-linux", facts: { "port-version": "2" } };

  expect(vcpkg.purl(pkg, undefined)).toBe("pkg:generic/vcpkg/fmt@10.2.1?port_version=2&triplet=x64-linux");
});
