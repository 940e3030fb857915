import type { AnalyzedFile, Distro, DistroObservation, FileAnalyzer } from "@plimsoll/model";
import { parseAssignments } from "../reading/assignments.ts";
import { endOfLife } from "./end-of-life.ts";
import { legacyReleases } from "./legacy-release.ts";
import { curatedImage } from "./rebuilds.ts";

/** The most bytes of a release file that is read. Real ones have a few lines. */
const maxReleaseBytes = 64 * 1024;

const osRelease: FileAnalyzer = {
  kind: "file",
  id: "distro/os-release",
  revision: 3,
  matches: [{ path: "etc/os-release" }, { path: "usr/lib/os-release" }],
  maxBytes: maxReleaseBytes,
  async *analyze(file) {
    const distro = parseOsRelease(await file.text());
    if (Object.keys(distro).length > 0)
      // A file in /etc is the administrator's and goes before the vendor's (os-release(5)).
      yield { kind: "distro", distro: withEndOfLife(distro), rank: file.path.startsWith("etc/") ? 100 : 99 };
  },
};

const legacyRelease: FileAnalyzer = {
  kind: "file",
  id: "distro/legacy-release",
  revision: 4,
  matches: [...legacyReleases.keys()].map((path) => ({ path })),
  maxBytes: maxReleaseBytes,
  analyze: readLegacyRelease,
};

/** Finds out which distribution an image is. Every operating-system ecosystem lists these; the runner runs each once. */
export const distroAnalyzers: readonly FileAnalyzer[] = [osRelease, legacyRelease, curatedImage];

async function* readLegacyRelease(file: AnalyzedFile): AsyncGenerator<DistroObservation> {
  const reader = legacyReleases.get(file.path);
  const distro = reader?.parse(await file.text());
  if (reader === undefined || distro?.id === undefined) return;
  const { id, ...rest } = distro;
  yield { kind: "distro", distro: { id }, rank: reader.rank };
  // Derivatives keep the files of their parents: `etc/debian_version` of Ubuntu says nothing of Ubuntu's release.
  if (Object.keys(rest).length > 0) {
    const { id: _, ...known } = withEndOfLife(distro);
    yield { kind: "distro", distro: known, rank: reader.rank, onlyFor: id };
  }
}

/** What os-release(5) text says; unknown keys and lines that are no assignments are ignored. */
export function parseOsRelease(text: string): Partial<Distro> {
  const values = parseAssignments(text);
  const idLike = values
    .get("ID_LIKE")
    ?.toLowerCase()
    .split(/\s+/)
    .filter((id) => id !== "");
  return withoutEmpty({
    id: values.get("ID")?.toLowerCase(),
    versionId: values.get("VERSION_ID"),
    codename: values.get("VERSION_CODENAME"),
    name: values.get("NAME"),
    prettyName: values.get("PRETTY_NAME"),
    idLike,
    variantId: values.get("VARIANT_ID"),
    cpeName: values.get("CPE_NAME"),
  });
}

function withoutEmpty(distro: { [Key in keyof Distro]?: Distro[Key] | undefined }): Partial<Distro> {
  return Object.fromEntries(
    Object.entries(distro).filter(
      ([, value]) => (typeof value === "string" || Array.isArray(value)) && value.length > 0,
    ),
  ) as Partial<Distro>; // as: its entries are those of a Distro
}

function withEndOfLife(distro: Partial<Distro>): Partial<Distro> {
  const { id, versionId, name, prettyName } = distro;
  if (id === undefined || versionId === undefined) return distro;
  // `openEuler 22.03 (LTS-SP4)`: service packs end on their own.
  const edition = id === "openeuler" ? /\((LTS[A-Z0-9-]*)\)/.exec(prettyName ?? "")?.[1] : undefined;
  const release = edition === undefined ? versionId : `${versionId}-${edition}`;
  const date = endOfLife(id === "centos" && name?.includes("Stream") === true ? "centos-stream" : id, release);
  return date === undefined ? distro : { ...distro, endOfLife: date };
}
