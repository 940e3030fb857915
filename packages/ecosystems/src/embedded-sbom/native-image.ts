import {
  bytesAt,
  decompress,
  executableMagics,
  findInRanges,
  FormatError,
  portableDecompressors,
  readExecutables,
  readSbomDocument,
  sectionContent,
  StructureReader,
  symbolAddresses,
} from "@plimsoll/formats";
import type { ByteRanges, Executable } from "@plimsoll/formats";
import type { FileAnalyzer } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { mavenArtifact, packagesOf } from "./components.ts";

const lengthSymbol = new TextEncoder().encode("sbom_length");
/** As it stands among the names of sections. */
const sectionName = new TextEncoder().encode("sbom\0");

/** Bytes of the document once expanded. */
const maxDocumentBytes = 64 * 1024 * 1024;

/**
 * Java programs compiled ahead of time by GraalVM carry a gzipped CycloneDX document at the symbol `sbom`, whose length is
 * at `sbom_length`, or have it as a section `sbom` (https://www.graalvm.org/latest/security-guide/native-image/sbom).
 */
export const nativeImageSbom: FileAnalyzer = {
  kind: "file",
  id: "embedded-sbom/native-image",
  revision: 4,
  matches: executableMagics.map((magic) => ({ magic, executable: true, marks: [lengthSymbol, sectionName] })),
  async *analyze(file) {
    const content = await file.ranges();
    try {
      for (const program of programsIn(content)) {
        const packed = packedDocument(program);
        if (packed === undefined) continue;
        const document = readSbomDocument(await unpack(packed));
        if (document === undefined) yield malformedFile(file, "what its symbol sbom names is no bill of materials");
        else {
          for (const problem of document.problems ?? []) yield malformedFile(file, problem);
          // Programs of GraalVM hold nothing but Java; older versions of it write no package URLs.
          yield* packagesOf(document, mavenArtifact);
        }
        return;
      }
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      yield malformedFile(file, `its bill of materials cannot be read: ${error.message}`);
    }
  },
};

function programsIn(content: ByteRanges): readonly Executable[] {
  // Walking all symbols of all programs for these would cost more than reading the programs.
  if (findInRanges(content, lengthSymbol) < 0 && findInRanges(content, sectionName) < 0) return [];
  try {
    return readExecutables(content);
  } catch (error) {
    if (error instanceof FormatError) return [];
    throw error;
  }
}

function packedDocument(program: Executable): Uint8Array | undefined {
  const symbols = symbolAddresses(program, ["sbom", "sbom_length"]);
  const [at, lengthAt] = [symbols.get("sbom"), symbols.get("sbom_length")];
  // Symbols may have been stripped where the linker was told to give the document a section of its own.
  if (at === undefined || lengthAt === undefined) return ownSection(program);
  const lengthBytes = bytesAt(program, lengthAt, 8);
  if (lengthBytes === undefined || lengthBytes.length < 8) return undefined;
  const length = new StructureReader("native-image", lengthBytes, program.littleEndian).u64(0);
  const content = bytesAt(program, at, length);
  if (content === undefined || content.length < length)
    throw new FormatError("native-image", "truncated", "it lies outside of the program");
  return content;
}

/** The content of a section `sbom`, where it begins as gzip does. */
function ownSection(program: Executable): Uint8Array | undefined {
  const content = sectionContent(program, "sbom") ?? sectionContent(program, ".sbom");
  return content?.[0] === 0x1f && content[1] === 0x8b ? content : undefined;
}

async function unpack(packed: Uint8Array): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of decompress(once(packed), portableDecompressors)) {
    size += chunk.length;
    if (size > maxDocumentBytes) throw new FormatError("native-image", "limit-exceeded", "the document is too large");
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
