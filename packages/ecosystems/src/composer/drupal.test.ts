import { observe } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { drupalExtensions } from "./drupal.ts";
import { composer } from "./index.ts";

test.each([
  [
    "web/modules/contrib/token/token.info.yml",
    "type: module\nname: Token\ncore_version_requirement: ^9\n# Information added by Drupal.org packaging script on 2023\nversion: '8.x-1.13'\nproject: 'token'\n",
    "pkg:composer/drupal/token@1.13.0",
  ],
  [
    "themes/olivero2/olivero2.info.yml",
    "name: X\ntype: theme\nversion: 2.0.0-beta3\nproject: olivero2\n",
    "pkg:composer/drupal/olivero2@2.0.0-beta3",
  ],
  [
    "sites/all/modules/views/views.info",
    'name = Views\ncore = 7.x\n; packaging\nversion = "7.x-3.27"\nproject = "views"\n',
    "pkg:composer/drupal/views@3.27.0",
  ],
  ["modules/node/node.info", 'name = Node\nversion = "7.99"\nproject = "drupal"\n', "pkg:composer/drupal/core@7.99.0"],
  [
    "web/core/lib/Drupal.php",
    "<?php\nclass Drupal {\n  const VERSION = '10.2.3';\n",
    "pkg:composer/drupal/core@10.2.3",
  ],
])("%s", async (path, text, purl) => {
  const { packages } = await observe(drupalExtensions, path, text);

  expect(packages.map((pkg) => composer.purl(pkg, undefined))).toEqual([purl]);
});

test("a project without a version is told, and files of others say nothing", async () => {
  const path = "modules/a/a.info.yml";

  expect((await observe(drupalExtensions, path, "name: A\nproject: a\n")).diagnostics).toMatchObject([
    { code: "unknown-version", effect: "none" },
  ]);
  expect((await observe(drupalExtensions, path, "name: A\ntype: module\n")).all).toEqual([]);
  expect((await observe(drupalExtensions, "usr/lib/x.info", "anything at all")).all).toEqual([]);
  expect((await observe(drupalExtensions, path, "project: a\n x: [\n")).diagnostics).toHaveLength(1);
});
