import { sha256Hex } from "../shared/content-id.ts";
import { licenseOf } from "../shared/licenses.ts";
import { visibleText } from "../shared/visible-text.ts";
import type { ExtractedLicense } from "./document.ts";

/**
 * One licence expression for all licences that a package declares (SPDX 2.3 annex D). Free text becomes a `LicenseRef-`,
 * whose text is kept in `extracted`.
 */
export function declaredLicense(texts: readonly string[], extracted: Map<string, ExtractedLicense>): string {
  const parts = texts
    .filter((text) => text.trim() !== "")
    .map((text) => {
      const license = licenseOf(text);
      if (license.kind === "id") return license.text;
      if (license.kind === "expression" && !license.text.includes("Ref-"))
        return texts.length > 1 && license.text.includes(" ") ? `(${license.text})` : license.text;
      return reference(text, extracted);
    });
  return parts.length === 0 ? "NOASSERTION" : [...new Set(parts)].join(" AND ");
}

function reference(text: string, extracted: Map<string, ExtractedLicense>): string {
  const licenseId = `LicenseRef-${sha256Hex(text).slice(0, 16)}`;
  const visible = visibleText(text);
  extracted.set(licenseId, { licenseId, extractedText: visible, name: visible.slice(0, 200) });
  return licenseId;
}
