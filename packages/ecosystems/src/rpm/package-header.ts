import { bytesToHex } from "@noble/hashes/utils.js";
import { readRpmHeader } from "@plimsoll/formats";
import type { RpmHeader } from "@plimsoll/formats";
import { PathBudget } from "../shared/reading/path-budget.ts";

/** The fields of an installed package's header that are used here. Empty texts are absent. */
export interface PackageHeader {
  readonly name: string;
  readonly epoch: number | undefined;
  readonly version: string;
  readonly release: string;
  readonly architecture: string | undefined;
  readonly sourceRpm: string | undefined;
  /** Bytes when installed. */
  readonly size: number | undefined;
  /** Seconds since 1970. */
  readonly installTime: number | undefined;
  readonly license: string | undefined;
  readonly vendor: string | undefined;
  readonly summary: string | undefined;
  /** `name:stream:version:context`. */
  readonly modularityLabel: string | undefined;
  /** Of header and payload, hex. */
  readonly md5: string | undefined;
  readonly provides: readonly string[];
  readonly requires: readonly string[];
  /** Absolute paths; directories are left out. */
  readonly files: readonly string[];
  /** Checksums of the files as installed, hex by path: computed when asked for, since there are as many as files. */
  digests(): ReadonlyMap<string, string>;
  /** Hash of those checksums, by its number in OpenPGP (RFC 9580 §9.5): 8 is SHA-256. Absent: MD5. */
  readonly digestAlgorithm: number | undefined;
}

/** Tag numbers: rpm `include/rpm/rpmtag.h`. */
const tags = {
  sigMd5: 261,
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  summary: 1004,
  installTime: 1008,
  size: 1009,
  vendor: 1011,
  license: 1014,
  arch: 1022,
  oldFileNames: 1027,
  fileModes: 1030,
  fileDigests: 1035,
  sourceRpm: 1044,
  provideName: 1047,
  requireName: 1049,
  dirIndexes: 1116,
  baseNames: 1117,
  dirNames: 1118,
  longSize: 5009,
  fileDigestAlgorithm: 5011,
  modularityLabel: 5096,
} as const;

/** What a header says but for its files, of which there are many. */
export type PackageFacts = Omit<PackageHeader, "files" | "digests">;

/** Reads a header blob, its paths within the budget. Throws FormatError when its index is damaged. */
export function readPackageHeader(blob: Uint8Array, budget: PathBudget = new PathBudget(blob.length)): PackageHeader {
  const header = readRpmHeader(blob);
  return Object.assign(factsOf(header), { files: pathsOf(header, budget), digests: () => digestsOf(header) });
}

/** The same without the files. */
export function readPackageFacts(blob: Uint8Array): PackageFacts {
  return factsOf(readRpmHeader(blob));
}

/** Only the files. */
export function readPackageFiles(blob: Uint8Array, budget: PathBudget): readonly string[] {
  return pathsOf(readRpmHeader(blob), budget);
}

function factsOf(header: RpmHeader): PackageFacts {
  return {
    name: header.text(tags.name) ?? "",
    epoch: header.integers(tags.epoch)[0],
    version: header.text(tags.version) ?? "",
    release: header.text(tags.release) ?? "",
    architecture: nonEmpty(header.text(tags.arch)),
    sourceRpm: nonEmpty(header.text(tags.sourceRpm)),
    size: header.integers(tags.size)[0] ?? header.integers(tags.longSize)[0],
    installTime: header.integers(tags.installTime)[0],
    license: nonEmpty(header.text(tags.license)),
    vendor: nonEmpty(header.text(tags.vendor)),
    summary: nonEmpty(header.text(tags.summary)),
    modularityLabel: nonEmpty(header.text(tags.modularityLabel)),
    md5: hex(header.bytes(tags.sigMd5)),
    provides: header.texts(tags.provideName),
    requires: header.texts(tags.requireName),
    digestAlgorithm: header.integers(tags.fileDigestAlgorithm)[0],
  };
}

function pathsOf(header: RpmHeader, budget: PathBudget): readonly string[] {
  return filesOf(header, budget).filter((path) => path !== undefined);
}

function nonEmpty(text: string | undefined): string | undefined {
  // "(none)" is what rpm prints for a missing tag, and what some packages were built with.
  return text === "" || text === "(none)" ? undefined : text;
}

function hex(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined || bytes.length === 0 ? undefined : bytesToHex(bytes);
}

const typeMask = 0o170000;
const directory = 0o040000;

/** Directory and base name apart, or whole paths in packages from before rpm 4. Undefined: a directory, or beyond the budget. */
function filesOf(header: RpmHeader, budget: PathBudget): readonly (string | undefined)[] {
  const modes = header.integers(tags.fileModes);
  const names = header.texts(tags.baseNames);
  const directories = header.texts(tags.dirNames);
  const indexes = header.integers(tags.dirIndexes);
  const paths =
    names.length > 0
      ? names.map((name, at) => budget.join(directories[indexes[at] ?? -1] ?? "", name))
      : header.texts(tags.oldFileNames);
  return paths.map((path, at) =>
    path?.startsWith("/") === true && ((modes[at] ?? 0) & typeMask) !== directory ? path : undefined,
  );
}

/** Links and devices have no checksum. */
function digestsOf(header: RpmHeader): ReadonlyMap<string, string> {
  const digests = header.texts(tags.fileDigests);
  // A path costs no more than its directory's length once, which the header holds.
  const paths = filesOf(header, new PathBudget(1 << 24));
  return new Map(
    paths.flatMap((path, at) => {
      const digest = digests[at] ?? "";
      return path === undefined || digest === "" ? [] : [[path, digest] as const];
    }),
  );
}
