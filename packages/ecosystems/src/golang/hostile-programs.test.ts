import type { Executable, ExecutableSection } from "@plimsoll/formats";
import { describe, expect, test } from "vitest";
import { buildInfoMark, readBuildInfo } from "./build-info.ts";
import { readLinkedPackages } from "./linked-packages.ts";

interface Counted {
  readonly program: Executable;
  /** Bytes read of the file so far. */
  readonly read: () => number;
}

function programOf(
  content: Uint8Array,
  sections: readonly Partial<ExecutableSection>[],
  format: Executable["format"] = "elf",
): Counted {
  let read = 0;
  const whole = { name: "", address: 0, offset: 0, size: content.length, writable: true };
  const all = sections.map((section) => ({ ...whole, ...section }));
  const ranges = {
    size: content.length,
    read(start: number, end: number) {
      const bytes = content.subarray(start, end);
      read += bytes.length;
      return bytes;
    },
  };
  return {
    program: { format, littleEndian: true, pointerSize: 8, sections: all, segments: all, content: ranges },
    read: () => read,
  };
}

describe("what a hostile program has cost", () => {
  test.each([100, 200, 400])("%d sections for build information over the same bytes: 64 MiB in all", (count) => {
    const sections = Array.from({ length: count }, () => ({ name: ".go.buildinfo" }));
    const { program, read } = programOf(new Uint8Array(4 * 1024 * 1024), sections);

    expect(readBuildInfo(program)).toBeUndefined();
    expect(read()).toBeLessThan(80 * 1024 * 1024);
  });

  test.each([1, 2, 4])("%d times many marks where none belongs: the section once", (times) => {
    const content = new Uint8Array(times * 1_400_000);
    for (let at = 1; at + 14 < content.length; at += 14) content.set(buildInfoMark, at);
    // Aligned ones do occur among them; they hold no text that ends.
    for (let at = 0; at < content.length; at += 16) content[at] = 0;
    const { program, read } = programOf(content, [{ name: ".go.buildinfo" }]);

    expect(readBuildInfo(program)).toBeUndefined();
    expect(read()).toBeLessThan(1.1 * content.length);
  });

  test.each([1_000, 2_000, 4_000])(
    "%d functions with one name that does not end: some bytes of it for each",
    (count) => {
      const table = new Uint8Array(24 + 16 * count + 16 + 400_000).fill(0x61);
      const view = new DataView(table.buffer);
      view.setUint32(0, 0xfffffffb, true);
      table.set([0, 0, 1, 8], 4);
      view.setBigUint64(8, BigInt(count), true);
      const description = 24 + 16 * count;
      view.setUint32(description + 8, description + 16, true);
      for (let at = 0; at < count; at++) view.setBigUint64(24 + at * 16, BigInt(description), true);
      let looked = 0;
      const { program } = programOf(table, [{ name: ".gopclntab" }]);
      const subarray = table.subarray.bind(table);
      // All parts of the table are taken by this.
      const counted = (from?: number, to?: number): Uint8Array<ArrayBuffer> => {
        const part = subarray(from, to);
        looked += Math.min(part.length, 1_000_000);
        return part;
      };
      Object.assign(program.content, { read: () => Object.assign(subarray(), { subarray: counted }) });

      readLinkedPackages(program);

      expect(looked).toBeGreaterThan(count);
      expect(looked).toBeLessThan(count * 2_048);
    },
  );

  test("sections of a Windows program over the same bytes are searched for functions once through the file", () => {
    const sections = Array.from({ length: 1_000 }, () => ({ name: ".rdata", writable: false }));
    const { program, read } = programOf(new Uint8Array(1_000_000), sections, "pe");

    expect(readLinkedPackages(program)).toBeUndefined();
    expect(read()).toBeLessThan(2_000_000);
  });
});
