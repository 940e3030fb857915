import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FormatError } from "../format-error.ts";
import { openHive } from "./open-hive.ts";

const bytes = new Uint8Array(readFileSync(new URL("fixtures/SOFTWARE", import.meta.url)));

test("keys are found without regard to case, values are texts and numbers", () => {
  const version = openHive(bytes).key("microsoft\\Windows NT\\currentversion");

  expect(version?.name).toBe("CurrentVersion");
  expect(version?.value("productname")).toBe("Windows Server 2022 Datacenter");
  expect(version?.value("UBR")).toBe(2340);
  expect(version?.value("Nothing")).toBeUndefined();
  expect(openHive(bytes).key("Microsoft\\Nothing")).toBeUndefined();
});

test("keys below a key", () => {
  const packages = openHive(bytes).key("Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\Packages");

  expect([...(packages?.keys() ?? [])].map(({ name }) => name).sort()).toEqual([
    "Microsoft-Windows-Server-LanguagePack-Package~31bf3856ad364e35~amd64~en-US~10.0.20348.1",
    "Package_for_KB5034619~31bf3856ad364e35~amd64~~20348.2300.1.1",
    "Package_for_RollupFix~31bf3856ad364e35~amd64~~20348.2227.1.8",
    "Package_for_RollupFix~31bf3856ad364e35~amd64~~20348.2340.1.9",
  ]);
});

test("what is no hive, is cut or leads elsewhere is refused", () => {
  expect(() => openHive(new Uint8Array(10))).toThrow(FormatError);
  expect(() => openHive(new TextEncoder().encode("regf"))).toThrow(FormatError);
  expect(() => openHive(bytes.subarray(0, 4_100))).toThrow(FormatError);
  const elsewhere = bytes.slice();
  new DataView(elsewhere.buffer).setUint32(0x24, 0x7fff_0000, true);
  expect(() => openHive(elsewhere)).toThrow(FormatError);
});
