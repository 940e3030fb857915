import { describe, expect, test, vi } from "vitest";
import { sortedInTurns } from "./turns.ts";

/** Does pieces of work one after the other until `pieces` are done; how many were done in each turn of the event loop. */
async function workPerTurn(
  workDone: (bytes: number) => Promise<void> | undefined,
  { pieces, bytes, chains }: { readonly pieces: number; readonly bytes: number; readonly chains: number },
): Promise<readonly number[]> {
  const turns = [0];
  let working = true;
  const watch = (): void => {
    turns.push(0);
    if (working) setImmediate(watch);
  };
  setImmediate(watch);
  let left = pieces;
  const chain = async (): Promise<void> => {
    while (left > 0) {
      left--;
      turns.push((turns.pop() ?? 0) + 1);
      // What was settled long ago is awaited, too: that alone gives nobody a turn.
      await Promise.resolve();
      await workDone(bytes);
    }
  };
  await Promise.all(Array.from({ length: chains }, chain));
  working = false;
  return turns;
}

describe("work is done in portions", () => {
  test("and others have their turn between them", async () => {
    const { workDone } = await import("./turns.ts");
    const turns = await workPerTurn(workDone, { pieces: 1_000, bytes: 32 * 1024, chains: 1 });

    expect(turns.reduce((sum, count) => sum + count, 0)).toBe(1_000);
    expect(Math.max(...turns)).toBeLessThanOrEqual(8);
  });

  test("which are no larger where several scans run at once", async () => {
    const { workDone } = await import("./turns.ts");
    const turns = await workPerTurn(workDone, { pieces: 1_000, bytes: 32 * 1024, chains: 20 });

    // Each of the chains does the piece that it has begun.
    expect(Math.max(...turns)).toBeLessThanOrEqual(8 + 20);
  });

  test("little work waits for nothing", async () => {
    const { workDone } = await import("./turns.ts");
    await workDone(1 << 20);

    expect(workDone(1)).toBeUndefined();
  });

  test.each(["messages", "timers"])("also where only %s give turns, as in browsers", async (means) => {
    vi.stubGlobal("setImmediate", undefined);
    if (means === "timers") vi.stubGlobal("MessageChannel", undefined);
    // A copy that has chosen nothing yet; the modules of other test files, which share the process, stay.
    const copy = `./turns.ts?${means}`;
    const { workDone } = (await import(copy)) as typeof import("./turns.ts");
    vi.unstubAllGlobals();
    const turns = await workPerTurn(workDone, { pieces: 1_000, bytes: 128 * 1024, chains: 1 });

    // Here, several messages may come in one round of the loop.
    expect(Math.max(...turns)).toBeLessThan(100);
  });
});

describe("what is sorted in portions", () => {
  const byFirst = ([a]: readonly [number, number], [b]: readonly [number, number]): number => a - b;

  test.each([0, 1, 1_023, 1_024, 1_025, 2_048, 3_000, 4_096, 7_001])(
    "%i items are as sorting at once gives them, equals in the order they came in",
    async (size) => {
      for (const values of [1, 2, 50, 997, 100_003]) {
        const items = Array.from({ length: size }, (_, at) => [(at * 7_919 + size) % values, at] as const);
        const before = [...items];

        expect(await sortedInTurns(items, byFirst)).toEqual(items.toSorted(byFirst));
        expect(items).toEqual(before);
      }
    },
  );

  test("keeps nobody waiting", async () => {
    let most = 0;
    let sinceTurn = 0;
    let running = true;
    const turn = (): void => {
      most = Math.max(most, sinceTurn);
      sinceTurn = 0;
      if (running) setImmediate(turn);
    };
    setImmediate(turn);
    const numbers = Array.from({ length: 50_000 }, (_, at) => (at * 7_919) % 50_021);
    await sortedInTurns(numbers, (a, b) => {
      sinceTurn++;
      return a - b;
    });
    running = false;

    expect(Math.max(most, sinceTurn)).toBeLessThanOrEqual(20_000);
  });
});
