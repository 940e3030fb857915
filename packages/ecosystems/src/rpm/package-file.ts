import { FormatError } from "@plimsoll/formats";
import type { ByteRanges } from "@plimsoll/formats";
import type { FileAnalyzer } from "@plimsoll/model";
import { malformedFile, readOrReport } from "../shared/reading/malformed-file.ts";
import { readPackageHeader } from "./package-header.ts";
import { toPackage } from "./packages.ts";

const leadBytes = 96;
/** Magic number of a header with its version, and four bytes that nobody uses. */
const introBytes = 8;
const entryBytes = 16;
/** The limit of rpm itself for a header. */
const maxHeaderBytes = 0x10000000;

/**
 * Package files that are not installed: `*.rpm`, of which only the header is read
 * (https://rpm-software-management.github.io/rpm/manual/format_v4.html).
 */
export const packageFile: FileAnalyzer = {
  kind: "file",
  id: "rpm/package-file",
  revision: 2,
  evidence: "declared",
  matches: [{ suffix: ".rpm" }],
  async *analyze(file) {
    const content = await file.ranges();
    const read = readOrReport(file, () => headerOf(content));
    if ("problem" in read) return yield read.problem;
    const header = read.value;
    if (header.name === "" || header.version === "")
      yield malformedFile(file, `the package has no ${header.name === "" ? "name" : "version"}`);
    else {
      const { key: _, ...found } = toPackage(header);
      // What a package of sources says of its architecture is that of the machine which packed it.
      yield { kind: "package", package: header.sourceRpm === undefined ? { ...found, architecture: "src" } : found };
    }
  },
};

function headerOf(content: ByteRanges): ReturnType<typeof readPackageHeader> {
  const lead = content.read(0, 4);
  if (lead[0] !== 0xed || lead[1] !== 0xab || lead[2] !== 0xee || lead[3] !== 0xdb)
    throw new FormatError("rpm-header", "malformed", "it does not begin as a package of rpm");
  const signatures = lengthAt(content, leadBytes);
  // Signatures are filled up to a multiple of eight bytes.
  const start = leadBytes + introBytes + Math.ceil(signatures / 8) * 8;
  const length = lengthAt(content, start);
  return readPackageHeader(content.read(start + introBytes, start + introBytes + length).slice());
}

/** Bytes of a header behind its intro: two numbers, the index, the data. */
function lengthAt(content: ByteRanges, at: number): number {
  const intro = content.read(at, at + introBytes + 8);
  if (intro.length < introBytes + 8) throw new FormatError("rpm-header", "truncated", "it ends before its header");
  if (intro[0] !== 0x8e || intro[1] !== 0xad || intro[2] !== 0xe8)
    throw new FormatError("rpm-header", "malformed", `at byte ${at} there is no header`);
  const view = new DataView(intro.buffer, intro.byteOffset, intro.length);
  const length = 8 + view.getUint32(introBytes) * entryBytes + view.getUint32(introBytes + 4);
  if (length > maxHeaderBytes) throw new FormatError("rpm-header", "limit-exceeded", "its header is too large");
  return length;
}
