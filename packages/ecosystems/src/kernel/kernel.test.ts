import type { FileAnalyzer } from "@plimsoll/model";
import { observe, testParserCases } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { kernel } from "./index.ts";

const [vmlinuz] = kernel.analyzers as readonly [FileAnalyzer];

function image(version: string): Uint8Array {
  const bytes = new Uint8Array(2000);
  bytes.set(new TextEncoder().encode("HdrS"), 0x202);
  new DataView(bytes.buffer).setUint16(0x20e, 0x300, true);
  bytes.set(new TextEncoder().encode(`${version} (a@b) #1 SMP\0`), 0x500);
  return bytes;
}

test("reads the version of a compressed kernel", async () => {
  const { packages } = await observe(vmlinuz, "boot/vmlinuz-6.1.0-18-amd64", image("6.1.0-18-amd64"));

  expect(packages).toEqual([{ name: "linux-kernel", version: "6.1.0-18-amd64" }]);
});

test.each([
  ["boot/vmlinuz", new Uint8Array(100)],
  ["boot/vmlinuz", new Uint8Array(1000)],
  ["boot/vmlinuz", image("")],
  ["boot/initrd.img", image("6.1")],
])("%s without a version is none", async (path, bytes) => {
  expect((await observe(vmlinuz, path, bytes)).all).toEqual([]);
});

testParserCases({ folder: "os/kernel-vmlinuz", analyzers: [vmlinuz], as: () => "boot/vmlinuz" });
