import { compareText } from "@plimsoll/model";
import { copyrightParagraphs } from "@plimsoll/formats";
import type { CopyrightParagraph } from "@plimsoll/formats";
import { formatLicenseExpression, licenseTerms, parseLicenseExpression, termOf } from "../spdx/expression.ts";
import type { LicenseExpression } from "../spdx/expression.ts";
import { readStatement } from "../statements/normalize-statement.ts";
import { splitStatement } from "../statements/split-statement.ts";
import { classifyText } from "../texts/classify-text.ts";

/** The licences that a Debian copyright file states. */
export interface DebianCopyright {
  /** `dep5`: machine-readable (https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/). */
  readonly format: "dep5" | "free";
  /** SPDX licences of the package's files, each once, sorted by text. */
  readonly licenses: readonly string[];
  /** Short names without an SPDX id: the packager's own, "public-domain" among them. */
  readonly unknown: readonly string[];
  /**
   * The licences behind those names: what their texts were recognised as or, where the file has no text, what the name suggests. Each
   * once, in text order, without those in `licenses`.
   */
  readonly behindUnknown: readonly string[];
}

/** The largest copyright file that is read, in bytes; callers report what lies beyond. That of libboost has two megabytes. */
export const maxCopyright: number = 4 * 1024 * 1024;

/** Reads `usr/share/doc/PACKAGE/copyright`, machine-readable or in free text. */
export function readDebianCopyright(text: string): DebianCopyright {
  const paragraphs = copyrightParagraphs(text);
  return paragraphs === undefined ? freeText(text) : machineReadable(paragraphs);
}

/** Short names that Debian's copyright format defines otherwise than SPDX: section 7.1. */
const shortNames: ReadonlyMap<string, string> = new Map([
  ["expat", "MIT"],
  ["apache", "Apache-2.0"],
  ["artistic", "Artistic-1.0-Perl"],
  ["perl", "GPL-1.0-or-later OR Artistic-1.0-Perl"],
  ["cc0", "CC0-1.0"],
  ["zope-1.1", "ZPL-1.1"],
  ["zope-2.0", "ZPL-2.0"],
  ["zope-2.1", "ZPL-2.1"],
]);

function machineReadable(paragraphs: Iterable<CopyrightParagraph>): DebianCopyright {
  const found = new Map<string, LicenseExpression>();
  const unknown = new Set<string>();
  const named: string[] = [];
  const texts = new Map<string, string>();
  for (const { kind, name, text } of paragraphs) {
    if (text.length > (texts.get(name.toLowerCase())?.length ?? 0)) texts.set(name.toLowerCase(), text);
    // A stanza of its own holds the text of a licence that others name.
    if (kind === "files" || !named.some((other) => other.toLowerCase().includes(name.toLowerCase()))) named.push(name);
  }
  const behind = new Map<string, LicenseExpression>();
  for (const statement of new Set(named))
    for (const name of namesOf(statement)) {
      const defined = definedName(name);
      if (defined !== undefined) found.set(formatLicenseExpression(defined), defined);
      else {
        unknown.add(name);
        for (const expression of behindName(name, texts.get(name.toLowerCase()) ?? ""))
          behind.set(formatLicenseExpression(expression), expression);
      }
    }
  const licenses = sorted(found.values());
  return {
    format: "dep5",
    licenses,
    unknown: [...unknown].sort(compareText),
    behindUnknown: sorted(behind.values()).filter((license) => !licenses.includes(license)),
  };
}

function namesOf(statement: string): readonly string[] {
  return splitStatement(statement.slice(0, 1_000)).map(({ start, end }) =>
    statement.slice(start, end).replace(/[.,;:]+$/, ""),
  );
}

/** A shorter text is a remark, of which nothing follows. */
const shortestText = 200;

/** What a name of the packager's own ("sun", "MIT-like") stands for: by its text, and only without one by how it sounds. */
function behindName(name: string, text: string): readonly LicenseExpression[] {
  if (/public-domain/i.test(name)) return [];
  const plain = text.replaceAll(/^[ \t]{0,3}\.$/gm, "");
  const classified = classifyText(plain).map(({ id, exception }) => termOf(id, false, exception));
  if (classified.length > 0 || plain.length > shortestText) return classified;
  const read = readStatement(name);
  return read === undefined ? [] : [read];
}

/** A family and its version, and perhaps an exception: `GPL-2+ with Autoconf exception`. */
const versioned = /^[A-Za-z-]{1,20}-?v?\d{1,2}(?:\.\d{1,2}){0,3}[a-z]?\+?(?:[\s-]with[\s-].{1,60}exception)?$/i;

/** The licence of a name that the format or SPDX defines. */
function definedName(name: string): LicenseExpression | undefined {
  const own = shortNames.get(name.toLowerCase());
  return parseLicenseExpression(own ?? name) ?? (versioned.test(name) ? readStatement(name) : undefined);
}

function freeText(text: string): DebianCopyright {
  const found = new Map<string, LicenseExpression>();
  for (const { id, exception } of classifyText(text)) {
    const term = termOf(id, false, exception);
    found.set(formatLicenseExpression(term), term);
  }
  return { format: "free", licenses: sorted(found.values()), unknown: [], behindUnknown: [] };
}

function sorted(expressions: Iterable<LicenseExpression>): readonly string[] {
  const terms = new Set(Array.from(expressions, licenseTerms).flat().map(formatLicenseExpression));
  return [...terms].sort(compareText);
}
