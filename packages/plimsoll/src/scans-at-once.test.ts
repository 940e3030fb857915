import { memoryStore } from "@plimsoll/advisories";
import type { Advisory } from "@plimsoll/model";
import { literalImage } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { scanImage } from "./index.ts";
import type { ScanOptions } from "./index.ts";

const advisories: readonly Advisory[] = Array.from({ length: 8 }, (_, index) => {
  const id = `GHSA-${index}`;
  const end = { kind: "fixed" as const, version: "2.0.0" };
  const affected = [{ advisory: id, namespace: "npm", name: `package-${index}`, ranges: [{ introduced: "0", end }] }];
  return { id, source: "test", aliases: [], severities: [], references: [], affected };
});

/** Image `n` has packages 0 to n, of which the even ones are vulnerable. */
function imageOf(n: number) {
  const files = Array.from({ length: n + 1 }, (_, index) => {
    const version = index % 2 === 0 ? "1.0.0" : "2.0.0";
    const path = `srv/node_modules/package-${index}/package.json`;
    return [path, JSON.stringify({ name: `package-${index}`, version })] as const;
  });
  return literalImage({ name: `image-${n}`, layers: files.map(([path, text]) => ({ [path]: text })) });
}

function scan(n: number, options: Partial<ScanOptions> = {}) {
  return scanImage(imageOf(n), { advisories: memoryStore(advisories), ...options });
}

const numbers = Array.from({ length: 8 }, (_, index) => index);

describe("scans at once in one process", () => {
  test("give what each gives alone", async () => {
    const alone: unknown[] = [];
    for (const n of numbers) alone.push(await scan(n));

    const together = await Promise.all(numbers.map((n) => scan(n)));

    expect(together).toEqual(alone);
    expect(together.map(({ vulnerabilities }) => vulnerabilities.length)).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
  });

  test("share a store, and each hears its own events only", async () => {
    const store = memoryStore(advisories);
    const heard = numbers.map((): string[] => []);

    await Promise.all(
      numbers.map((n) =>
        scan(n, {
          advisories: store,
          onEvent: (event) => event.kind === "package-found" && heard[n]?.push(event.name),
        }),
      ),
    );

    for (const n of numbers) expect(heard[n]?.toSorted()).toEqual(numbers.slice(0, n + 1).map((at) => `package-${at}`));
  });

  test("are aborted one by one", async () => {
    const controller = new AbortController();
    const aborted = scan(7, { signal: controller.signal, onEvent: () => controller.abort(new Error("enough")) });
    const whole = scan(6);

    await expect(aborted).rejects.toThrow("enough");
    expect((await whole).packages).toHaveLength(7);
  });

  test("fail one by one", async () => {
    const broken = { label: "broken", open: () => Promise.reject(new Error("no such image")) };
    const failing = scanImage(broken, { advisories: memoryStore([]) });
    const whole = scan(3);

    await expect(failing).rejects.toThrow("no such image");
    expect((await whole).packages).toHaveLength(4);
  });
});
