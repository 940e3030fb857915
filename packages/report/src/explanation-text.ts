import { checkOptions, optionIs, subjectOf } from "@plimsoll/model";
import type { ExplainedFinding, Explanation } from "@plimsoll/model";
import { visibleStart } from "./shared/visible-text.ts";
import { wrapText } from "./table/display-width.ts";
import { palette, type Palette } from "./table/paint.ts";

export interface ExplanationTextOptions {
  /** Columns of the terminal. Absent: 100. */
  readonly width?: number | undefined;
  /** ANSI colours. Absent: none. */
  readonly color?: boolean | undefined;
}

/** An explanation for people: the verdict, then each step or reason on lines of its own. */
export function* explanationText(explanation: Explanation, options: ExplanationTextOptions = {}): Iterable<string> {
  checkOptions("explanationText", options, { color: optionIs.flag, width: optionIs.count });
  const width = Math.max(40, options.width ?? 100);
  const paint = palette(options.color ?? false);
  yield `${paint.bold(verdictText(explanation))}\n`;
  for (const finding of explanation.findings) yield* findingLines(finding, width, paint);
  if (explanation.ruledOut.length > 0) {
    yield explanation.findings.length > 0 ? "\nNot in\n" : "\n";
    for (const { message } of explanation.ruledOut) yield* item(message, width);
  }
  if (explanation.gaps.length > 0 && explanation.verdict === "not-found") {
    yield `\n${paint.bad("What could not be looked at may have it all the same:")}\n`;
    for (const gap of explanation.gaps) yield* item(gap, width);
  }
}

function verdictText({ id, artifact, verdict, findings }: Explanation): string {
  const name = visibleStart(id, 100);
  const where = visibleStart(artifact, 200);
  if (verdict === "not-found") return `${name} is not among the findings of ${where}`;
  const kept = findings.filter(({ suppressed }) => suppressed === undefined).length;
  const places = findings.every(({ finding }) => finding.kind === "vulnerability") ? "package" : "place";
  const all = `${findings.length} ${findings.length === 1 ? places : `${places}s`} of ${where}`;
  if (verdict === "suppressed") return `${name} is in ${all}, and was suppressed`;
  return kept === findings.length
    ? `${name} is in ${all}`
    : `${name} is in ${all}, of which ${findings.length - kept} suppressed`;
}

function* findingLines({ finding, steps }: ExplainedFinding, width: number, paint: Palette): Iterable<string> {
  const { severity, id } = finding;
  const title = `${visibleStart(id, 100)} in ${visibleStart(subjectOf(finding), 200)}`;
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
