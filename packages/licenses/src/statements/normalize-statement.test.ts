import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseLicenseExpression } from "../spdx/expression.ts";
import { joinStatements } from "./join-statements.ts";
import { fuzz } from "./normalize-statement.fuzz.ts";
import { normalizeStatement } from "./normalize-statement.ts";
import { splitStatement } from "./split-statement.ts";

describe("normalizeStatement", () => {
  test.each([
    ["mit", "MIT"],
    ["GPL-2.0", "GPL-2.0-only"],
    ["GPL-2.0+", "GPL-2.0-or-later"],
    ["(MIT OR Apache-2.0)", "MIT OR Apache-2.0"],
    ["mit or apache-2.0 and bsd-3-clause", "MIT OR (Apache-2.0 AND BSD-3-Clause)"],
    ["Apache License, Version 2.0", "Apache-2.0"],
    ["BSD-3-clause or Apache 2", "BSD-3-Clause OR Apache-2.0"],
    ["MIT/Apache-2.0", "MIT OR Apache-2.0"],
    ["GNU General Public License (GPL) version 2.0, or any later version", "GPL-2.0-or-later"],
    ["(LGPLv2+ or MIT) and ISC", "(LGPL-2.0-or-later OR MIT) AND ISC"],
    ["GPL v2 with the Classpath exception", "GPL-2.0-only WITH Classpath-exception-2.0"],
    ["License :: OSI Approved :: GNU General Public License v2 or later (GPLv2+)", "GPL-2.0-or-later"],
    ["https://opensource.org/licenses/MIT", "MIT"],
    ["https://asm.ow2.io/license.html", "BSD-3-Clause"],
    ["https://www.antlr.org/license.html", "BSD-3-Clause"],
    ["https://projects.eclipse.org/license/secondary-gpl-2.0-cp", "GPL-2.0-only WITH Classpath-exception-2.0"],
    ["Creative Commons Attribution-NonCommercial-ShareAlike 3.0 Unported (CC BY-NC-SA 3.0)", "CC-BY-NC-SA-3.0"],
    ["Expat and BSD-3-clause", "MIT AND BSD-3-Clause"],
    ["GPL-3 + file LICENSE", "GPL-3.0-only"],
    ["BSD_3_clause + file LICENSE", "BSD-3-Clause"],
    ["GPL (>= 2) | MIT + file LICENCE", "GPL-2.0-or-later OR MIT"],
    ["MIT + file LICENSE | AGPL-3", "MIT OR AGPL-3.0-only"],
    ["Apache License (<https://www.apache.org/licenses/LICENSE-2.0>)", "Apache-2.0"],
  ])("reads %j as %s", (statement, expected) => {
    expect(normalizeStatement(statement)).toBe(expected);
  });

  test.each([
    "",
    "NONE",
    "MIT OR something of my own",
    "MIT AND (",
    "Apache License with a clause about llamas",
    "SEE LICENSE IN LICENSE.md",
    "https://example.org/LICENSE",
    "License :: OSI Approved :: BSD License",
    "\u0000\u0007",
    "__proto__",
    "constructor",
  ])("says nothing about %j", (statement) => {
    expect(normalizeStatement(statement)).toBeUndefined();
  });

  test.each(["GPL (> 2)", "GPL (>= 2, < 4)", "LGPL (<= 3)", "GPL (< 3) | MIT"])(
    "bounds that no identifier has are not read as one: %j",
    (statement) => {
      expect(normalizeStatement(statement)).toBeUndefined();
    },
  );

  test("whatever it gives is an SPDX expression", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => fuzz(bytes)));
    const word = fc.constantFrom(
      "MIT",
      "or",
      "and",
      "GPL",
      "v2",
      "+",
      "(",
      ")",
      ",",
      "/",
      "with",
      "exception",
      "BSD",
      "3-clause",
      "Apache",
      "License",
      "2.0",
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        const expression = normalizeStatement(words.join(" "));
        if (expression !== undefined) expect(parseLicenseExpression(expression)).toBeDefined();
      }),
    );
  });

  test("expressions of a megabyte, deep or long, are refused at once", () => {
    expect(normalizeStatement("MIT OR ".repeat(150_000) + "MIT")).toBeUndefined();
    expect(normalizeStatement("(".repeat(1_000_000))).toBeUndefined();
    expect(normalizeStatement("(".repeat(2_000) + "MIT" + ")".repeat(2_000))).toBeUndefined();
    expect(normalizeStatement(`${"MIT OR ".repeat(400)}ISC`)).toBe("MIT OR ISC");
  });
});

test.each(["code", "qt", "common", "sun", "documentation", "lucent"])("the word %s alone names no licence", (word) => {
  expect(normalizeStatement(word)).toBeUndefined();
});

test.each([
  ["Code Project Open License", "CPOL-1.02"],
  ["IBM Public License Agreement", "IPL-1.0"],
  ["Sun Public License v1.0", "SPL-1.0"],
])("words that say nothing do not hide %s", (statement, expression) => {
  expect(normalizeStatement(statement)).toBe(expression);
});

describe("joinStatements", () => {
  test.each([
    [[], undefined, []],
    [["", " "], undefined, []],
    [["MIT", "LGPL-2.0-only"], "MIT AND LGPL-2.0-only", []],
    [["MIT", "UNKNOWN"], "MIT", ["UNKNOWN"]],
    [["MADE UP"], "LicenseRef-MADE-UP", ["MADE UP"]],
    [["MADE UP OR MIT"], "LicenseRef-MADE-UP OR MIT", ["MADE UP OR MIT"]],
    [["MIT", "MIT"], "MIT", []],
    [["\u0000\u202e"], "LicenseRef-unnamed", ["\u0000\u202e"]],
  ] as const)("joins %j to %s", (statements, expression, unknown) => {
    expect(joinStatements(statements)).toEqual({ ...(expression === undefined ? {} : { expression }), unknown });
  });
});

describe("splitStatement", () => {
  test.each([
    ["GPL-1+,GPL-2", ["GPL-1+", "GPL-2"]],
    ["GPL-1+ or Artistic, and BSD-4-clause-POWERDOG", ["GPL-1+", "Artistic", "BSD-4-clause-POWERDOG"]],
    ["LGPLv3+_or_GPLv2+", ["LGPLv3+", "GPLv2+"]],
    ["GPL-2.0-or-later", ["GPL-2.0-or-later"]],
    ["GPL v3 or later", ["GPL v3 or later"]],
    ["MIT (http://a.org/x)", ["MIT (http://a.org/x)"]],
  ])("splits %j", (statement, parts) => {
    expect(splitStatement(statement).map(({ start, end }) => statement.slice(start, end))).toEqual(parts);
  });
});
