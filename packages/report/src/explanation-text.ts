import type { FindingAccount, VulnerabilityAccount } from "@plimsoll/model";
import { visibleStart } from "./shared/visible-text.ts";
import { wrapText } from "./table/display-width.ts";
import { palette, type Palette } from "./table/paint.ts";

export interface ExplanationTextOptions {
  /** Columns of the terminal. Absent: 100. */
  readonly width?: number | undefined;
  /** ANSI colours. Absent: none. */
  readonly color?: boolean | undefined;
}

/** An account of one vulnerability for people: the verdict, then each step or reason on lines of its own. */
export function* explanationText(
  account: VulnerabilityAccount,
  options: ExplanationTextOptions = {},
): Iterable<string> {
  const width = Math.max(40, options.width ?? 100);
  const paint = palette(options.color ?? false);
  yield `${paint.bold(verdictText(account))}\n`;
  for (const finding of account.findings) yield* findingLines(finding, width, paint);
  if (account.ruledOut.length > 0) {
    yield account.findings.length > 0 ? "\nNot in\n" : "\n";
    for (const { message } of account.ruledOut) yield* item(message, width);
  }
  if (account.gaps.length > 0 && account.verdict === "not-found") {
    yield `\n${paint.bad("What could not be looked at may have it all the same:")}\n`;
    for (const gap of account.gaps) yield* item(gap, width);
  }
}

function verdictText({ id, artifact, verdict, findings }: VulnerabilityAccount): string {
  const name = visibleStart(id, 100);
  const where = visibleStart(artifact, 200);
  if (verdict === "not-found") return `${name} is not among the findings of ${where}`;
  const kept = findings.filter(({ suppressed }) => suppressed === undefined).length;
  const all = `${findings.length} ${findings.length === 1 ? "package" : "packages"} of ${where}`;
  if (verdict === "suppressed") return `${name} is in ${all}, and was taken out of the results`;
  return kept === findings.length
    ? `${name} is in ${all}`
    : `${name} is in ${all}, of which ${findings.length - kept} suppressed`;
}

function* findingLines({ finding, steps }: FindingAccount, width: number, paint: Palette): Iterable<string> {
  const { severity, id, package: pkg } = finding;
  const title = `${visibleStart(id, 100)} in ${visibleStart(pkg.name, 100)} ${visibleStart(pkg.version, 100)}`;
  yield `\n${paint.severity(severity)(severity)}  ${paint.bold(title)}\n`;
  for (const [index, { step, text }] of steps.entries()) {
    const label = steps[index - 1]?.step === step ? "" : step;
    const [first = "", ...rest] = wrapText(visibleStart(text, 2000), width - 12);
    yield `  ${paint.dim(label.padEnd(8))}  ${first}\n`;
    for (const line of rest) yield `${" ".repeat(12)}${line}\n`;
  }
}

function* item(text: string, width: number): Iterable<string> {
  const [first = "", ...rest] = wrapText(visibleStart(text, 2000), width - 4);
  yield `  - ${first}\n`;
  for (const line of rest) yield `    ${line}\n`;
}
