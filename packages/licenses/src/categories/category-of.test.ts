import { describe, expect, test } from "vitest";
import { categorizer, categoryOf, categorySeverities } from "./category-of.ts";

describe("categoryOf", () => {
  test.each([
    ["MIT", "notice"],
    ["GPL-3.0-or-later", "restricted"],
    ["GPL-2.0-only WITH Classpath-exception-2.0", "restricted"],
    ["AGPL-3.0-only", "forbidden"],
    ["MPL-2.0", "reciprocal"],
    ["CC0-1.0", "unencumbered"],
    ["MIT OR GPL-3.0-only", "notice"],
    ["MIT AND GPL-3.0-only", "restricted"],
    ["MIT OR LicenseRef-own", "unknown"],
    ["(MIT AND AGPL-3.0-only) OR MPL-2.0", "reciprocal"],
    ["no expression", "unknown"],
    ["Commons-Clause", "forbidden"],
  ])("%s is %s", (expression, category) => {
    expect(categoryOf(expression)).toBe(category);
  });

  test("severities are Trivy's", () => {
    expect(categorySeverities).toMatchObject({
      forbidden: "CRITICAL",
      restricted: "HIGH",
      reciprocal: "MEDIUM",
      notice: "LOW",
      unknown: "UNKNOWN",
    });
  });
});

describe("categorizer", () => {
  test("lists of one's own replace those of the same name and win over others", () => {
    const own = categorizer({ forbidden: ["MIT"], permissive: ["GPL-3.0"] });

    expect(own("MIT")).toBe("forbidden");
    expect(own("GPL-3.0-only")).toBe("permissive");
    expect(own("AGPL-3.0-only")).toBe("unknown");
  });

  test("an exception changes the category where a list says so", () => {
    const own = categorizer({ notice: ["GPL-2.0-only WITH Classpath-exception-2.0"] });

    expect(own("GPL-2.0-only WITH Classpath-exception-2.0")).toBe("notice");
    expect(own("GPL-2.0-only")).toBe("restricted");
  });

  test.each([[{ evil: ["MIT"] }], [{ notice: "MIT" }], [{ notice: [1] }]])("%j is refused", (lists) => {
    expect(() => categorizer(lists as never)).toThrow(TypeError);
  });
});
