import { compareText } from "@plimsoll/model";
import { stanzas } from "@plimsoll/formats";
import { formatLicenseExpression, licenseTerms, parseLicenseExpression, termOf } from "../spdx/expression.ts";
import type { LicenseExpression } from "../spdx/expression.ts";
import { readStatement } from "../statements/normalize-statement.ts";
import { splitStatement } from "../statements/split-statement.ts";
import { classifyText } from "../texts/classify-text.ts";

/** What a Debian copyright file says. */
export interface DebianCopyright {
  /** `dep5`: machine-readable (https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/). */
  readonly format: "dep5" | "free";
  /** SPDX licences that the files of the package are under, each once, in text order. */
  readonly licenses: readonly string[];
  /** Short names without an SPDX id: the packager's own, "public-domain" among them. */
  readonly unknown: readonly string[];
}

/** That of libboost has two megabytes; what is behind is not read, and the caller tells so. */
export const maxCopyright: number = 4 * 1024 * 1024;

/** Reads `usr/share/doc/PACKAGE/copyright`, machine-readable or in free text. */
export function readDebianCopyright(text: string): DebianCopyright {
  return /^Format(?:-Specification)?:/im.test(text.slice(0, 2_000)) ? machineReadable(text) : freeText(text);
}

/** Short names that Debian's copyright format defines otherwise than SPDX: section 7.1. */
const shortNames: ReadonlyMap<string, string> = new Map([
  ["expat", "MIT"],
  ["artistic", "Artistic-1.0-Perl"],
  ["gfdl-niv", "GFDL-1.1-no-invariants-or-later"],
  ["perl", "GPL-1.0-or-later OR Artistic-1.0-Perl"],
  ["cc0", "CC0-1.0"],
  ["zope-1.1", "ZPL-1.1"],
  ["zope-2.0", "ZPL-2.0"],
  ["zope-2.1", "ZPL-2.1"],
]);

function machineReadable(text: string): DebianCopyright {
  const found = new Map<string, LicenseExpression>();
  const unknown = new Set<string>();
  const named: string[] = [];
  for (const { fields } of stanzas(text)) {
    const [name = ""] = (fields.get("license") ?? "").split("\n");
    if (name.trim() === "") continue;
    // A stanza of its own holds the text of a licence that others name.
    if (fields.has("files") || fields.has("format")) named.push(name.trim());
    if (
      !fields.has("files") &&
      !fields.has("format") &&
      !named.some((other) => other.toLowerCase().includes(name.trim().toLowerCase()))
    )
      named.push(name.trim());
  }
  for (const statement of new Set(named))
    for (const name of namesOf(statement)) {
      const expression = shortName(name);
      if (expression === undefined) unknown.add(name);
      else found.set(formatLicenseExpression(expression), expression);
    }
  return { format: "dep5", licenses: sorted(found.values()), unknown: [...unknown].sort(compareText) };
}

function namesOf(statement: string): readonly string[] {
  return splitStatement(statement.slice(0, 1_000)).map(({ start, end }) =>
    statement.slice(start, end).replace(/[.,;:]+$/, ""),
  );
}

function shortName(name: string): LicenseExpression | undefined {
  const own = shortNames.get(name.toLowerCase());
  if (own !== undefined) return parseLicenseExpression(own);
  if (/public-domain/i.test(name)) return undefined;
  return readStatement(name);
}

const common = /\/usr\/share\/common-licenses\/([\w.+-]{1,40})/g;

function freeText(text: string): DebianCopyright {
  const classified = classifyText(text);
  const found = new Map<string, LicenseExpression>();
  for (const { id, exception } of classified) {
    const term = termOf(id, false, exception);
    found.set(formatLicenseExpression(term), term);
  }
  // "On Debian systems the full text is in …" names the licence of a notice again: it counts only where there is none.
  if (found.size === 0)
    for (const [, name = ""] of text.matchAll(common)) {
      const expression = shortName(name.replace(/[.,;:']+$/, ""));
      if (expression !== undefined) found.set(formatLicenseExpression(expression), expression);
    }
  return { format: "free", licenses: sorted(found.values()), unknown: [] };
}

function sorted(expressions: Iterable<LicenseExpression>): readonly string[] {
  const terms = new Set(Array.from(expressions, licenseTerms).flat().map(formatLicenseExpression));
  return [...terms].sort(compareText);
}
