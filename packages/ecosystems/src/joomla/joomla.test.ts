import type { FileAnalyzer } from "@plimsoll/model";
import { observe } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { joomla } from "./index.ts";

const [manifest] = joomla.analyzers as readonly [FileAnalyzer];
const extension = (kind: string, inner: string): string =>
  `<?xml version="1.0"?><extension type="${kind}" method="upgrade">${inner}</extension>`;
const shop = "<name>Shop</name><author>Example</author><license>GPL-2.0</license><version>4.2.1</version>";

test.each([
  ["var/www/administrator/components/com_shop/shop.xml", "component", "pkg:joomla-component/shop@4.2.1"],
  ["modules/mod_shop/mod_shop.xml", "module", "pkg:joomla-module/shop@4.2.1"],
  ["plugins/system/shop/shop.xml", "plugin", "pkg:joomla-plugin/shop@4.2.1"],
  ["templates/fancy/templateDetails.xml", "template", "pkg:joomla-template/fancy@4.2.1"],
  ["administrator/manifests/packages/pkg_shop.xml", "package", "pkg:joomla-package/pkg_shop@4.2.1"],
])("%s", async (path, kind, purl) => {
  const { packages } = await observe(manifest, path, extension(kind, shop));

  expect(packages.map((pkg) => joomla.purl(pkg, undefined))).toEqual([purl]);
  expect(packages).toMatchObject([{ supplier: "Example", licenses: ["GPL-2.0"], facts: { kind, title: "Shop" } }]);
});

test("Joomla itself has a CPE name, what comes with it is left out", async () => {
  const own = "<name>files_joomla</name><author>Joomla! Project</author><version>5.0.1</version>";

  expect(
    (await observe(manifest, "administrator/manifests/files/joomla.xml", extension("file", own))).packages,
  ).toEqual([
    {
      name: "joomla",
      version: "5.0.1",
      supplier: "Joomla! Project",
      cpes: ["cpe:2.3:a:joomla:joomla\\!:5.0.1:*:*:*:*:*:*:*"],
      facts: { kind: "core", title: "files_joomla" },
    },
  ]);
  expect((await observe(manifest, "modules/mod_menu/mod_menu.xml", extension("module", own))).all).toEqual([]);
});

test("an extension without a version is told, other files say nothing", async () => {
  const path = "modules/mod_shop/mod_shop.xml";

  expect((await observe(manifest, path, extension("module", "<name>Shop</name>"))).diagnostics).toMatchObject([
    { code: "unknown-version", effect: "none" },
  ]);
  expect((await observe(manifest, path, "<config/>")).all).toEqual([]);
  expect((await observe(manifest, "srv/a.xml", extension("module", shop))).all).toEqual([]);
});
