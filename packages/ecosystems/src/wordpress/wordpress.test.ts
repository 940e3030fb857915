import { observe, testParserCases } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { wordpressHeaders } from "./headers.ts";
import { wordpress } from "./index.ts";

testParserCases({
  folder: "misc/wordpress-plugins",
  analyzers: [wordpressHeaders],
  as: () => "wp-content/plugins/any/any.php",
});

const header =
  "<?php\n/**\n * Plugin Name: Akismet Anti-spam\n * Version: 5.3 \n * Author: Automattic\n * License: GPLv2 or later\n * Text Domain: akismet\n */\n";

test.each([
  ["var/www/html/wp-content/plugins/akismet/akismet.php", header, "pkg:wordpress-plugin/akismet@5.3"],
  [
    "wp-content/plugins/hello.php",
    "<?php\n/*\nPlugin Name: Hello Dolly\nVersion: 1.7.2\n*/",
    "pkg:wordpress-plugin/hello@1.7.2",
  ],
  ["wp-content/themes/twenty/style.css", "/*\nTheme Name: Twenty\nVersion: 1.0\n*/", "pkg:wordpress-theme/twenty@1.0"],
  ["wp-includes/version.php", "<?php\n$wp_version = '6.4.2';\n", "pkg:generic/wordpress@6.4.2"],
])("%s", async (path, text, purl) => {
  const { packages } = await observe(wordpressHeaders, path, text);

  expect(packages.map((pkg) => wordpress.purl(pkg, undefined))).toEqual([purl]);
});

test.each([
  ["app/index.php", header],
  ["wp-content/plugins/akismet/inner/class.php", header],
  ["wp-content/plugins/a/a.php", `${" ".repeat(10_000)}${header}`],
])("%s says nothing", async (path, text) => {
  expect((await observe(wordpressHeaders, path, text)).all).toEqual([]);
});

test("a plugin without a version is told; a child theme needs its parent", async () => {
  const plugin = "<?php\n// Plugin Name: without a version";
  const theme = "/*\nTheme Name: Child\nTemplate: twenty\nVersion: 1.0\n*/";

  expect((await observe(wordpressHeaders, "wp-content/plugins/a/a.php", plugin)).all).toMatchObject([
    { kind: "diagnostic", code: "unknown-version", effect: "none" },
  ]);
  expect((await observe(wordpressHeaders, "wp-content/themes/child/style.css", theme)).packages).toMatchObject([
    { name: "child", dependsOn: ["twenty"] },
  ]);
});
