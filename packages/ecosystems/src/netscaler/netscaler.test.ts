import type { FileAnalyzer } from "@plimsoll/model";
import { observe, testParserCases } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { netscaler } from "./index.ts";

const [release] = netscaler.analyzers as readonly [FileAnalyzer];

const unplaced = { id: "a", ecosystem: "netscaler", purl: "pkg:generic/a", locations: [] };

test.each([
  ["nsconfig/ns.conf", "#NS14.1 Build 12.35\n# Last modified\nset ns config -IPAddress 10.0.0.1\n", "14.1-12.35"],
  ["flash/boot/loader.conf", 'autoboot_delay=3\nkernel="/ns-13.1-59.21"\n', "13.1-59.21"],
  ["netscaler/nsversion", "NS13.1 Build 59.21.nc\r\n", "13.1-59.21"],
])("%s states the release", async (path, text, version) => {
  const { packages } = await observe(release, path, text);

  expect(packages).toMatchObject([{ name: "NetScaler", version }]);
  const [pkg = { name: "", version: "" }] = packages;
  expect(netscaler.purl(pkg, undefined)).toBe(`pkg:generic/citrix/netscaler@${version}`);
  expect(netscaler.advisoryKeys({ ...pkg, ...unplaced }, undefined)).toMatchObject([
    { namespace: "CPE", name: "citrix:netscaler_application_delivery_controller", version },
  ]);
});

test.each(["kernel=/boot/kernel", "NS13.1Build59.21", "ns-13.1-59.21.4.5", "fans-13.1-59.21"])(
  "%j is no release",
  async (text) => {
    expect((await observe(release, "flash/boot/loader.conf", text)).all).toEqual([]);
    expect((await observe(release, "nsconfig/ns.conf", text)).all).toEqual([]);
  },
);

test("builds are ordered as numbers", () => {
  expect(netscaler.versions.compare("13.1-9.60", "13.1-59.21")).toBeLessThan(0);
  expect(netscaler.versions.compare("13.1-59.21", "14.1-4.42")).toBeLessThan(0);
});

testParserCases({ folder: "misc/netscaler", analyzers: [release] });
