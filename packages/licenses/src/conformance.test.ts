import { sharedFile, sharedTable } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { defaultCategories } from "./categories/default-categories.ts";
import {
  categoryOf,
  classifyText,
  formatLicenseExpression,
  joinStatements,
  licenseOfLink,
  normalizeStatement,
  parseLicenseExpression,
} from "./index.ts";

interface NameRow {
  readonly input: string;
  readonly expect?: string | null;
  readonly loose?: boolean;
  readonly ambiguous?: unknown;
}
interface TextRow {
  readonly case: string;
  readonly kind: string;
  readonly expect: readonly (readonly string[])[];
  readonly text: string;
}

function table<T>(name: string): readonly T[] | undefined {
  const text = sharedFile(`conformance/licenses/${name}`);
  return text === undefined ? undefined : (JSON.parse(text) as T[]); // a file of our own
}

/** One spelling, whatever ids the table uses. */
function plain(expression: string | null | undefined): string | undefined {
  const tree = expression === null || expression === undefined ? undefined : parseLicenseExpression(expression);
  return tree === undefined ? (expression ?? undefined) : formatLicenseExpression(tree);
}

const names = table<NameRow>("names.json");
const texts = table<TextRow>("texts.json");
const links = sharedTable("conformance/licenses/links.csv");
const categories = sharedTable("conformance/licenses/categories.csv");
const declared = table<{ readonly declared: unknown }>("declared.json");

/** Names of which the table has what another tool makes of them, though the name says something else. */
const contradicted: ReadonlySet<string> = new Set([
  // Version 1.1 of the CDDL is said.
  "CDDL v1.1 / GPL v2 dual license",
  // Nothing says "or later", or 2.1; the same words without "GNU" are read as written by the same table.
  "GNU LGPL v2+",
  "GNU LGPL v2.1",
  "lgplv2 or later",
  "Perl Artistic v2",
  // The Open Source Initiative's name for Zlib; the table has "Zlib/libpng" as Zlib.
  "Zlib / Libpng License",
  "Zlib/Libpng License",
  "bsd 4-clause",
  // The page is that of CeCILL-C, by the SPDX list and by links.csv.
  "http://www.cecill.info/licences/Licence_CeCILL-C_V1-en.txt",
]);

describe.skipIf(names === undefined)("names of licences", () => {
  test("are read as their tables have them, but for those that say something else", () => {
    const wrong = (names ?? []).filter(
      (row) => row.loose !== true && row.ambiguous === undefined && normalizeStatement(row.input) !== plain(row.expect),
    );

    expect(wrong.map(({ input }) => input).filter((input) => !contradicted.has(input))).toEqual([]);
  });

  test("that name no version give a valid expression or none", () => {
    for (const { input } of (names ?? []).filter(({ loose }) => loose === true)) {
      const expression = normalizeStatement(input);
      if (expression !== undefined) expect(parseLicenseExpression(expression)).toBeDefined();
    }
  });
});

test.skipIf(declared === undefined)(
  "whatever packages declare becomes a valid expression or is told as unknown",
  () => {
    for (const { declared: stated } of declared ?? []) {
      const statements = (JSON.stringify(stated).match(/"(?:[^"\\]|\\.)*"/g) ?? []).map((text) =>
        String(JSON.parse(text)),
      );
      for (const statement of statements) {
        const { expression, unknown } = joinStatements([statement]);
        if (expression === undefined) expect(unknown).not.toEqual([]);
        else expect(parseLicenseExpression(expression), expression).toBeDefined();
      }
    }
  },
);

test.skipIf(links === undefined)("links lead to their licences in 99 of 100", () => {
  const wrong = (links ?? []).filter(({ link, id }) => plain(licenseOfLink(`https://${link ?? ""}`)) !== plain(id));

  // Pages that no version of the SPDX list from 3.15 to 3.27 names.
  expect(wrong.length / (links?.length ?? 1)).toBeLessThanOrEqual(0.01);
});

test.skipIf(categories === undefined)("categories are those of Trivy", () => {
  const withdrawn = new Set(Object.values(defaultCategories).flat());
  for (const { id = "", trivyCategory = "" } of categories ?? []) {
    if (trivyCategory === "" && !withdrawn.has(id.replace(/-(?:only|or-later)$/, "")) && plain(id) === id)
      expect(categoryOf(id), id).toBe("unknown");
    else if (trivyCategory !== "") expect(categoryOf(id), id).toBe(trivyCategory);
  }
});

/**
 * The least share of rows by kind. What is missing, by reason:
 *
 * - `source` (171 of 206): 27 links to somebody's LICENSE file or project (nuget_test_url), of which only the page would tell:
 *   of the 179 others, 171 are right. A file without a word about its licence (popt_options.h), and labels that the text
 *   contradicts (styles.css says Apache, cubeb_resampler.cpp ISC, epanel.h names a second one, "ITU-T General Public
 *   License" is none of GNU, not-spdx names a version).
 * - `license` (105 of 114), `header` (46 of 49): the label is another licence than the one of the SPDX list that the text is
 *   word for word (Saxpath, BSD-4.3TAHOE, BSD-3-Clause-Tso, VSL-1.0, bzip2-1.0.6, Spencer-94, BSD-4-Clause-Shortened), leaves
 *   out a licence that the text names beside (hdparm, Elastic), or names a version that it does not (GPL-2.0/k). libcap
 *   offers the GPL in its midst, which its label leaves out. MIT/dec is not found: it is nearest to HPND (0.89).
 * - `text` (434 of 439): five with the words of MIT or X11 are labelled as nothing, for a misprint (MIT.t26, MIT-Broken.t4), an
 *   unusual form (MIT-Header.t1, MIT.t29), or since the list had no X11-swapped yet (MIT-NoAd.t1).
 * - `mixed` (24 of 27): two files that state licences are labelled as having none, and one text is X11, not MIT.
 */
const leastRight: Readonly<Record<string, number>> = {
  text: 0.985,
  license: 0.92,
  package: 0.99,
  file: 1,
  header: 0.93,
  source: 0.83,
  mixed: 0.88,
  none: 1,
  unlisted: 1,
};

describe.skipIf(texts === undefined)("licence texts", () => {
  test.each(Object.entries(leastRight))("of kind %s are found", (kind, least) => {
    const rows = (texts ?? []).filter((row) => row.kind === kind);
    const wrong = rows.filter((row) => !isRight(row));

    expect((rows.length - wrong.length) / rows.length, wrong.map((row) => row.case).join("\n")).toBeGreaterThanOrEqual(
      least,
    );
  });
});

function isRight({ text, expect: groups }: TextRow): boolean {
  const ids = new Set(classifyText(text).map(({ id }) => id));
  const accepted = groups.map((group) => new Set(group.flatMap((id) => [id, plain(id) ?? id])));
  return (
    accepted.every((group) => [...group].some((id) => ids.has(id))) &&
    [...ids].every((id) => accepted.some((group) => group.has(id)))
  );
}
