import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ScanError } from "@plimsoll/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildAdvisories } from "./build-advisories.ts";
import type { OpenedAdvisories } from "./open-advisories.ts";
import { watchAdvisories } from "./watch-advisories.ts";

let folder = "";
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "plimsoll-watch-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function build(name: string, id: string): Promise<string> {
  const record = {
    id,
    modified: "2020-01-01T00:00:00Z",
    affected: [
      { package: { ecosystem: "npm", name: "ms" }, ranges: [{ type: "SEMVER", events: [{ introduced: "0" }] }] },
    ],
  };
  mkdirSync(join(folder, name, "npm"), { recursive: true });
  writeFileSync(join(folder, name, "npm", `${id}.json`), JSON.stringify(record));
  const output = join(folder, `${name}.plimsoll`);
  await buildAdvisories({ from: [join(folder, name)], output });
  return output;
}

function replace(db: string, by: string): void {
  copyFileSync(by, `${db}.new`);
  renameSync(`${db}.new`, db);
}

async function next(stores: AsyncGenerator<OpenedAdvisories | ScanError>): Promise<OpenedAdvisories | ScanError> {
  const { value } = await stores.next();
  if (value === undefined) throw new Error("the watch has ended");
  return value;
}

describe("a watched database", () => {
  test("is opened again when another one takes its place, and only then", async () => {
    const [first, second] = [await build("first", "OSV-1"), await build("second", "OSV-2")];
    const db = join(folder, "watched.plimsoll");
    const stores = watchAdvisories({ db, interval: 5 });

    const missing = await next(stores);
    replace(db, first);
    const opened = await next(stores);
    const found =
      opened instanceof ScanError ? [] : await opened.find([{ namespace: "npm", name: "ms", version: "1" }]);
    // Another time, the same content: no news.
    utimesSync(db, new Date(0), new Date(0));
    setTimeout(() => writeFileSync(db, "half a database"), 40);
    const damaged = await next(stores);
    replace(db, second);
    const again = await next(stores);
    await stores.return();

    expect(missing).toMatchObject({ failure: { kind: "store-missing" } });
    expect(found).toMatchObject([[{ advisory: "OSV-1" }]]);
    expect(damaged).toMatchObject({ failure: { kind: "store-unreadable" } });
    expect(again).not.toBeInstanceOf(ScanError);
    expect((again as OpenedAdvisories).revision).not.toBe((opened as OpenedAdvisories).revision);
  });

  test("is let go when the signal says so, at once", async () => {
    const db = await build("aborted", "OSV-1");
    const controller = new AbortController();
    const stores = watchAdvisories({ db, interval: 600_000, signal: controller.signal });
    await next(stores);
    setTimeout(() => controller.abort(new Error("enough")), 20);

    await expect(stores.next()).rejects.toThrow("enough");
  });
});
