import { elfMagic, elfNotes, FormatError, parseJson, readElf, sectionContent, shape } from "@plimsoll/formats";
import type { ByteRanges } from "@plimsoll/formats";
import type { FileAnalyzer, FoundPackage } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { recordOf, textOf } from "../shared/reading/untrusted.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const noteShape = shape.texts("name", "version", "architecture", "type", "os", "osVersion", "osCpe");

/** Owner `FDO`, type 0xcafe1a7e (https://systemd.io/ELF_PACKAGE_METADATA/). */
const noteType = 0xcafe1a7e;
const sectionName = ".note.package";

/** The package that a program was built for, from its ELF note (https://systemd.io/ELF_PACKAGE_METADATA/). */
export const elfPackageNote: FileAnalyzer = {
  kind: "file",
  id: "elf-note/package-note",
  revision: 2,
  matches: [{ magic: elfMagic, executable: true, marks: [new TextEncoder().encode(`${sectionName}\0`)] }],
  async *analyze(file) {
    const note = findNote(await file.ranges());
    if (note === undefined) return;
    try {
      // Padded with zero bytes to a multiple of four.
      const document = parseJson(new TextDecoder().decode(note).replace(/(?<!\0)\0+$/, ""));
      for (const told of reportWrongParts(file, document, noteShape)) yield { ...told, effect: "none" };
      const found = packageOf(document);
      if (found !== undefined) yield { kind: "package", package: found };
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      yield { ...malformedFile(file, `its package note cannot be read: ${error.message}`), effect: "none" };
    }
  },
};

function findNote(content: ByteRanges): Uint8Array | undefined {
  try {
    const program = readElf(content);
    const section = sectionContent(program, sectionName);
    if (section === undefined) return undefined;
    return elfNotes(section, program.littleEndian).find(({ owner, type }) => owner === "FDO" && type === noteType)
      ?.content;
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

function packageOf(document: unknown): FoundPackage | undefined {
  const note = recordOf(document);
  const name = textOf(note["name"]);
  const version = textOf(note["version"]);
  if (name === undefined || version === undefined) return undefined;
  const architecture = textOf(note["architecture"]);
  const facts = ["type", "os", "osVersion", "osCpe"].flatMap((field) => {
    const value = textOf(note[field]);
    return value === undefined ? [] : [[field, value] as const];
  });
  return {
    name,
    version,
    ...(architecture === undefined ? {} : { architecture }),
    ...(facts.length === 0 ? {} : { facts: Object.fromEntries(facts) }),
  };
}
