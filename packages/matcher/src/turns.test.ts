import { describe, expect, test } from "vitest";
import { match } from "./index.ts";
import { inventoryOf, literalEcosystem, pkg, storeOf } from "./fixtures/literal-matching.ts";

describe("matching never keeps others waiting for long", () => {
  test("however many packages there are", async () => {
    const many = Array.from({ length: 5_000 }, (_, index) => pkg("lib", `package-${index}`, "1.0"));
    const store = storeOf(
      many.map(({ name }) => ({ id: `A-${name}`, affected: [{ namespace: "Lib", name, ranges: ["0..2.0"] }] })),
    );
    let most = 0;
    let sinceTurn = 0;
    let running = true;
    const turn = (): void => {
      most = Math.max(most, sinceTurn);
      sinceTurn = 0;
      if (running) setImmediate(turn);
    };
    setImmediate(turn);
    const lib = literalEcosystem("lib", "library", "Lib", {
      // Asked of every package that is compared with an advisory.
      applicability: {
        rejects: () => {
          sinceTurn++;
          return undefined;
        },
      },
    });
    const { vulnerabilities } = await match(inventoryOf(many), store, { ecosystems: [lib] });
    running = false;

    expect(vulnerabilities).toHaveLength(many.length);
    expect(Math.max(most, sinceTurn)).toBeGreaterThan(0);
    expect(Math.max(most, sinceTurn)).toBeLessThanOrEqual(256);
  });
});
