import { shape } from "@plimsoll/formats";
import { defaultLimits } from "@plimsoll/model";
import type { AnalyzedFile } from "@plimsoll/model";
import { countTurns } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { tomlEntriesInTurns } from "./toml-entries.ts";

const wanted = shape.fields({ package: shape.list(shape.texts("name")) });
const tables = (count: number): string =>
  Array.from({ length: count }, (_, at) => `[[package]]\nname = "p${at}"\n`).join("\n");

function read(text: string, limits: Partial<AnalyzedFile["limits"]> = {}): ReturnType<typeof tomlEntriesInTurns> {
  const bytes = new TextEncoder().encode(text);
  const file: Pick<AnalyzedFile, "path" | "limits" | "bytes"> = {
    path: "a.lock",
    limits: { ...defaultLimits, ...limits },
    bytes: () => Promise.resolve(bytes),
  };
  return tomlEntriesInTurns(file as AnalyzedFile, "package", wanted); // as: nothing else of it is asked for
}

test("others have their turn while tables are read", async () => {
  const turns = countTurns();
  const found = await read(tables(5_000));
  turns.stop();

  expect(found).toMatchObject({ value: { lines: { length: 5_000 } } });
  // 140 KB, each of which counts sixteen times.
  expect(turns.count).toBeGreaterThanOrEqual(6);
});

test("tables may be more than a document may, and what is none but as a whole may not", async () => {
  const limits = { maxLockFileBytes: 1_000 };
  const whole = `a = """\n[[package]]\n"""\n${tables(100)}`;

  expect(await read(tables(100), limits)).toMatchObject({ value: { lines: { length: 100 } } });
  expect(await read(whole)).toMatchObject({ value: { document: { package: { length: 100 } } } });
  expect(await read(whole, limits)).toMatchObject({
    problem: {
      message: "a.lock: toml: more than 1000 bytes, and not one package after the other",
      effect: "incomplete",
    },
  });
});

test("more values than the limit allows are told", async () => {
  expect(await read(tables(100), { maxLockFileValues: 10 })).toMatchObject({
    problem: { code: "limit-exceeded", message: "a.lock was not read: it has more than 40 values" },
  });
});
