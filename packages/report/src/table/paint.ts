import type { Severity } from "@plimsoll/model";

/** Colours a text, or leaves it as it is. */
export type Paint = (text: string) => string;

export interface Palette {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly good: Paint;
  readonly bad: Paint;
  severity(severity: Severity): Paint;
}

/** ANSI SGR colours (ECMA-48 §8.3.117), or none. */
export function palette(color: boolean): Palette {
  const sgr = (on: string, off: string): Paint =>
    color ? (text) => `\u001b[${on}m${text}\u001b[${off}m` : (text) => text;
  const bySeverity: Record<Severity, Paint> = {
    CRITICAL: sgr("1;31", "22;39"),
    HIGH: sgr("31", "39"),
    MEDIUM: sgr("33", "39"),
    LOW: sgr("36", "39"),
    NEGLIGIBLE: sgr("2", "22"),
    UNKNOWN: sgr("2", "22"),
  };
  return {
    bold: sgr("1", "22"),
    dim: sgr("2", "22"),
    good: sgr("32", "39"),
    bad: sgr("31", "39"),
    severity: (severity) => bySeverity[severity],
  };
}
