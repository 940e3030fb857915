import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import type { FileAnalyzer } from "@plimsoll/model";
import { analyzedFile, observe, testParserCases } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { kernel } from "./index.ts";
import { kernelModule } from "./module.ts";

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

const banner = "Linux version 6.1.0-57-arm64 (debian-kernel@lists.debian.org) (gcc) #1 SMP";

test("kernels of other machines are known by the banner in what is packed", async () => {
  const filler = Buffer.alloc(200_000, "x");
  const plain = Buffer.concat([Buffer.from("MZ"), filler, Buffer.from(banner), filler]);
  const packed = gzipSync(plain);
  const efi = Buffer.alloc(1_000);
  efi.write("MZ\0\0zimg");
  efi.writeUInt32LE(1_000, 8);
  efi.writeUInt32LE(packed.length, 12);
  const expected = [{ name: "linux-kernel", version: "6.1.0-57-arm64" }];

  for (const bytes of [plain, packed, Buffer.concat([efi, packed, Buffer.from("signature")])])
    expect((await observe(vmlinuz, "boot/vmlinuz-6.1.0-57-arm64", new Uint8Array(bytes))).packages).toEqual(expected);
  expect((await observe(vmlinuz, "boot/vmlinuz", new Uint8Array(packed.subarray(0, 60)))).diagnostics).toHaveLength(1);
});

describe("modules", () => {
  const fixture = (name: string): Uint8Array =>
    new Uint8Array(readFileSync(new URL(`fixtures/${name}`, import.meta.url)));

  test.each(["crc7.ko.xz", "crc7.ko.zst"])("%s of the kernel's own sources has the kernel's version", async (name) => {
    const { packages } = await observe(
      kernelModule,
      `lib/modules/6.1.0-57-cloud-amd64/kernel/lib/${name}`,
      fixture(name),
    );

    expect(packages).toEqual([
      {
        name: "crc7",
        version: "6.1.0-57-cloud-amd64",
        licenses: ["GPL"],
        facts: {
          module: "true",
          vermagic: "6.1.0-57-cloud-amd64 SMP preempt mod_unload modversions",
          intree: "true",
        },
      },
    ]);
    expect(kernel.purl(packages[0] ?? { name: "", version: "" }, undefined)).toBe(
      "pkg:generic/crc7@6.1.0-57-cloud-amd64",
    );
  });

  /** A program with one section `.modinfo`. */
  function moduleOf(...fields: readonly string[]): Uint8Array {
    const text = Buffer.from(fields.join("\0"));
    const names = Buffer.from("\0.modinfo\0.shstrtab\0");
    const bytes = Buffer.alloc(64 + text.length + names.length + 3 * 64);
    bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
    const table = 64 + text.length + names.length;
    bytes.writeUInt16LE(1, 16);
    bytes.writeBigUInt64LE(BigInt(table), 40);
    bytes.writeUInt16LE(64, 58);
    bytes.writeUInt16LE(3, 60);
    bytes.writeUInt16LE(2, 62);
    text.copy(bytes, 64);
    names.copy(bytes, 64 + text.length);
    for (const [index, name, offset, size] of [
      [1, 1, 64, text.length],
      [2, 10, 64 + text.length, names.length],
    ] as const) {
      bytes.writeUInt32LE(name, table + index * 64);
      bytes.writeUInt32LE(1, table + index * 64 + 4);
      bytes.writeBigUInt64LE(BigInt(offset), table + index * 64 + 24);
      bytes.writeBigUInt64LE(BigInt(size), table + index * 64 + 32);
    }
    return new Uint8Array(bytes);
  }

  test("a module from elsewhere has the version that it states", async () => {
    const bytes = moduleOf("version=550.54.14", "license=NVIDIA", "depends=drm,i2c-core", "vermagic=6.1.0 SMP ");

    expect((await observe(kernelModule, "lib/modules/6.1.0/updates/dkms/nvidia.ko", bytes)).packages).toEqual([
      {
        name: "nvidia",
        version: "550.54.14",
        licenses: ["NVIDIA"],
        dependsOn: ["drm", "i2c-core"],
        facts: { module: "true", vermagic: "6.1.0 SMP" },
      },
    ]);
  });

  test("one that states none is told, not given the kernel's", async () => {
    const { packages, diagnostics } = await observe(kernelModule, "a.ko", moduleOf("name=a", "vermagic=6.1.0 SMP"));

    expect(packages).toEqual([]);
    expect(diagnostics).toMatchObject([{ code: "unknown-version", effect: "none" }]);
  });

  test.each([
    ["text", new TextEncoder().encode("no module")],
    ["a program without .modinfo", moduleOf().fill(0, 64 + 1, 64 + 10)],
    ["a cut file", fixture("crc7.ko.xz").subarray(0, 500)],
  ])("%s is reported", async (_, bytes) => {
    expect((await observe(kernelModule, "a.ko", bytes)).diagnostics).toMatchObject([{ effect: "incomplete" }]);
  });

  test("a packed module may not come to more than its budget", async () => {
    const nested = { bytes: 1_000, entries: 10, isSpent: false };
    const file = { ...analyzedFile("a.ko.xz", fixture("crc7.ko.xz")), nested };
    const all = [];
    for await (const one of kernelModule.analyze(file, {})) all.push(one);

    expect(all).toMatchObject([{ kind: "diagnostic", effect: "incomplete" }]);
    expect(nested.isSpent).toBe(true);
  });
});
