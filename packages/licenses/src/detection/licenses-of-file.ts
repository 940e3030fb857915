import type { LicenseText } from "@plimsoll/model";
import { formatLicenseExpression, termOf } from "../spdx/expression.ts";
import { readDebianCopyright } from "../debian/read-copyright.ts";
import { classifyText } from "../texts/classify-text.ts";

/** What is less like a licence is not even remembered; judging asks for more. */
const leastConfidence = 0.8;
const maxLicenses = 200;
/** The format or SPDX defines the name: nothing is guessed, though no text was compared. */
const statedName = 1;
/** The packager's own name: what its text is like, or how it sounds. */
const unknownName = 0.9;

/**
 * The licences of a file as an inventory keeps them: each once, at the line where it begins. Of Debian's machine-readable
 * copyright files, those that their fields name.
 */
export function licensesOfFile(path: string, text: string): LicenseText["licenses"] {
  if (/(?:^|\/)usr\/share\/doc\/[^/]+\/copyright$/.test(path)) {
    const { format, licenses, behindUnknown } = readDebianCopyright(text);
    if (format === "dep5")
      return [
        ...licenses.map((id) => ({ id, confidence: statedName })),
        ...behindUnknown.map((id) => ({ id, confidence: unknownName })),
      ];
  }
  const found = new Map<string, LicenseText["licenses"][number]>();
  let line = 1;
  let counted = 0;
  for (const { id, exception, confidence, start } of classifyText(text, { confidence: leastConfidence })) {
    for (; counted < start; counted++) if (text.charCodeAt(counted) === 10) line += 1;
    const name = formatLicenseExpression(termOf(id, false, exception));
    const known = found.get(name);
    if (known === undefined || known.confidence < confidence)
      found.set(name, { id: name, confidence: rounded(confidence), line });
    if (found.size >= maxLicenses) break;
  }
  return [...found.values()];
}

/** Three digits: more say nothing, and would differ for nothing. */
function rounded(confidence: number): number {
  return Math.round(confidence * 1_000) / 1_000;
}
