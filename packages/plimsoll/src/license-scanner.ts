// Looks for licences: of packages by what they state, of files by their texts. The texts of the SPDX list are 5 MB, so
// @plimsoll/licenses is loaded where a scan asks for licences, never before.
import { field } from "@plimsoll/formats";
import type { LicenseRules } from "@plimsoll/licenses";
import { compareText } from "@plimsoll/model";
import type {
  AnalyzedFile,
  DetectedData,
  FileAnalyzer,
  FileMatcher,
  InventoryParts,
  LicenseText,
  PartDetector,
} from "@plimsoll/model";
import { gapsOf } from "./coverage-gaps.ts";
import type { Scanner } from "./scanners.ts";

/** Options of the licence scanner. */
export interface LicenseOptions extends LicenseRules {
  /** Look for licences in every text file, such as headers of source files, not only in licence files. */
  readonly full?: boolean | undefined;
}

/** Names under which projects keep their licence, in three spellings of each. */
const names = [
  "license",
  "licence",
  "copying",
  "notice",
  "copyright",
  "unlicense",
  "license-mit",
  "license-apache",
  "license-apache-2.0",
  "license-bsd",
  "license.lesser",
  "copying.lesser",
  "copying.lib",
  "copying3",
  "license.mit",
  "license.apache",
  "license.apache2",
  "license.bsd",
  "mit-license",
  "third-party-notices",
  "thirdpartynotices",
];
const endings = ["", ".txt", ".md", ".rst", ".html"];

const licenseNames: readonly FileMatcher[] = names.flatMap((name) =>
  [name, name.toUpperCase(), name.charAt(0).toUpperCase() + name.slice(1)].flatMap((spelling) =>
    endings.map((ending) => ({ basename: spelling + ending })),
  ),
);

/** Longer files are no licences; that they were not read is a diagnostic. The notices of a browser have eight megabytes. */
const maxLicenseFile = 16 * 1024 * 1024;
/** Longer sources are generated, or data. */
const maxSourceFile = 1024 * 1024;

async function* licensesIn(file: AnalyzedFile): AsyncGenerator<{ kind: "detected"; data: unknown }> {
  const text = await file.text();
  // Programs and pictures that happen to have such a name.
  if (text.slice(0, 8_192).includes("\u0000")) return;
  const { copyrightLines, licensesOfFile } = await import("@plimsoll/licenses");
  const licenses = licensesOfFile(file.path, text);
  const copyrights = licenses.length === 0 ? [] : copyrightLines(text);
  if (licenses.length > 0)
    yield { kind: "detected", data: copyrights.length === 0 ? { licenses } : { licenses, copyrights } };
}

const licenseFile: FileAnalyzer = {
  kind: "file",
  id: "licenses/files",
  revision: 5,
  matches: licenseNames,
  maxBytes: maxLicenseFile,
  analyze: licensesIn,
};

const everyFile: FileAnalyzer = {
  kind: "file",
  id: "licenses/every-file",
  revision: 5,
  matches: [{ suffix: "" }],
  maxBytes: maxSourceFile,
  analyze: licensesIn,
};

/** Licence files: `LICENSE`, `COPYING`, `NOTICE`, `usr/share/doc/…/copyright` and their like. */
const licenseFiles: PartDetector = {
  id: "licenses",
  analyzers: [licenseFile],
  clean: cleanLicenses,
  collect: (found) => ({ licenseTexts: textsOf(found) }),
};

/** Every text file, for `full`. */
const licensesOfEveryFile: PartDetector = {
  ...licenseFiles,
  id: "licenses-full",
  analyzers: [licenseFile, everyFile],
};

const maxLicenses = 1_000;
const maxId = 200;
const maxCopyrights = 500;

function cleanLicenses(data: unknown): Pick<LicenseText, "licenses" | "copyrights"> | undefined {
  if (typeof data !== "object" || data === null || !("licenses" in data) || !Array.isArray(data.licenses))
    return undefined;
  const licenses = data.licenses.slice(0, maxLicenses).flatMap((value: unknown): LicenseText["licenses"] => {
    const id = field(value, "id");
    const confidence = field(value, "confidence");
    const line = field(value, "line");
    if (typeof id !== "string" || id.length > maxId) return [];
    if (typeof confidence !== "number" || !(confidence >= 0 && confidence <= 1)) return [];
    const isLine = typeof line === "number" && Number.isSafeInteger(line) && line > 0;
    return [{ id, confidence, ...(isLine ? { line } : {}) }];
  });
  if (licenses.length === 0) return undefined;
  const listed: unknown = "copyrights" in data ? data.copyrights : undefined;
  const copyrights = (Array.isArray(listed) ? listed : [])
    .filter((line: unknown): line is string => typeof line === "string" && line.length <= maxId * 2)
    .slice(0, maxCopyrights);
  return copyrights.length === 0 ? { licenses } : { licenses, copyrights };
}

function textsOf(found: readonly DetectedData[]): NonNullable<InventoryParts["licenseTexts"]> {
  const byPath = new Map<string, LicenseText>();
  for (const { data, path, layer } of found) {
    const clean = cleanLicenses(data);
    if (clean === undefined || byPath.has(path)) continue;
    byPath.set(path, {
      path,
      ...(layer === undefined ? {} : { layer: { index: layer.index, diffId: layer.diffId } }),
      ...clean,
    });
  }
  return [...byPath.values()].sort((a, b) => compareText(a.path, b.path));
}

/** Licences of packages and files. */
export const licenses: Scanner = {
  id: "license",
  finds: "license",
  detectors({ licenses: options }) {
    return Promise.resolve([options?.full === true ? licensesOfEveryFile : licenseFiles]);
  },
  async scan(inventory, { licenses: options = {} }) {
    const { judgeLicenses } = await import("@plimsoll/licenses");
    const { full: _full, ...rules } = options;
    const { findings, silent } = judgeLicenses(inventory, rules);
    const gaps = [
      ...gapsOf(inventory.diagnostics, "license"),
      ...(silent.length === 0
        ? []
        : [
            {
              scanner: "license" as const,
              code: "no-license",
              message: `${silent.length} ${silent.length === 1 ? "package states" : "packages state"} no licence, and none was found beside them`,
              packages: silent.length,
            },
          ]),
    ];
    return { findings, verdict: gaps.length === 0 ? "complete" : "partial", gaps };
  },
};
