import { describePackages, listEcosystem, literalImage } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { isForeign } from "./foreign-directories.ts";
import { takeInventory } from "./index.ts";

const directories = [
  { name: "vendor" },
  { name: "registry/src" },
  { name: "gems", versioned: true },
  { name: "deps", beside: ["mix.exs", "mix.lock"] },
] as const;

const there = new Set(["app/mix.lock", "deps/jason/mix.exs"]);

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
  ["app/deps/jason/mix.lock", true],
  ["app/deps/mix.lock", false],
  ["app/apps/deps/jason/mix.lock", false],
  ["deps/jason/mix.lock", false],
  ["deps/jason/deps/decimal/mix.lock", true],
])("%s: %s", (path, expected) => {
  expect(isForeign(path, directories, (other) => there.has(other))).toBe(expected);
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

  test("a directory that others have, too, is an installer's where its file lies beside, in whatever layer", async () => {
    const inDeps = {
      ...listEcosystem({ id: "other", matches: [] }),
      foreignDirectories: [{ name: "deps", beside: ["mix.exs"] }],
    };
    const list = listEcosystem();
    const analyzers = list.analyzers.map((analyzer) => ({ ...analyzer, evidence: "declared" as const }));
    const layers = [
      {
        "app/deps/jason/b.list": "theirs 1",
        "c/deps/mine/b.list": "mine 1",
        "gone/deps/mine/b.list": "mine 2",
        "gone/mix.exs": "",
      },
      { "app/mix.exs": "", "gone/.wh.mix.exs": "" },
    ];
    expect(
      describePackages(
        await takeInventory(literalImage({ layers }), {
          ecosystems: [{ ...list, analyzers }, inDeps],
          evidence: ["declared"],
        }),
      ),
    ).toEqual(["mine@1 c/deps/mine/b.list 0", "mine@2 gone/deps/mine/b.list 0"]);
  });

  test("what says what is installed counts", async () => {
    expect(await scan("installed")).toEqual([
      "mine@1 a.list 0",
      "mine@2 vendor/c.list 0",
      "theirs@1 vendor/acme/b.list 0",
    ]);
  });
});
