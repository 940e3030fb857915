import type { FileAnalyzer } from "@plimsoll/model";
import { observe, testParserCases } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { flatpak } from "./index.ts";

const [metainfo] = flatpak.analyzers as readonly [FileAnalyzer];
const path = "var/lib/flatpak/app/org.gimp.GIMP/current/active/export/share/metainfo/org.gimp.GIMP.metainfo.xml";

test("reads id, newest release, licence and developer", async () => {
  const text =
    '<component><id>org.gimp.GIMP</id><project_license>GPL-3.0+</project_license><developer_name>The GIMP team</developer_name><releases><release version="2.10.38"/><release version="2.10.36"/></releases></component>';

  expect((await observe(metainfo, path, text)).all).toEqual([
    {
      kind: "package",
      package: { name: "org.gimp.GIMP", version: "2.10.38", licenses: ["GPL-3.0+"], supplier: "The GIMP team" },
    },
  ]);
  expect((await observe(metainfo, "usr/share/metainfo/x.metainfo.xml", text)).all).toEqual([]);
});

test.each(["<component><id>a</id></component>", "<component/>", "not xml", ""])("reports %j", async (text) => {
  const { packages, diagnostics } = await observe(metainfo, path, text);

  expect(packages).toEqual([]);
  expect(diagnostics.length).toBeGreaterThan(0);
});

testParserCases({ folder: "os/flatpak", analyzers: [metainfo], as: () => path });

test("a runtime has its branch as version", async () => {
  const [, runtime] = flatpak.analyzers as readonly [FileAnalyzer, FileAnalyzer];
  const place = "var/lib/flatpak/runtime/org.gnome.Platform/x86_64/45/0123456789abcdef/metadata";
  const text = "[Runtime]\nname=org.gnome.Platform\nruntime=org.gnome.Platform/x86_64/45\n";

  expect((await observe(runtime, place, text)).packages).toEqual([
    { name: "org.gnome.Platform", version: "45", architecture: "x86_64", facts: { commit: "0123456789abcdef" } },
  ]);
  expect((await observe(runtime, place, "nothing")).diagnostics).toHaveLength(1);
  expect((await observe(runtime, "srv/metadata", text)).all).toEqual([]);
});
