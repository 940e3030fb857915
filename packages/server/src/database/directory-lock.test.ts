import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DirectoryInUse, lockDirectory } from "./directory-lock.ts";

describe("a directory's lock", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "plimsoll-lock-"));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  const lockOf = (owner: string): void => writeFileSync(join(folder, "plimsoll.lock"), owner);

  test("keeps a second one out until it is released", () => {
    const lock = lockDirectory(folder);

    expect(() => lockDirectory(folder)).toThrow(DirectoryInUse);
    lock.release();
    lockDirectory(folder).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("is taken over from a process that is gone", () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    lockOf(`${pid} ${hostname()} 1 x`);

    lockDirectory(folder).release();
  });

  test.skipIf(process.platform !== "linux")("is taken over when the number belongs to another process by now", () => {
    lockOf(`${process.pid} ${hostname()} 1 x`);

    lockDirectory(folder).release();
  });

  test("of another machine is believed", () => {
    lockOf("1 elsewhere 1 x");

    expect(() => lockDirectory(folder)).toThrow("in use by process 1 on elsewhere");
  });

  test("that somebody else has by now is not removed", () => {
    const lock = lockDirectory(folder);
    lockOf("1 elsewhere 1 x");

    lock.release();

    expect(() => lockDirectory(folder)).toThrow(DirectoryInUse);
  });
});
