import { compareText, checkOptions, optionIs, piecesOf } from "@plimsoll/model";
import type { FindingKind, LicenseFinding, Report, Reporter } from "@plimsoll/model";
import { groupBy } from "../shared/group-by.ts";
import { orderedReport } from "../shared/ordered-report.ts";
import { visibleStart, visibleText } from "../shared/visible-text.ts";
import type { ReportFormat } from "../shared/report-format.ts";

/** Options of the format `notices`. */
export interface NoticesOptions {
  /** The text of a licence of the SPDX list; undefined where there is none. Absent: notices name licences without their texts. */
  readonly licenseText?: ((id: string) => string | undefined) | undefined;
}

const shows: readonly FindingKind[] = ["license"];

/**
 * The notices that go along with what is shipped, as text: for each licence the packages and files under it with their copyrights, and
 * its text once. Alternatives stand as they are stated; of what has no text in the SPDX list the name is given.
 */
export function notices(options: NoticesOptions = {}): Reporter {
  checkOptions("notices", options, { licenseText: optionIs.call });
  const { licenseText } = options;
  return {
    id: "notices",
    mediaType: "text/plain",
    shows,
    render: (report) =>
      piecesOf(function* () {
        yield* linesOf(yield* orderedReport(report), licenseText);
      }),
  };
}

/** The formats of this module, under the names that `--format` takes. */
export const formats: readonly ReportFormat<NoticesOptions>[] = [
  { id: "notices", make: ({ licenseText }) => notices({ licenseText }) },
];

const rule = "=".repeat(80);

function* linesOf(report: Report, licenseText: NoticesOptions["licenseText"]): Generator<string> {
  yield `Third-party notices of ${visibleStart(report.artifact.name, 200)}\n`;
  if (report.licenses === undefined) {
    yield "\nNot scanned for licences, which notices are made of (--scanners license).\n";
    return;
  }
  const byLicense = [...groupBy(report.licenses, ({ id }) => id)].sort(([a], [b]) => compareText(a, b));
  const told = new Set<string>();
  for (const [id, of] of byLicense) {
    yield `\n${rule}\n${visibleText(id)}\n${rule}\n\n`;
    for (const [owner, same] of [...groupBy(of, ownerOf)].sort(([a], [b]) => compareText(a, b))) {
      yield `${visibleStart(owner, 400)}\n`;
      const copyrights = new Set(same.flatMap(({ copyrights = [] }) => copyrights));
      for (const line of [...copyrights].sort(compareText)) yield `    ${visibleStart(line, 300)}\n`;
    }
    for (const license of idsIn(id)) {
      if (told.has(license)) continue;
      told.add(license);
      const text = licenseText?.(license);
      if (text !== undefined) yield `\n${license}:\n\n${text.trim()}\n`;
    }
  }
}

function ownerOf({ package: pkg, location }: LicenseFinding): string {
  return pkg === undefined ? (location?.path ?? "") : `${pkg.name} ${pkg.version}`;
}

/** The ids of an expression, in its order. */
function idsIn(expression: string): readonly string[] {
  return expression.split(/[\s()]+/).filter((word) => word !== "" && !/^(?:AND|OR|WITH)$/.test(word));
}
