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
