import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { scratchSpace } from "./scratch-space.ts";

test("scratch space gives back what it was given, and leaves nothing behind", () => {
  const before = new Set(readdirSync(tmpdir()));
  const space = scratchSpace();
  space.append(Uint8Array.of(1, 2, 3));
  space.append(new Uint8Array(0));
  space.append(Uint8Array.of(4, 5));

  expect([...space.read(1, 4)]).toEqual([2, 3, 4]);
  expect([...space.read(3, 100)]).toEqual([4, 5]);
  expect([...space.read(9, 100)]).toEqual([]);
  if (process.platform !== "win32")
    expect(readdirSync(tmpdir()).filter((name) => !before.has(name) && name.startsWith("plimsoll-scratch"))).toEqual(
      [],
    );
  space.close();
  space.close();
});
