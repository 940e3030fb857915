import type { ByteRanges } from "@plimsoll/formats";
import {
  executableMagics,
  findInRanges,
  FormatError,
  inflateRaw,
  parseJson,
  readExecutables,
  sectionContent,
  shape,
} from "@plimsoll/formats";
import type { FileAnalyzer, FoundPackage } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { isRecord, listOf, recordOf, textOf } from "../shared/reading/untrusted.ts";
import { sourceFacts } from "./source.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const auditShape = shape.fields({
  packages: shape.list(
    shape.fields({
      name: shape.text,
      version: shape.text,
      kind: shape.text,
      source: shape.text,
      dependencies: shape.list(shape.scalar),
    }),
  ),
});

/** Section of `cargo auditable` builds (https://github.com/rust-secure-code/cargo-auditable/blob/master/PARSING.md). */
const sectionName = ".dep-v0";
/** Names of sections end with a zero byte in every kind of program. */
const mark = new TextEncoder().encode(`${sectionName}\0`);
/** The limit that the format's authors recommend. */
const maxInflated = 8 * 1024 * 1024;

/** The crates that a Rust program was built from, by the list that cargo-auditable puts into it. */
export const cargoAuditable: FileAnalyzer = {
  kind: "file",
  id: "cargo/auditable",
  revision: 3,
  matches: executableMagics.map((magic) => ({ magic, executable: true, marks: [mark] })),
  async *analyze(file) {
    try {
      const section = auditSection(await file.ranges());
      if (section === undefined) return;
      // zlib (RFC 1950) is raw deflate between a header of two bytes and a checksum.
      const json = new TextDecoder().decode(inflateRaw(section.subarray(2), maxInflated));
      const document = parseJson(json);
      yield* reportWrongParts(file, document, auditShape);
      for (const found of cratesOf(document)) yield { kind: "package", package: found };
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      yield malformedFile(file, `its list of crates cannot be read: ${error.message}`);
    }
  },
};

/** A damaged program is told where it names the section; other files that merely begin as programs do are none. */
function auditSection(content: ByteRanges): Uint8Array | undefined {
  try {
    for (const program of readExecutables(content)) {
      const section = sectionContent(program, sectionName);
      if (section !== undefined && section.length > 0) return section;
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof FormatError) || findInRanges(content, mark) >= 0) throw error;
    return undefined;
  }
}

/** The crates of an audit document that are part of the program; those that only built it are left out. */
export function cratesOf(document: unknown): readonly FoundPackage[] {
  const crates = listOf(recordOf(document)["packages"]).map(recordOf);
  const key = (index: unknown): readonly string[] => {
    const crate = typeof index === "number" ? crates[index] : undefined;
    return isRecord(crate) && crate["kind"] !== "build" ? [`${textOf(crate["name"])} ${textOf(crate["version"])}`] : [];
  };
  return crates.flatMap((crate, index) => {
    const name = textOf(crate["name"]);
    const version = textOf(crate["version"]);
    if (name === undefined || version === undefined || crate["kind"] === "build") return [];
    const dependsOn = listOf(crate["dependencies"]).flatMap(key);
    return [
      {
        name,
        version,
        key: key(index)[0] ?? name,
        ...(crate["root"] === true ? { relationship: "root" as const } : {}),
        ...(dependsOn.length === 0 ? {} : { dependsOn }),
        ...sourceFacts(textOf(crate["source"]) ?? "crates.io"),
      },
    ];
  });
}
