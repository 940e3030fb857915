import { checkOptions, optionIs, piecesOf } from "@plimsoll/model";
import type { Steps } from "@plimsoll/formats";
import type { Vulnerability, Report, Reporter } from "@plimsoll/model";
import { uuidSteps } from "../shared/content-id.ts";
import { dateOrEpoch } from "../shared/fallback-date.ts";
import { groupBy } from "../shared/group-by.ts";
import { flatItems, items } from "../shared/items.ts";
import { streamObject } from "../shared/json-text.ts";
import { unratedSentence } from "../shared/left-out.ts";
import { orderedReport } from "../shared/ordered-report.ts";
import { primaryUrl } from "../shared/primary-url.ts";
import { suppressedVulnerabilities } from "../shared/suppression.ts";
import { vexStatus } from "../shared/vex-status.ts";
import { visibleStart } from "../shared/visible-text.ts";
import type { ReportFormat } from "../shared/report-format.ts";

export interface OpenVexOptions {
  /** The author of the document, who is responsible for its statements. Absent: `Unknown Author`. */
  readonly author?: string | undefined;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * A draft of an OpenVEX 0.2.0 document. What no one has judged yet is `under_investigation`, with the evidence in its
 * notes; what VEX has already judged keeps its status. Whether something is affected is for the author to say.
 */
export function openvex(options: OpenVexOptions = {}): Reporter {
  checkOptions("openvex", options, { author: optionIs.text });
  return {
    id: "openvex",
    mediaType: "application/json",
    shows: ["vulnerability"],
    render: (report) =>
      piecesOf(function* () {
        yield* streamObject(yield* document(yield* orderedReport(report), options));
      }),
  };
}

/** The formats of this module, under the names that `--format` takes. */
export const formats: readonly ReportFormat<OpenVexOptions>[] = [
  { id: "openvex", make: ({ author }) => openvex({ author }) },
];

function* document(report: Report, { author = "Unknown Author" }: OpenVexOptions): Steps<Json> {
  return {
    "@context": "https://openvex.dev/ns/v0.2.0",
    "@id": `https://openvex.dev/docs/public/vex-${yield* uuidSteps(["openvex", author, report])}`,
    author,
    timestamp: dateOrEpoch(report),
    version: 1,
    // The one place of the format for prose of the document as a whole.
    tooling: [`${report.tool.name}/${report.tool.version}`, unratedSentence(report)].filter(Boolean).join("; "),
    statements: yield* statements(report),
  };
}

function* statements(report: Report): Steps<Json[]> {
  const product = productId(report);
  const open = yield* items([...groupBy(report.vulnerabilities ?? [], ({ id }) => id).values()], (findings): Json => ({
    ...subject(findings, product),
    status: "under_investigation",
    status_notes: notes(findings),
  }));
  const suppressed = suppressedVulnerabilities(report.suppressed);
  const judgedBefore = yield* flatItems(suppressed, ({ finding, by, reason }): Json[] => {
    const statement = vexStatus({ by, reason });
    if (statement === undefined) return [];
    const impact = visibleStart(reason, 2000) || "stated without a reason";
    return [
      {
        ...subject([finding], product),
        status: statement.status,
        ...(statement.justification === undefined ? {} : { justification: statement.justification }),
        ...(statement.status === "not_affected" ? { impact_statement: impact } : { status_notes: impact }),
      },
    ];
  });
  return [...open, ...judgedBefore];
}

function subject(findings: readonly Vulnerability[], product: string): Json {
  const [first] = findings;
  const aliases = [...new Set(findings.flatMap(({ aliases: all }) => all))].sort();
  return {
    vulnerability: {
      ...(first === undefined ? {} : { "@id": primaryUrl(first) }),
      name: visibleStart(first?.id ?? "", 200) || "unnamed",
      ...(first?.title === undefined ? {} : { description: visibleStart(first.title, 2000) }),
      ...(aliases.length === 0 ? {} : { aliases: aliases.map((alias) => visibleStart(alias, 200)) }),
    },
    products: [
      {
        "@id": product,
        subcomponents: [...new Set(findings.map(({ package: pkg }) => pkg.purl))].map((purl) => ({
          "@id": purl,
          identifiers: { purl },
        })),
      },
    ],
  };
}

function notes(findings: readonly Vulnerability[]): string {
  return findings
    .map(({ package: pkg, explanation, fixedVersion, status }) => {
      const fix = fixedVersion === undefined ? `no fixed version (${status})` : `upgrade to ${fixedVersion}`;
      return visibleStart(
        `${pkg.name} ${pkg.version}: ${explanation.advisory} covers ${explanation.range} (${explanation.confidence}); ${fix}`,
        1000,
      );
    })
    .join("\n");
}

/** The image as a package URL (purl-spec, type oci), or its name where it has no digest. */
function productId({ artifact }: Report): string {
  const [repository = ""] = artifact.name.split("@");
  const name = (repository.split("/").at(-1) ?? "").split(":")[0] ?? "";
  const encoded = encodeURIComponent(visibleStart(name, 200).toLowerCase()) || "unnamed";
  return artifact.digest === undefined
    ? `pkg:generic/${encoded}`
    : `pkg:oci/${encoded}@${encodeURIComponent(artifact.digest)}`;
}
