import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesAt, clampSection, contentOf, sectionContent } from "./executable.ts";
import { FormatError } from "./format-error.ts";
import { readExecutables } from "./open-executable.ts";
import { symbolAddresses } from "./symbols.ts";

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

/** A 64-bit ELF file of either byte order: one loaded segment and one section `.data` over the same bytes. */
function elf(littleEndian: boolean, content: Uint8Array): Uint8Array {
  const names = text("\0.data\0.names\0");
  const headers = 64 + 56 + content.length + names.length;
  const file = new Uint8Array(headers + 3 * 64);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, littleEndian ? 1 : 2, 1]);
  view.setBigUint64(0x20, 64n, littleEndian);
  view.setBigUint64(0x28, BigInt(headers), littleEndian);
  view.setUint16(0x36, 56, littleEndian);
  view.setUint16(0x38, 1, littleEndian);
  view.setUint16(0x3a, 64, littleEndian);
  view.setUint16(0x3c, 3, littleEndian);
  view.setUint16(0x3e, 2, littleEndian);
  view.setUint32(64, 1, littleEndian);
  view.setUint32(68, 6, littleEndian);
  view.setBigUint64(64 + 8, 120n, littleEndian);
  view.setBigUint64(64 + 16, 0x40_0000n, littleEndian);
  view.setBigUint64(64 + 32, BigInt(content.length), littleEndian);
  file.set(content, 120);
  file.set(names, 120 + content.length);
  for (const [index, name, flags, address, offset, size] of [
    [1, 1, 3n, 0x40_0000n, 120, content.length],
    [2, 7, 0n, 0n, 120 + content.length, names.length],
  ] as const) {
    const at = headers + index * 64;
    view.setUint32(at, name, littleEndian);
    view.setUint32(at + 4, 1, littleEndian);
    view.setBigUint64(at + 8, flags, littleEndian);
    view.setBigUint64(at + 16, address, littleEndian);
    view.setBigUint64(at + 24, BigInt(offset), littleEndian);
    view.setBigUint64(at + 32, BigInt(size), littleEndian);
  }
  return file;
}

/** A 64-bit Windows program with one section. */
function pe(name: string, content: Uint8Array): Uint8Array {
  const file = new Uint8Array(64 + 24 + 112 + 40 + content.length);
  const view = new DataView(file.buffer);
  view.setUint16(0, 0x5a4d, true);
  view.setUint32(0x3c, 64, true);
  view.setUint32(64, 0x4550, true);
  view.setUint16(64 + 6, 1, true);
  view.setUint16(64 + 20, 112, true);
  view.setUint16(88, 0x20b, true);
  view.setBigUint64(88 + 24, 0x1_4000_0000n, true);
  const at = 88 + 112;
  file.set(text(name), at);
  view.setUint32(at + 8, content.length, true);
  view.setUint32(at + 12, 0x1000, true);
  view.setUint32(at + 16, content.length, true);
  view.setUint32(at + 20, at + 40, true);
  view.setUint32(at + 36, 0xc000_0040, true);
  file.set(content, at + 40);
  return file;
}

/** A 64-bit Mach-O file with one section. */
function macho(name: string, content: Uint8Array): Uint8Array {
  const file = new Uint8Array(32 + 72 + 80 + content.length);
  const view = new DataView(file.buffer);
  view.setUint32(0, 0xfeedfacf, true);
  view.setUint32(16, 1, true);
  view.setUint32(32, 0x19, true);
  view.setUint32(36, 72 + 80, true);
  file.set(text("__DATA"), 40);
  view.setBigUint64(32 + 24, 0x1000n, true);
  view.setBigUint64(32 + 40, 184n, true);
  view.setBigUint64(32 + 48, BigInt(content.length), true);
  view.setUint32(32 + 60, 3, true);
  view.setUint32(32 + 64, 1, true);
  file.set(text(name), 104);
  view.setBigUint64(104 + 32, 0x1000n, true);
  view.setBigUint64(104 + 40, BigInt(content.length), true);
  view.setUint32(104 + 48, 184, true);
  file.set(content, 184);
  return file;
}

function fat(slice: Uint8Array): Uint8Array {
  const file = new Uint8Array(28 + slice.length);
  const view = new DataView(file.buffer);
  view.setUint32(0, 0xcafebabe);
  view.setUint32(4, 1);
  view.setUint32(16, 28);
  view.setUint32(20, slice.length);
  file.set(slice, 28);
  return file;
}

const content = text("hello section");

