import { mostBetweenTurns } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { match } from "./index.ts";
import { inventoryOf, literalEcosystem, pkg, storeOf } from "./fixtures/literal-matching.ts";

describe("matching never keeps others waiting for long", () => {
  test("however many packages there are", async () => {
    const many = Array.from({ length: 5_000 }, (_, index) => pkg("lib", `package-${index}`, "1.0"));
    const store = storeOf(
      many.map(({ name }) => ({ id: `A-${name}`, affected: [{ namespace: "Lib", name, ranges: ["0..2.0"] }] })),
    );
    let found = 0;
    const most = await mostBetweenTurns(async (count) => {
      const lib = literalEcosystem("lib", "library", "Lib", {
        // Asked of every package that is compared with an advisory.
        applicability: {
          rejects: () => {
            count(1);
            return undefined;
          },
        },
      });
      const { vulnerabilities } = await match(inventoryOf(many), store, { ecosystems: [lib] });
      found = vulnerabilities.length;
    });

    expect(found).toBe(many.length);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(256);
  });
});
