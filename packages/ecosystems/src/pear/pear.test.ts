import { observe, testParserCases } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { pear } from "./index.ts";
import { pearRegistry } from "./registry.ts";

testParserCases({
  folder: "php/cataloger",
  analyzers: [pearRegistry],
  as: (path) => (path.endsWith(".reg") ? `.registry/${path}` : undefined),
  expected: (pkg) => (pkg.type === "php-composer" ? undefined : pkg),
});

test("an extension of PECL", async () => {
  const { packages } = await observe(
    pearRegistry,
    "usr/local/lib/php/.registry/.channel.pecl.php.net/redis.reg",
    'a:3:{s:4:"name";s:5:"redis";s:7:"channel";s:12:"pecl.php.net";s:7:"version";a:2:{s:7:"release";s:5:"6.0.2";s:3:"api";s:5:"6.0.0";}}',
  );

  expect(packages).toEqual([{ name: "redis", version: "6.0.2", facts: { channel: "pecl.php.net" } }]);
  expect(pear.purl(packages[0] ?? { name: "", version: "" }, undefined)).toBe("pkg:pear/pecl.php.net/redis@6.0.2");
});

test("a Windows registry export is something else", async () => {
  expect((await observe(pearRegistry, "setup/settings.reg", "Windows Registry Editor")).all).toEqual([]);
});
