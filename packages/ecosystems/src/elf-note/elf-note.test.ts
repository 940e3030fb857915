import { elfNotes } from "@plimsoll/formats";
import { observe } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { elfNote } from "./index.ts";
import { elfPackageNote } from "./package-note.ts";

function note(owner: string, type: number, text: string): Uint8Array {
  const content = new TextEncoder().encode(text);
  const bytes = new Uint8Array(12 + 4 + Math.ceil(content.length / 4) * 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, owner.length + 1, true);
  view.setUint32(4, content.length, true);
  view.setUint32(8, type, true);
  bytes.set(new TextEncoder().encode(owner), 12);
  bytes.set(content, 16);
  return bytes;
}

/** The smallest 32-bit ELF file with a `.note.package` section. */
function elfWith(content: Uint8Array): Uint8Array {
  const names = new TextEncoder().encode("\0.note.package\0");
  const headers = 52 + content.length + names.length;
  const file = new Uint8Array(headers + 3 * 40);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  view.setUint32(0x20, headers, true);
  view.setUint16(0x2e, 40, true);
  view.setUint16(0x30, 3, true);
  view.setUint16(0x32, 2, true);
  file.set(content, 52);
  file.set(names, 52 + content.length);
  const section = (index: number, name: number, offset: number, size: number): void => {
    const at = headers + index * 40;
    view.setUint32(at, name, true);
    view.setUint32(at + 4, 1, true);
    view.setUint32(at + 16, offset, true);
    view.setUint32(at + 20, size, true);
  };
  section(1, 1, 52, content.length);
  section(2, 0, 52 + content.length, names.length);
  return file;
}

describe("ELF package notes", () => {
  const text =
    '{"type":"rpm","name":"coreutils","version":"9.1-1.fc38","architecture":"x86_64","os":"fedora","osVersion":"38"}\0\0';

  test("name, version and the package URL of the system it is for", async () => {
    const { packages } = await observe(elfPackageNote, "bin/ls", elfWith(note("FDO", 0xcafe1a7e, text)));

    expect(packages).toEqual([
      {
        name: "coreutils",
        version: "9.1-1.fc38",
        architecture: "x86_64",
        facts: { type: "rpm", os: "fedora", osVersion: "38" },
      },
    ]);
    expect(elfNote.purl(packages[0] ?? { name: "", version: "" }, undefined)).toBe(
      "pkg:rpm/fedora/coreutils@9.1-1.fc38?arch=x86_64&distro=fedora-38",
    );
  });

  test.each([
    ["another owner", note("GNU", 0xcafe1a7e, text), 0],
    ["another type", note("FDO", 3, text), 0],
    ["no JSON", note("FDO", 0xcafe1a7e, "{nope"), 1],
    ["half a note", note("FDO", 0xcafe1a7e, text).subarray(0, 20), 0],
  ])("%s: no package", async (_, section, diagnostics) => {
    const { packages, all } = await observe(elfPackageNote, "bin/ls", elfWith(section));

    expect(packages).toEqual([]);
    expect(all).toHaveLength(diagnostics);
  });

  test("notes before a damaged one are kept", () => {
    const bytes = new Uint8Array([...note("FDO", 1, "ab"), 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0]);

    expect(elfNotes(bytes, true).map(({ owner, type }) => [owner, type])).toEqual([["FDO", 1]]);
  });
});
