import { decompress, FormatError, portableDecompressors, readTar } from "@plimsoll/formats";
import type { ByteRanges, ByteStream } from "@plimsoll/formats";
import type { FileAnalyzer } from "@plimsoll/model";
import { parseStatus } from "../shared/reading/dpkg-status.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";

const memberHeaderBytes = 60;
/** Compressed bytes of the member with the description; dpkg-deb's own are far below. */
const maxControlBytes = 16 * 1024 * 1024;
/** Of the description itself. */
const maxTextBytes = 1024 * 1024;
const maxMembers = 16;
/** What control.tar may grow to on the way to it. */
const maxExpandedBytes = 64 * 1024 * 1024;

/**
 * Package files that are not installed: `*.deb`, `*.udeb`, of which only the description is read (deb(5): an archive of ar with
 * `control.tar`, compressed or not).
 */
export const packageFile: FileAnalyzer = {
  kind: "file",
  id: "deb/package-file",
  revision: 1,
  evidence: "declared",
  matches: [{ suffix: ".deb" }, { suffix: ".udeb" }],
  async *analyze(file) {
    try {
      const text = await descriptionIn(await file.ranges());
      yield* parseStatus(file, text, false);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      yield malformedFile(file, error.message);
    }
  },
};

async function descriptionIn(content: ByteRanges): Promise<string> {
  for await (const entry of readTar(bounded(decompress(bytesOf(controlMember(content)), portableDecompressors)))) {
    if (entry.type !== "file" || !/^(?:\.\/)?control$/.test(entry.name)) continue;
    if (entry.size > maxTextBytes) throw new FormatError("deb", "limit-exceeded", "its description is too large");
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of entry.content()) text += decoder.decode(chunk, { stream: true });
    return text + decoder.decode();
  }
  throw new FormatError("deb", "malformed", "control.tar holds no description");
}

/** The member `control.tar`, `control.tar.gz`, `.xz` or `.zst` of the archive. */
function controlMember(content: ByteRanges): Uint8Array {
  const decoder = new TextDecoder("latin1");
  if (decoder.decode(content.read(0, 8)) !== "!<arch>\n")
    throw new FormatError("deb", "malformed", "it is no archive of ar, and no package of dpkg therefore");
  let at = 8;
  for (let member = 0; member < maxMembers && at < content.size; member++) {
    const header = decoder.decode(content.read(at, at + memberHeaderBytes));
    const size = Number(/^\d{1,10} *$/.exec(header.slice(48, 58))?.[0]);
    if (header.length < memberHeaderBytes || !header.endsWith("`\n") || !Number.isFinite(size))
      throw new FormatError("deb", "malformed", `at byte ${at} there is no member of an archive`);
    const start = at + memberHeaderBytes;
    if (/^control\.tar(?:\.\w+)?\/? *$/.test(header.slice(0, 16))) {
      if (size > maxControlBytes) throw new FormatError("deb", "limit-exceeded", "its control.tar is too large");
      const bytes = content.read(start, start + size);
      if (bytes.length < size) throw new FormatError("deb", "truncated", "it ends within control.tar");
      return bytes;
    }
    // Members begin at even offsets.
    at = start + size + (size % 2);
  }
  throw new FormatError("deb", "malformed", "it has no control.tar");
}

async function* bounded(input: ByteStream): ByteStream {
  let size = 0;
  for await (const chunk of input) {
    size += chunk.length;
    if (size > maxExpandedBytes)
      throw new FormatError("deb", "limit-exceeded", `its control.tar expands to more than ${maxExpandedBytes} bytes`);
    yield chunk;
  }
}

async function* bytesOf(bytes: Uint8Array): ByteStream {
  yield bytes;
}
