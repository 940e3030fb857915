import type { LicenseText } from "@plimsoll/model";
import { formatLicenseExpression, termOf } from "../spdx/expression.ts";
import { readDebianCopyright } from "../debian/read-copyright.ts";
import { classifyText } from "../texts/classify-text.ts";

/** Texts that are less like a licence are not kept in the inventory; `judgeLicenses` asks for more by default. */
const leastConfidence = 0.8;
const maxLicenses = 200;
/** The confidence of a name that SPDX or Debian's format defines. */
const statedName = 1;
/** The confidence of a packager's own name, which is resolved by its text or its wording. */
const unknownName = 0.9;

/**
 * Returns the licences of a file as an inventory keeps them: each once, with the line (from 1) where its text begins. For Debian's machine-readable
 * copyright files these are the licences that their fields name, without lines.
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

/** Rounded to three digits; further ones carry no information. */
function rounded(confidence: number): number {
  return Math.round(confidence * 1_000) / 1_000;
}
