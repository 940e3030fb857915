import type { FileAnalyzer } from "@plimsoll/model";
import { observe } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { xbps } from "./index.ts";

const [database] = xbps.analyzers as readonly [FileAnalyzer];
const path = "var/db/xbps/pkgdb-0.38.plist";

test("reads packages of the property list, and reports those without version", async () => {
  const text = `<?xml version="1.0"?>
<plist version="1.0"><dict>
<key>_XBPS_ALTERNATIVES_</key><dict></dict>
<key>libssl3</key>
<dict>
  <key>architecture</key><string>x86_64</string>
  <key>license</key><string>Apache-2.0</string>
  <key>maintainer</key><string>A &lt;a@x&gt;</string>
  <key>pkgver</key><string>libssl3-3.3.2_1</string>
  <key>run_depends</key><array><string>libcrypto3&gt;=3.3.2_1</string><string>glibc-2.39_1</string></array>
  <key>source-revisions</key><string>openssl:abc</string>
  <key>state</key><string>installed</string>
</dict>
<key>broken</key><dict><key>state</key><string>installed</string></dict>
</dict></plist>`;

  const { packages, diagnostics } = await observe(database, path, text);

  expect(packages).toEqual([
    {
      name: "libssl3",
      version: "3.3.2_1",
      source: { name: "openssl", version: "3.3.2_1" },
      architecture: "x86_64",
      licenses: ["Apache-2.0"],
      supplier: "A <a@x>",
      dependsOn: ["libcrypto3", "glibc-2.39_1"],
    },
  ]);
  expect(diagnostics).toHaveLength(1);
});

test.each(["", "nonsense", "<plist><dict><key>a</key>"])("does not stumble over %j", async (text) => {
  expect((await observe(database, path, text)).packages).toEqual([]);
});

test("says that nobody publishes advisories", () => {
  const pkg = { id: "1", ecosystem: "xbps", purl: "", name: "a", version: "1_1", locations: [] };

  expect(xbps.lookupGap?.(pkg, { id: "void" })?.code).toBe("unsupported-distro");
  expect(xbps.purl(pkg, { id: "void" })).toBe("pkg:generic/void/a@1_1?distro=void");
});
