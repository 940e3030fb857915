import { describePackages, listEcosystem, literalImage } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { isForeign } from "./foreign-directories.ts";
import { takeInventory } from "./index.ts";

const directories = [{ name: "vendor" }, { name: "registry/src" }, { name: "gems", versioned: true }] as const;

test.each<[string, boolean]>([
  ["vendor/acme/composer.lock", true],
  ["app/vendor/acme/log/composer.lock", true],
  ["app/vendor/composer.lock", false],
  ["vendor/composer.lock", false],
  ["myvendor/acme/composer.lock", false],
  ["vendored/acme/composer.lock", false],
  ["vendor/vendor/composer.lock", true],
  ["root/.cargo/registry/src/index/serde-1.0.1/Cargo.lock", true],
  ["registry/Cargo.lock", false],
  ["registry/source/Cargo.lock", false],
  ["usr/lib/ruby/gems/3.2.0/gems/rake-13.0.6/Gemfile.lock", true],
  ["gems/rake-13.0.6/Gemfile.lock", true],
  ["gems/billing-core/Gemfile.lock", false],
  ["gems/Gemfile.lock", false],
  ["gems/billing/gems/rake-13.0.6/Gemfile.lock", true],
])("%s: %s", (path, expected) => {
  expect(isForeign(path, directories)).toBe(expected);
});

describe("below directories of installers", () => {
  const image = literalImage({
    layers: [{ "a.list": "mine 1", "vendor/acme/b.list": "theirs 1", "vendor/c.list": "mine 2" }],
  });
  async function scan(evidence: "installed" | "declared"): Promise<readonly string[]> {
    const list = listEcosystem();
    const analyzers = list.analyzers.map((analyzer) => ({ ...analyzer, evidence }));
    const other = { ...listEcosystem({ id: "other", matches: [] }), foreignDirectories: [{ name: "vendor" }] };
    return describePackages(
      await takeInventory(image, { ecosystems: [{ ...list, analyzers }, other], evidence: ["installed", "declared"] }),
    );
  }

  test("what says what is asked for is another project's", async () => {
    expect(await scan("declared")).toEqual(["mine@1 a.list 0", "mine@2 vendor/c.list 0"]);
  });

  test("what says what is installed counts", async () => {
    expect(await scan("installed")).toEqual([
      "mine@1 a.list 0",
      "mine@2 vendor/c.list 0",
      "theirs@1 vendor/acme/b.list 0",
    ]);
  });
});