describe("programs", () => {
  test.each([
    ["ELF, little endian", elf(true, content), ".data", 0x40_0000],
    ["ELF, big endian", elf(false, content), ".data", 0x40_0000],
    ["PE", pe(".data", content), ".data", 0x1_4000_1000],
    ["Mach-O", macho("__data", content), "__data", 0x1000],
    ["Mach-O of several architectures", fat(macho("__data", content)), "__data", 0x1000],
  ])("%s: a section by name, and bytes by address", (_, file, name, address) => {
    const [program] = readExecutables(file);
    if (program === undefined) throw new Error("no program");

    expect(sectionContent(program, name)).toEqual(content);
    expect(bytesAt(program, address + 6, 7)).toEqual(text("section"));
    expect(bytesAt(program, address + 6, 1_000)).toEqual(text("section"));
    expect(bytesAt(program, address + content.length, 1)).toBeUndefined();
    expect(bytesAt(program, 0, 1)).toBeUndefined();
    expect(sectionContent(program, ".absent")).toBeUndefined();
    expect(program.sections.find((section) => section.name === name)?.writable).toBe(true);
  });

  test("other files are none", () => {
    expect(readExecutables(text("#!/bin/sh\n"))).toEqual([]);
    expect(readExecutables(new Uint8Array())).toEqual([]);
  });

  test.each([
    elf(true, content),
    elf(false, content),
    pe(".data", content),
    macho("__data", content),
    fat(macho("__data", content)),
  ])("cut anywhere, or with any byte changed, they are read or refused (%#)", (file) => {
    fc.assert(
      fc.property(fc.nat(file.length), fc.nat(file.length - 1), fc.nat(255), (end, at, byte) => {
        const damaged = file.slice();
        damaged[at] = byte;
        for (const bytes of [file.subarray(0, end), damaged])
          try {
            for (const program of readExecutables(bytes))
              for (const section of [...program.sections, ...program.segments])
                expect(contentOf(program, section).length).toBe(section.size);
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError);
          }
      }),
      { numRuns: 400 },
    );
  });

  test.each([
    [10, 5, 5],
    [8, 5, 5],
    [12, 10, undefined],
  ])("a section at %i of %i bytes is cut to what is there", (offset, size, kept) => {
    const section = clampSection({ name: "", address: 0, offset, size, writable: false }, offset === 12 ? 12 : 15);

    expect(section?.size).toBe(kept);
  });
});

describe("tables that say the same thing over and over", () => {
  test("a Mach-O file whose commands share their sections is refused when there are more than any program has", () => {
    const commands = 4_000;
    const file = new Uint8Array(32 + commands * 72 + 4_096 * 80);
    const view = new DataView(file.buffer);
    view.setUint32(0, 0xfeedfacf, true);
    view.setUint32(16, commands, true);
    for (let at = 32; at < 32 + commands * 72; at += 72) {
      view.setUint32(at, 0x19, true);
      view.setUint32(at + 4, 72, true);
      view.setUint32(at + 64, 4_096, true);
    }

    expect(() => readExecutables(file)).toThrow(/more than 65536 sections/);
    expect(() => readExecutables(fat(file))).toThrow(/more than 65536 sections/);
  });

  test.each([1_000, 2_000, 4_000])("names of %d sections far from their table cost some bytes each", (count) => {
    const names = 10_000_000;
    const file = new Uint8Array(64 + count * 64 + names);
    const view = new DataView(file.buffer);
    file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
    view.setBigUint64(0x28, 64n, true);
    view.setUint16(0x3a, 64, true);
    view.setUint16(0x3c, count, true);
    view.setUint16(0x3e, 1, true);
    view.setBigUint64(128 + 24, BigInt(64 + count * 64), true);
    view.setBigUint64(128 + 32, BigInt(names), true);
    for (let index = 2; index < count; index++) view.setUint32(64 + index * 64, (index * 7_919_000) % names, true);
    let read = 0;

    readExecutables({
      size: file.length,
      read(start, end) {
        read += Math.min(end, file.length) - start;
        return file.subarray(start, end);
      },
    });

    expect(read).toBeLessThan(count * 500 + 1_000_000);
  });

  test("symbols that all point at one long text cost what their name is long", () => {
    const count = 100_000;
    const symbols = new Uint8Array(count * 24 + 1_000_000).fill(0x61);
    const view = new DataView(symbols.buffer);
    for (let at = 0; at < count * 24; at += 24) view.setUint32(at, 1, true);
    const file = elf(true, symbols);
    const [program] = readExecutables(file);
    if (program === undefined) throw new Error("no program");
    const [section] = program.sections;
    if (section === undefined) throw new Error("no section");
    let read = 0;
    const counted = {
      ...program,
      sections: [
        { ...section, name: ".symtab", size: count * 24 },
        { ...section, name: ".strtab", offset: section.offset + count * 24, size: 1_000_000 },
      ],
      content: {
        size: file.length,
        read(start: number, end: number) {
          const bytes = file.subarray(start, end);
          const subarray = bytes.subarray.bind(bytes);
          bytes.subarray = (from, to) => {
            const part = subarray(from, to);
            read += part.length;
            return part;
          };
          return bytes;
        },
      },
    };

    expect(symbolAddresses(counted, ["sbom"])).toEqual(new Map());
    expect(read).toBeGreaterThan(count);
    expect(read).toBeLessThan(count * 16);
  });
});
