import { checkOptions, optionIs, piecesOf } from "@plimsoll/model";
import type { Reporter } from "@plimsoll/model";
import { streamObject } from "../shared/json-text.ts";
import { orderedReport } from "../shared/ordered-report.ts";
import { writeXml } from "../shared/xml.ts";
import type { CycloneDxVersion } from "./bom.ts";
import { buildBom } from "./build-bom.ts";
import { xmlBom } from "./xml-bom.ts";

import { cycloneDxVersions } from "./bom.ts";
import type { ReportFormat } from "../shared/report-format.ts";
export type { CycloneDxVersion } from "./bom.ts";

export interface CycloneDxOptions {
  /** Absent: 1.6. */
  readonly specVersion?: CycloneDxVersion | undefined;
  /** Absent: `json`. */
  readonly format?: "json" | "xml" | undefined;
}

/**
 * A CycloneDX BOM (ECMA-424): components, dependency graph and, where somebody looked, vulnerabilities.
 * It holds all that matching needs, so that reading it back and matching gives the same findings.
 */
export function cyclonedx(options: CycloneDxOptions = {}): Reporter {
  checkOptions("cyclonedx", options, {
    specVersion: optionIs.oneOf(cycloneDxVersions),
    format: optionIs.oneOf(["json", "xml"]),
  });
  const { specVersion = "1.6", format = "json" } = options;
  if (format === "xml")
    return {
      id: "cyclonedx-xml",
      mediaType: `application/vnd.cyclonedx+xml; version=${specVersion}`,
      shows: ["vulnerability"],
      render: (report) =>
        piecesOf(function* () {
          yield* writeXml(yield* xmlBom(yield* buildBom(yield* orderedReport(report), specVersion)));
        }),
    };
  return {
    id: "cyclonedx",
    mediaType: `application/vnd.cyclonedx+json; version=${specVersion}`,
    shows: ["vulnerability"],
    render: (report) =>
      piecesOf(function* () {
        yield* streamObject({ ...(yield* buildBom(yield* orderedReport(report), specVersion)) });
      }),
  };
}

/** The formats of this module, under the names that `--format` takes. */
export const formats: readonly ReportFormat[] = [
  {
    id: "cyclonedx",
    versions: cycloneDxVersions,
    listsPackages: true,
    make: ({ specVersion }) => cyclonedx({ specVersion: versionOf(specVersion) }),
  },
  {
    id: "cyclonedx-xml",
    versions: cycloneDxVersions,
    listsPackages: true,
    make: ({ specVersion }) => cyclonedx({ specVersion: versionOf(specVersion), format: "xml" }),
  },
];

function versionOf(specVersion: string | undefined): CycloneDxVersion | undefined {
  return cycloneDxVersions.find((version) => version === specVersion);
}
