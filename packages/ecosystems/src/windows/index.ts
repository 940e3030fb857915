import { FormatError, formatPurl, hasPendingChanges, openHive } from "@plimsoll/formats";
import type { HiveKey } from "@plimsoll/formats";
import type { AnalyzedFile, Ecosystem, FileAnalyzer, FoundPackage, Observation } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { genericVersions } from "../shared/versions/generic-versions.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";

/**
 * Where the machine's part of the registry lies, from the root of a disk or in layers of images, which keep the hives apart and those of
 * upper layers as differences.
 */
const places = ["Windows/System32/config/SOFTWARE", "Windows/System32/Config/SOFTWARE"];
const layerPlaces = ["Hives/Software_Base", "Hives/Software_Delta"];

const servicing = "Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\Packages";
/** Where installers enter programs, those for 32 bits apart. */
const programs = [
  "Microsoft\\Windows\\CurrentVersion\\Uninstall",
  "WOW6432Node\\Microsoft\\Windows\\CurrentVersion\\Uninstall",
];
/** The state of a package below {@link servicing} that is in force; others are staged, pending or superseded. */
const installed = 0x70;

/** Release and build of Windows, and its installed updates, from the hive SOFTWARE. */
const registry: FileAnalyzer = {
  kind: "file",
  id: "windows/registry",
  revision: 2,
  matches: [
    ...places.flatMap((path) => [{ path }, { path: `Files/${path}` }]),
    ...layerPlaces.map((path) => ({ path })),
  ],
  maxBytes: 512 * 1024 * 1024,
  async *analyze(file): AsyncGenerator<Observation> {
    try {
      const bytes = await file.bytes();
      if (hasPendingChanges(bytes))
        yield malformedFile(
          file,
          "the hive was not closed cleanly: its latest changes may be in its transaction logs, which are not read",
        );
      const root = openHive(bytes);
      const release = releaseOf(root.key("Microsoft\\Windows NT\\CurrentVersion"));
      if (release !== undefined) {
        yield { kind: "package", package: release.package };
        yield { kind: "distro", distro: release.distro, rank: 100 };
      } else if (!layerPlaces.includes(file.path)) yield malformedFile(file, "states no release of Windows");
      for (const update of updatesOf(root.key(servicing))) yield { kind: "package", package: update };
      for (const path of programs) yield* programsOf(root.key(path), file);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      yield malformedFile(file, error.message);
    }
  },
};

interface Release {
  readonly package: FoundPackage;
  readonly distro: {
    readonly id: string;
    readonly versionId: string;
    readonly name?: string;
    readonly codename?: string;
  };
}

/** `10.0.20348.2340`: version, build, and the build's revision, which every update raises. */
function releaseOf(key: HiveKey | undefined): Release | undefined {
  const text = (name: string): string | undefined => {
    const value = key?.value(name);
    return typeof value === "string" && value.trim() !== "" ? value.trim().slice(0, 256) : undefined;
  };
  const number = (name: string): number | undefined => {
    const value = key?.value(name);
    return typeof value === "number" ? value : undefined;
  };
  const build = text("CurrentBuildNumber") ?? text("CurrentBuild");
  if (build === undefined || !/^\d{1,6}$/.test(build)) return undefined;
  const major = number("CurrentMajorVersionNumber");
  // Before Windows 10 both numbers stand in a text: `6.3`.
  const system = major === undefined ? text("CurrentVersion") : `${major}.${number("CurrentMinorVersionNumber") ?? 0}`;
  const revision = number("UBR");
  const versionId = [system ?? "0.0", build, ...(revision === undefined ? [] : [String(revision)])].join(".");
  const [name, codename] = [text("ProductName"), text("DisplayVersion") ?? text("ReleaseId")];
  const facts = Object.entries({ product: name, release: codename, installation: text("InstallationType") }).flatMap(
    ([fact, value]) => (value === undefined ? [] : [[fact, value] as const]),
  );
  return {
    package: { name: "windows", version: versionId, supplier: "Microsoft", facts: Object.fromEntries(facts) },
    distro: {
      id: "windows",
      versionId,
      ...(name === undefined ? {} : { name }),
      ...(codename === undefined ? {} : { codename }),
    },
  };
}

/** Updates that are installed, each by its number in the knowledge base. Cumulative ones have it in the name of what they came in. */
function* updatesOf(packages: HiveKey | undefined): Generator<FoundPackage> {
  const seen = new Set<string>();
  for (const key of packages?.keys() ?? []) {
    const [, version] = /^Package_for_[^~]+(?:~[^~]*){3}~(\d[\d.]*)$/.exec(key.name) ?? [];
    const state = key.value("CurrentState");
    if (version === undefined || state !== installed) continue;
    const origin = [key.name, key.value("InstallName"), key.value("InstallLocation")].join(" ");
    const number = /\bKB(\d{6,8})\b|_KB(\d{6,8})/i.exec(origin);
    const name = number === null ? /^Package_for_([^~]+)/.exec(key.name)?.[1] : `KB${number[1] ?? number[2]}`;
    if (name === undefined || seen.has(`${name} ${version}`)) continue;
    seen.add(`${name} ${version}`);
    yield { name, version, supplier: "Microsoft", facts: { update: key.name.slice(0, 256) } };
  }
}

/** Programs by what the control panel shows of them. Entries without a title are parts of others. */
function* programsOf(entries: HiveKey | undefined, file: AnalyzedFile): Generator<Observation> {
  for (const key of entries?.keys() ?? []) {
    const [name, version, supplier] = ["DisplayName", "DisplayVersion", "Publisher"].map((field) => {
      const value = key.value(field);
      return typeof value === "string" && value.trim() !== "" ? value.trim().slice(0, 256) : undefined;
    });
    if (name === undefined || key.value("SystemComponent") === 1) continue;
    if (version !== undefined)
      yield {
        kind: "package",
        package: { name, version, ...(supplier === undefined ? {} : { supplier }), facts: { installed: "program" } },
      };
    else
      yield {
        ...malformedFile(file, `the program ${name} states no version`),
        code: "unknown-version",
        effect: "none",
      };
  }
}

/** Windows, its updates and programs, for the inventory only: no supported database has advisories for them. */
export const windows: Ecosystem = defineEcosystem({
  id: "windows",
  class: "os",
  analyzers: [registry],
  versions: genericVersions,
  purl: ({ name, version, facts }) =>
    formatPurl({
      type: "generic",
      ...(facts?.["installed"] === undefined ? { namespace: "microsoft" } : {}),
      name,
      version,
    }),
  lookupGap: ({ facts }) =>
    facts?.["installed"] === undefined
      ? {
          code: "unsupported-distro",
          message: "Advisories of Microsoft are not read, so missing updates of Windows are not known",
        }
      : { code: "no-advisories", message: "Nobody publishes advisories for programs by their titles in Windows" },
});
