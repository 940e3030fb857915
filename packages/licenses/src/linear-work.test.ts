import { growthProblem, madeLines } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { classifyText } from "./texts/classify-text.ts";
import { licenseTerms } from "./spdx/expression.ts";
import { normalizeStatement } from "./statements/normalize-statement.ts";

/** What a text is full of. */
const texts: Readonly<Record<string, (count: number) => string>> = {
  "tags of licences": (count) => madeLines(count, (at) => `SPDX-License-Identifier: ${at % 2 === 0 ? "MIT" : "ISC"}`),
  "beginnings of licences": (count) =>
    madeLines(
      count,
      () => "Permission is hereby granted, free of charge, to any person obtaining a copy of this software",
    ),
  "words that are no licence": (count) => madeLines(count, (at) => `the software word${at} is provided as is`),
  "one line": (count) => madeLines(count, () => "licensed under the").replaceAll("\n", " "),
};

test.each(Object.entries(texts))("a text of %s: twice as many are about twice the work", async (_, make) => {
  const inputs = new Map([1, 2, 4].map((times) => [times, make(60 * times)]));

  expect(await growthProblem((times) => classifyText(inputs.get(times) ?? ""))).toBeUndefined();
});

test.each(["MIT OR ", "(", "MIT AND (", "GPL v2, "])("a statement of %s again and again, too", async (part) => {
  expect(await growthProblem((times) => normalizeStatement(part.repeat(60 * times)))).toBeUndefined();
});

test("an expression of more operands than a call takes arguments has its terms", () => {
  const operands = Array.from({ length: 130_000 }, () => ({ license: "MIT" }));

  expect(licenseTerms({ operator: "OR", operands })).toHaveLength(1);
});
