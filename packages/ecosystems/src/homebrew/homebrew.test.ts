import type { FileAnalyzer } from "@plimsoll/model";
import { observe, testParserCases } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { homebrew } from "./index.ts";

const [receipt, cask] = homebrew.analyzers as readonly [FileAnalyzer, FileAnalyzer];
const path = "home/linuxbrew/.linuxbrew/Cellar/openssl@3/3.3.1_1/INSTALL_RECEIPT.json";

test("takes name and version from the place, dependencies and tap from the receipt", async () => {
  const text = JSON.stringify({
    source: { tap: "homebrew/core" },
    runtime_dependencies: [{ full_name: "ca-certificates" }, { full_name: "a/b/zlib" }, 1],
  });

  const { packages } = await observe(receipt, path, text);

  expect(packages).toEqual([
    { name: "openssl@3", version: "3.3.1_1", dependsOn: ["ca-certificates", "zlib"], facts: { tap: "homebrew/core" } },
  ]);
  expect(packages.map((pkg) => homebrew.purl(pkg, undefined))).toEqual([
    "pkg:brew/openssl%403@3.3.1_1?tap=homebrew%2Fcore",
  ]);
});

test("a broken receipt still stands for its package", async () => {
  const { packages, diagnostics } = await observe(receipt, path, "{");

  expect(packages).toEqual([{ name: "openssl@3", version: "3.3.1_1" }]);
  expect(diagnostics).toHaveLength(1);
});

test.each(["opt/INSTALL_RECEIPT.json", "Cellar/INSTALL_RECEIPT.json", "Cellar/a/INSTALL_RECEIPT.json"])(
  "%s is no package",
  async (other) => {
    expect((await observe(receipt, other, "{}")).all).toEqual([]);
  },
);

testParserCases({ folder: "os/homebrew", analyzers: [receipt, cask] });

test("the receipt of a cask states its version", async () => {
  const path = "home/linuxbrew/.linuxbrew/Caskroom/firefox/.metadata/INSTALL_RECEIPT.json";
  const text = '{"source":{"tap":"homebrew/cask","version":"128.0"},"uninstall_artifacts":[]}';

  expect((await observe(receipt, path, text)).packages).toEqual([
    { name: "firefox", version: "128.0", facts: { tap: "homebrew/cask" } },
  ]);
  expect((await observe(receipt, path, "{}")).diagnostics).toHaveLength(1);
});
