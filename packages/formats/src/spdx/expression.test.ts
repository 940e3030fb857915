import { expect, test } from "vitest";
import { parseSpdxExpression } from "../index.ts";

test("expressions are read as they are spelled, and nothing else is", () => {
  expect(parseSpdxExpression("MIT")).toEqual({ license: "MIT" });
  expect(parseSpdxExpression("(GPL-2.0+ WITH Classpath-exception-2.0) OR LicenseRef-x")).toEqual({
    left: { license: "GPL-2.0", plus: true, exception: "Classpath-exception-2.0" },
    conjunction: "or",
    right: { license: "LicenseRef-x" },
  });
  for (const text of [
    "",
    "mit",
    "MIT OR",
    "MIT AND Nothing",
    "(MIT",
    "our own words",
    "MIT ".repeat(20_000),
    "(".repeat(30_000),
  ])
    expect(parseSpdxExpression(text), text.slice(0, 40)).toBeUndefined();
});
