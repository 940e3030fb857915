import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Report } from "@plimsoll/model";
import { everyKindReport } from "@plimsoll/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { directoryReportStore } from "./directory-report-store.ts";

const digest = `sha256:${"a".repeat(64)}`;
const other = `sha256:${"b".repeat(64)}`;

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "plimsoll-reports-"))));
afterEach(() => rmSync(folder, { recursive: true }));

function reportOf(image: `sha256:${string}`): Report {
  return { ...everyKindReport, artifact: { ...everyKindReport.artifact, digest: image } };
}

test("a report that was kept is given again, and the newest of one image alone", async () => {
  const store = directoryReportStore(join(folder, "new"));
  expect(await store.get(digest)).toBeUndefined();

  await store.put(digest, { ...reportOf(`sha256:${"a".repeat(64)}`), vulnerabilities: [] });
  await Promise.all([1, 2, 3].map(() => store.put(digest, reportOf(`sha256:${"a".repeat(64)}`))));

  expect(await store.get(digest)).toEqual(reportOf(`sha256:${"a".repeat(64)}`));
  expect(await store.get(other)).toBeUndefined();
  expect(readdirSync(join(folder, "new"))).toEqual([`sha256-${"a".repeat(64)}.json`]);
});

test("what is no report of that image is an error that names the file", async () => {
  const store = directoryReportStore(folder);
  const path = join(folder, `sha256-${"b".repeat(64)}.json`);
  await store.put(digest, reportOf(`sha256:${"a".repeat(64)}`));

  copyFileSync(join(folder, `sha256-${"a".repeat(64)}.json`), path);
  await expect(store.get(other)).rejects.toThrow(`it is the report of ${digest}`);
  for (const text of ["", "{}", "[]", '{"schemaVersion":2}', '{"coverage":', "null"]) {
    writeFileSync(path, text);
    await expect(store.get(other)).rejects.toThrow(path);
  }
});

test.each(["", "latest", "sha256:../../etc/passwd", `sha256:${"A".repeat(64)}`, `${digest}/..`])(
  "no file is looked for under %j",
  async (name) => {
    const store = directoryReportStore(folder);

    await expect(store.get(name)).rejects.toThrow("it is no digest");
    await expect(store.put(name, reportOf(`sha256:${"a".repeat(64)}`))).rejects.toThrow("it is no digest");
  },
);
