import { createHash } from "node:crypto";
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { ScanError } from "@plimsoll/model";
import { sharedPath, zipOf } from "@plimsoll/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildAdvisories } from "../build-advisories.ts";
import { ensureAdvisories } from "../ensure-advisories.ts";
import type { AdvisoriesFetched, EnsureAdvisoriesOptions } from "../ensure-advisories.ts";
import { exportAdvisories } from "../export-advisories.ts";
import { readChecked } from "../freshness.ts";
import { importAdvisories } from "../import-advisories.ts";
import { openAdvisories } from "../open-advisories.ts";
import type { OpenedAdvisories } from "../open-advisories.ts";
import { updateAdvisories } from "./update-advisories.ts";
import type { UpdateAdvisoriesOptions, UpdateResult } from "./update-advisories.ts";
import { withUpdateLock } from "./update-lock.ts";
import { watchAdvisories } from "../watch-advisories.ts";

let folder = "";
let server: Server;
let base = "";
let requests: string[] = [];
/** What the mirror holds. */
let files: Map<string, Uint8Array> = new Map();
/** Answers before the files do; false: not this time. */
let fault: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-update-"));
  requests = [];
  files = new Map();
  fault = () => false;
  server = createServer((request, response) => {
    requests.push(request.url ?? "");
    if (!fault(request, response)) serve(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

function serve(request: IncomingMessage, response: ServerResponse): void {
  const content = files.get(decodeURIComponent((request.url ?? "").slice(1)));
  if (content === undefined) return void response.writeHead(404).end();
  const etag = `"${createHash("sha256").update(content).digest("hex").slice(0, 16)}"`;
  if (request.headers["if-none-match"] === etag) return void response.writeHead(304).end();
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  if (start > 0 && request.headers["if-range"] === etag) {
    const range = `bytes ${start}-${content.length - 1}/${content.length}`;
    response.writeHead(206, { etag, "content-length": content.length - start, "content-range": range });
    return void response.end(content.subarray(start));
  }
  response.writeHead(200, { etag, "content-length": content.length });
  response.end(content);
}

interface MirrorRecord {
  readonly id: string;
  readonly day: number;
  readonly withdrawn?: boolean;
}

function record({ id, day, withdrawn = false }: MirrorRecord): Uint8Array {
  return Buffer.from(
    JSON.stringify({
      id,
      modified: timeOf(day),
      ...(withdrawn ? { withdrawn: timeOf(day) } : {}),
      affected: [{ package: { ecosystem: "npm", name: "x" }, versions: [`${day}`] }],
    }),
  );
}

function timeOf(day: number): string {
  return `2024-01-${String(day).padStart(2, "0")}T00:00:00Z`;
}

/** Publishes records; `archive: false` leaves the archive as it is, as a mirror that has only just changed. */
function publish(records: readonly MirrorRecord[], options: { readonly archive?: boolean } = {}): void {
  const newestFirst = [...records].sort((a, b) => b.day - a.day);
  files.set("npm/modified_id.csv", Buffer.from(newestFirst.map(({ id, day }) => `${timeOf(day)},${id}\n`).join("")));
  for (const each of records) files.set(`npm/${each.id}.json`, record(each));
  if (options.archive === false) return;
  files.set("npm/all.zip", zipOf(Object.fromEntries(records.map((each) => [`${each.id}.json`, record(each)]))));
}

async function update(options: UpdateAdvisoriesOptions = {}): Promise<UpdateResult> {
  return updateAdvisories({
    output: join(folder, "a.plimsoll"),
    ecosystems: ["npm"],
    mirrors: [base],
    knownExploited: [],
    exploitPrediction: [],
    retryDelay: 1,
    ...options,
  });
}

async function affectedVersions(): Promise<readonly (string | undefined)[]> {
  const store = await openAdvisories(join(folder, "a.plimsoll"));
  const [rows = []] = await store.find([{ namespace: "npm", name: "x", version: "1" }]);
  await store.close?.();
  return rows.map((row) => `${row.advisory}@${row.versions?.[0]}`);
}

describe("what is fetched", () => {
  test("first the archive, then nothing while nothing changes", async () => {
    publish([{ id: "A-1", day: 1 }]);

    const first = await update();
    requests = [];
    const second = await update();

    expect(first.outcomes).toEqual({ "osv/npm": "changed" });
    expect(await affectedVersions()).toEqual(["A-1@1"]);
    expect(second).toMatchObject({ outcomes: { "osv/npm": "current" }, diagnostics: [] });
    expect(second.built).toBeUndefined();
    expect(requests).toEqual(["/npm/modified_id.csv"]);
  });

  test("then only the records that changed, were added or were taken back", async () => {
    publish([
      { id: "A-1", day: 1 },
      { id: "A-2", day: 2 },
      { id: "A-3", day: 3 },
    ]);
    await update();
    requests = [];
    publish(
      [
        { id: "A-1", day: 5 },
        { id: "A-2", day: 6, withdrawn: true },
        { id: "A-3", day: 3 },
        { id: "A-4", day: 4 },
      ],
      { archive: false },
    );

    const result = await update();

    expect(result.outcomes).toEqual({ "osv/npm": "records" });
    expect(requests.sort()).toEqual(["/npm/A-1.json", "/npm/A-2.json", "/npm/A-4.json", "/npm/modified_id.csv"]);
    expect(await affectedVersions()).toEqual(["A-1@5", "A-3@3", "A-4@4"]);
  });

  test("the archive again where single records are not to be had, and they are folded in", async () => {
    publish([{ id: "A-1", day: 1 }]);
    await update();
    publish([
      { id: "A-1", day: 1 },
      { id: "A-2", day: 2 },
    ]);
    files.delete("npm/A-2.json");

    expect((await update()).outcomes).toEqual({ "osv/npm": "changed" });
    expect(await affectedVersions()).toEqual(["A-1@1", "A-2@2"]);
    expect(readdirSync(join(folder, "feeds", "osv", "npm")).filter((name) => name.endsWith(".json"))).toEqual([]);
  });

  test("only the ecosystems asked for, else those fetched before, else all of the mirror", async () => {
    publish([{ id: "A-1", day: 1 }]);
    files.set("ecosystems.txt", Buffer.from("npm\nDebian:12\n../evil\n"));

    expect((await update({ ecosystems: undefined })).outcomes).toEqual({ "osv/npm": "changed" });
    requests = [];
    await update({ ecosystems: undefined });
    expect(requests).toEqual(["/npm/modified_id.csv"]);
    await expect(update({ ecosystems: ["../evil"] })).rejects.toMatchObject({ failure: { kind: "invalid-option" } });
  });

  test("the NVD's ratings: its years, then what changed lately, and its years again when that does not reach back", async () => {
    publish([{ id: "A-1", day: 1 }]);
    const year = (modified: string, vector: string): Uint8Array => {
      const metrics = { cvssMetricV31: [{ source: "nvd@nist.gov", cvssData: { vectorString: vector } }] };
      const descriptions = [{ lang: "en", value: "a text" }];
      const cve = { id: "CVE-2002-0001", lastModified: modified, metrics, descriptions };
      return gzipSync(JSON.stringify({ format: "NVD_CVE", vulnerabilities: [{ cve }] }));
    };
    const [low, high] = [
      "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L",
      "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
    ];
    files.set("nvd/nvdcve-2.0-2002.json.gz", year("2024-01-01T00:00:00", low));
    const nvd = [`${base}/nvd/`];
    const now = new Date();
    const asked = (): readonly string[] => requests.filter((url) => url.startsWith("/nvd/"));

    const first = await update({ nvd, now: now.toISOString() });
    expect(first.outcomes).toEqual({ "osv/npm": "changed", nvd: "changed" });
    expect(asked()).toHaveLength(now.getUTCFullYear() - 2002 + 2);

    requests = [];
    files.set("nvd/nvdcve-2.0-modified.json.gz", year("2024-01-02T00:00:00", high));
    const second = await update({ nvd, now: now.toISOString() });
    expect(second.outcomes).toEqual({ "osv/npm": "current", nvd: "changed" });
    expect(asked()).not.toContain("/nvd/nvdcve-2.0-2002.json.gz");
    const store = await openAdvisories(second.output);
    expect(await store.enrich(["CVE-2002-0001"])).toEqual([
      { severities: [{ system: "cvss-3.1", value: high, source: "nvd" }], modified: "2024-01-02T00:00:00" },
    ]);
    await store.close?.();

    requests = [];
    const later = new Date(now.getTime() + 8 * 24 * 60 * 60 * 1000).toISOString();
    expect((await update({ nvd, now: later })).outcomes).toEqual({ "osv/npm": "current", nvd: "current" });
    expect(asked()).toContain("/nvd/nvdcve-2.0-2002.json.gz");
  });

  test("no ratings of a place that has none, which is told", async () => {
    publish([{ id: "A-1", day: 1 }]);

    const { outcomes, diagnostics } = await update({ nvd: [`${base}/nvd`] });

    expect(outcomes).toEqual({ "osv/npm": "changed", nvd: "failed" });
    expect(diagnostics.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^nvd could not be .* no yearly files/),
    ]);
  });

  test("when releases end, of the distributions that the place knows", async () => {
    publish([{ id: "A-1", day: 1 }]);
    files.set(
      "eol/debian.json",
      Buffer.from(JSON.stringify([{ cycle: "13", eol: "2028-08-09", extendedSupport: "2031-01-31" }])),
    );
    files.set("eol/rocky-linux.json", Buffer.from(JSON.stringify([{ cycle: "9", eol: "2033-05-31" }])));
    const endOfLife = [`${base}/eol`];
    const now = "2024-02-01T00:00:00Z";

    const first = await update({ endOfLife, now });
    expect(first.outcomes).toEqual({ "osv/npm": "changed", "end-of-life": "changed" });
    const store = await openAdvisories(first.output);
    expect(await store.find([{ namespace: "End of life", name: "debian", version: "13.1" }])).toMatchObject([
      [{ versions: ["13"], qualifiers: { endOfLife: "2031-01-31" } }],
    ]);
    expect(await readChecked(first.output)).toMatchObject({ "end-of-life": now });
    await store.close?.();

    expect((await update({ endOfLife, now })).outcomes).toEqual({ "osv/npm": "current", "end-of-life": "current" });
    files.set("eol/rocky-linux.json", Buffer.from("<html>"));
    const broken = await update({ endOfLife, now });
    expect(broken.outcomes).toEqual({ "osv/npm": "current", "end-of-life": "failed" });
    expect(broken.diagnostics.map(({ message }) => message)).toEqual([
      expect.stringContaining("end-of-life could not be"),
    ]);
    expect((await update({ endOfLife: [`${base}/nothing`] })).outcomes["end-of-life"]).toBe("failed");
  });

  test("exploit prediction scores, as they are published", async () => {
    publish([{ id: "A-1", day: 1 }]);
    const scores = "#model_version:v1,score_date:2024-01-01T00:00:00Z\ncve,epss,percentile\nCVE-2024-0001,0.5,0.75\n";
    files.set("epss.csv.gz", gzipSync(scores));

    const result = await update({ exploitPrediction: [`${base}/epss.csv.gz`] });

    expect(result.outcomes).toEqual({ "osv/npm": "changed", epss: "changed" });
    const store = await openAdvisories(result.output);
    expect(await store.enrich(["CVE-2024-0001"])).toEqual([
      { epss: { probability: 0.5, percentile: 0.75, date: "2024-01-01" } },
    ]);
    await store.close?.();
    files.set("epss.csv.gz", gzipSync(`${scores}CVE-2024-0002,0.5,0.75\n`).subarray(0, 50));
    expect((await update({ exploitPrediction: [`${base}/epss.csv.gz`] })).outcomes["epss"]).toBe("failed");
  });

  test("the catalogue of exploited vulnerabilities", async () => {
    publish([{ id: "A-1", day: 1 }]);
    const entry = { cveID: "CVE-2024-0001", dateAdded: "2024-01-01" };
    files.set("kev.json", Buffer.from(JSON.stringify({ vulnerabilities: [entry] })));

    const result = await update({ knownExploited: [`${base}/kev.json`] });

    expect(result.outcomes).toEqual({ "osv/npm": "changed", kev: "changed" });
    const store = await openAdvisories(result.output);
    expect(await store.enrich(["CVE-2024-0001"])).toEqual([{ knownExploited: { dateAdded: "2024-01-01" } }]);
    await store.close?.();
  });
});

describe("what changed since the store was built", () => {
  const path = (name: string): string => join(folder, name);
  const four = (day: number): readonly MirrorRecord[] => [
    { id: "A-1", day: 1 },
    { id: "A-2", day },
    { id: "A-3", day: 3, withdrawn: day > 5 },
    { id: "A-4", day: 4 },
  ];

  async function updatedTwice(): Promise<Uint8Array> {
    publish(four(2));
    await update();
    const before = readFileSync(path("a.plimsoll"));
    publish(four(6), { archive: false });
    files.set("npm/A-3.json", record({ id: "A-3", day: 7, withdrawn: true }));
    const changed = ["A-3", "A-2", "A-4", "A-1"].map((id, at) => `${timeOf(7 - at)},${id}\n`);
    files.set("npm/modified_id.csv", Buffer.from(changed.join("")));
    await update();
    return before;
  }

  test("is a small file over it, and the store stays as it was", async () => {
    const before = await updatedTwice();

    expect(readFileSync(path("a.plimsoll"))).toEqual(before);
    expect(readdirSync(folder).sort()).toEqual(["a.plimsoll", "a.plimsoll.changes", "feeds"]);
    expect(await affectedVersions()).toEqual(["A-1@1", "A-2@6", "A-4@4"]);
  });

  test("is counted as if all had been built together", async () => {
    await updatedTwice();
    const store = await openAdvisories(path("a.plimsoll"));
    const whole = path("whole");
    await exportAdvisories(whole, { from: path("a.plimsoll") });
    const folded = await openAdvisories(whole);

    expect(store.sources).toEqual(folded.sources);
    expect(store.counts?.advisories).toBe(folded.counts?.advisories);
    expect(store.revision).not.toBe(folded.revision);
    await Promise.all([store.close?.(), folded.close?.()]);
  });

  test("is seen by who watches the store", async () => {
    publish(four(2));
    await update();
    const stores = watchAdvisories({ db: path("a.plimsoll"), interval: 5 });
    const found = async (): Promise<readonly string[]> => {
      const { value } = await stores.next();
      if (value === undefined || value instanceof ScanError) throw new Error("there is no store");
      const [rows = []] = await value.find([{ namespace: "npm", name: "x", version: "1" }]);
      return rows.map((row) => `${row.advisory}@${row.versions?.[0]}`);
    };

    expect(await found()).toContain("A-2@2");
    publish(four(6), { archive: false });
    await update();
    expect(existsSync(path("a.plimsoll.changes"))).toBe(true);
    expect(await found()).toContain("A-2@6");
    await stores.return();
  });

  test("is folded in for use elsewhere, and whenever an archive is fetched", async () => {
    await updatedTwice();
    await exportAdvisories(path("b.plimsoll"), { from: path("a.plimsoll") });

    expect(readdirSync(folder).sort()).toEqual(["a.plimsoll", "b.plimsoll", "feeds"]);
    expect(await affectedVersions()).toEqual(["A-1@1", "A-2@6", "A-4@4"]);
    expect(readFileSync(path("b.plimsoll"))).toEqual(readFileSync(path("a.plimsoll")));

    publish([...four(8), { id: "A-5", day: 9 }]);
    files.delete("npm/A-5.json");
    expect((await update()).outcomes).toEqual({ "osv/npm": "changed" });
    expect(readdirSync(folder).sort()).toEqual(["a.plimsoll", "b.plimsoll", "feeds"]);
    expect(await affectedVersions()).toEqual(["A-1@1", "A-2@8", "A-4@4", "A-5@9"]);
  });

  test("a store put in place by other means is not taken for the one that changed", async () => {
    await updatedTwice();
    await exportAdvisories(path("other"), { from: path("a.plimsoll") });
    publish([{ id: "A-9", day: 9 }]);
    await buildAdvisories({ from: [path("feeds/osv/npm/A-2.json")], output: path("imported") });
    await importAdvisories(path("imported"), { output: path("a.plimsoll") });
    expect(await affectedVersions()).toEqual(["A-2@6"]);

    await update({ mirrors: [base] });

    expect(await affectedVersions()).toContain("A-9@9");
    expect(await affectedVersions()).toContain("A-1@1");
  });

  test("damage of it is told by name, and the next update mends it", async () => {
    await updatedTwice();
    const changes = path("a.plimsoll.changes");
    writeFileSync(changes, readFileSync(changes).subarray(0, 50));

    await expect(openAdvisories(path("a.plimsoll"))).rejects.toMatchObject({
      failure: { kind: "store-unreadable", label: changes },
    });
    publish([...four(6), { id: "A-5", day: 9 }], { archive: false });
    await update();
    expect(await affectedVersions()).toEqual(["A-1@1", "A-2@6", "A-4@4", "A-5@9"]);
  });

  test("readers that open meanwhile never see less than was complete before", async () => {
    const records: MirrorRecord[] = [{ id: "A-1", day: 1 }];
    publish(records);
    await update();
    let complete = 1;
    let updating = true;
    const seen: (readonly [number, number])[] = [];
    async function read(): Promise<void> {
      while (updating) {
        const least = complete;
        seen.push([least, (await affectedVersions()).length]);
        await delay(1);
      }
    }
    const readers = Promise.all([read(), read()]);
    for (let day = 2; day < 9; day++) {
      records.push({ id: `A-${day}`, day });
      // Every third time an archive, which folds the changes in.
      publish(records, { archive: day % 3 === 0 });
      if (day % 3 === 0) files.delete(`npm/A-${day}.json`);
      await update();
      complete = records.length;
    }
    updating = false;
    await readers;

    expect(seen.length).toBeGreaterThan(5);
    expect(seen.filter(([least, found]) => found < least)).toEqual([]);
    expect(existsSync(path("a.plimsoll.changes"))).toBe(true);
  });

  test("a mirror that falls behind changes nothing", async () => {
    await updatedTwice();
    publish(four(2), { archive: false });

    expect(await update()).toMatchObject({ outcomes: { "osv/npm": "current" }, diagnostics: [] });
    expect(await affectedVersions()).toEqual(["A-1@1", "A-2@6", "A-4@4"]);
  });
});

describe("how fresh a database is", () => {
  const updated = "2026-01-01T00:00:00Z";
  const opened = async (now: string, options: Partial<EnsureAdvisoriesOptions> = {}): Promise<readonly string[]> => {
    const store = await ensureAdvisories({ cacheDir: folder, offline: true, ecosystems: ["npm"], now, ...options });
    await store.close?.();
    return (store.diagnostics ?? []).map(({ code, effect, message }) => `${code} ${effect} ${message}`);
  };
  beforeEach(async () => {
    publish([{ id: "A-1", day: 1 }]);
    await update({ output: join(folder, "advisories.plimsoll"), now: updated });
  });

  test("is told when its last update is too long ago, by whichever limit", async () => {
    const week = { maxAge: 7 * 86_400_000 };
    const old =
      "stale-advisories incomplete osv/npm were last brought up to date on 2026-01-01; run `plimsoll db update`";

    expect(await opened("2026-01-07T00:00:00Z", week)).toEqual([]);
    expect(await opened("2026-01-09T00:00:00Z", week)).toEqual([old]);
    expect(await opened("2026-01-09T00:00:00Z", { maxAge: 30 * 86_400_000 })).toEqual([]);
    expect(await opened("2026-01-01T02:00:00Z", { maxAge: 3_600_000 })).toEqual([old]);
  });

  test("an update that finds nothing new makes it fresh again", async () => {
    await update({ output: join(folder, "advisories.plimsoll"), now: "2026-02-01T00:00:00Z" });

    expect(await opened("2026-02-02T00:00:00Z", { maxAge: 7 * 86_400_000 })).toEqual([]);
  });

  test("one that fails does not", async () => {
    const failing = { mirrors: ["http://127.0.0.1:1"], attempts: 1, now: "2026-02-01T00:00:00Z" };
    await update({ output: join(folder, "advisories.plimsoll"), ...failing });

    expect(await opened("2026-02-02T00:00:00Z", { maxAge: 86_400_000 })).toHaveLength(1);
  });

  test("is told of each source by when it was fetched, which the scan weighs", async () => {
    const store = await ensureAdvisories({ cacheDir: folder, offline: true, ecosystems: ["npm"] });
    await store.close?.();

    expect(store.sources).toMatchObject([{ id: "osv/npm", updatedAt: timeOf(1), checkedAt: updated }]);
    expect(store.diagnostics).toEqual([]);
  });

  test("a clock that is behind tells nothing", async () => {
    expect(await opened("2020-01-01T00:00:00Z", { maxAge: 1 })).toEqual([]);
  });

  test("of a database from elsewhere its newest record tells, when asked", async () => {
    const path = join(folder, "advisories.plimsoll");
    const told = async (maxAge: number | undefined): Promise<number | undefined> => {
      const store = await openAdvisories(path, { maxAge, now: "2024-02-01T00:00:00Z" });
      await store.close?.();
      return store.diagnostics?.length;
    };

    expect([await told(undefined), await told(86_400_000), await told(60 * 86_400_000)]).toEqual([0, 1, 0]);
  });
});

describe("a scan that needs more than there is", () => {
  const ensure = (options: Partial<EnsureAdvisoriesOptions>): Promise<OpenedAdvisories> =>
    ensureAdvisories({ cacheDir: folder, mirrors: [base], ecosystems: ["npm"], fetch: onlyMirror, ...options });
  /** Catalogues are elsewhere, where nobody answers. */
  const onlyMirror: typeof fetch = (input, init) =>
    String(input).startsWith(base) ? fetch(input, init) : Promise.reject(new Error("no network"));

  test("fetches it, and says what did not come", async () => {
    publish([{ id: "A-1", day: 1 }]);

    const store = await ensure({});

    expect(await store.find([{ namespace: "npm", name: "x", version: "1" }])).toMatchObject([[{ advisory: "A-1" }]]);
    expect((store.diagnostics ?? []).map(({ message }) => message.split(" ")[0])).toEqual(["kev", "epss"]);
    await store.close?.();
  });

  test("uses what there is when nothing more comes, and says so", async () => {
    publish([{ id: "A-1", day: 1 }]);
    await (await ensure({})).close?.();

    const store = await ensure({ ecosystems: ["npm", "Alpine"], mirrors: ["http://127.0.0.1:1"] });

    expect(await store.find([{ namespace: "npm", name: "x", version: "1" }])).toMatchObject([[{ advisory: "A-1" }]]);
    expect((store.diagnostics ?? []).map(({ message }) => message.split(" ")[0])).toContain("osv/Alpine");
    await store.close?.();
  });

  test("leaves a database alone that was built or imported", async () => {
    publish([{ id: "A-1", day: 1 }]);
    await (await ensure({})).close?.();
    const record = join(folder, "feeds", "osv", "npm", "all.zip");
    await buildAdvisories({ from: [record], output: join(folder, "built") });
    publish([
      { id: "A-1", day: 1 },
      { id: "A-2", day: 2 },
    ]);
    await buildAdvisories({ from: [record, join(folder, "feeds")], output: join(folder, "built") });
    await importAdvisories(join(folder, "built"), { output: join(folder, "advisories.plimsoll") });
    rmSync(join(folder, "feeds", "built.json"));
    requests = [];

    await (await ensure({ ecosystems: ["npm", "Alpine"] })).close?.();

    expect(requests).toEqual([]);
  });

  test("without network and database says what to do, and asks for no document", async () => {
    const asked: string[] = [];
    const cause = Object.assign(new Error("getaddrinfo ENOTFOUND mirror.example"), { code: "ENOTFOUND" });
    const nowhere: typeof fetch = (input) => {
      asked.push(String(input));
      return Promise.reject(new TypeError("fetch failed", { cause }));
    };
    const failure = await ensure({ mirrors: ["https://mirror.example/osv"], fetch: nowhere }).catch(
      (error: unknown) => error,
    );

    expect(failure).toMatchObject({
      failure: { kind: "store-missing", label: join(folder, "advisories.plimsoll") },
    });
    expect(String(failure)).toContain("Cannot reach mirror.example: getaddrinfo ENOTFOUND mirror.example.");
    expect(String(failure)).toContain("`plimsoll db import FILE`");
    expect(asked).toEqual(Array.from({ length: 2 }, () => "https://mirror.example/osv/ecosystems.txt"));
  });

  test("does not wait for a mirror that says nothing", async () => {
    const silent: typeof fetch = (_, init) =>
      new Promise((_resolve, reject) => init?.signal?.addEventListener("abort", () => reject(new Error("aborted"))));

    await expect(ensure({ mirrors: ["https://mirror.example"], fetch: silent })).rejects.toMatchObject({
      failure: { kind: "store-missing" },
    });
  });

  test("tells what it fetches", async () => {
    publish([{ id: "A-1", day: 1 }]);
    const told: AdvisoriesFetched[] = [];

    await (await ensure({ onFetch: (fetched) => told.push(fetched) })).close?.();

    expect(told[0]).toEqual({ ecosystems: ["npm"], bytes: 0 });
    expect(told.at(-1)?.bytes).toBeGreaterThan(0);
  });
});

describe("when the network misbehaves", () => {
  const big = Array.from({ length: 2_000 }, (_, at): MirrorRecord => ({ id: `A-${at}`, day: 1 + (at % 28) }));

  test("a broken transfer goes on where it ended", async () => {
    publish(big);
    const content = files.get("npm/all.zip") ?? new Uint8Array();
    const ranges: (string | undefined)[] = [];
    fault = (request, response) => {
      if (request.url !== "/npm/all.zip") return false;
      ranges.push(request.headers.range);
      if (ranges.length > 1) return false;
      const etag = `"${createHash("sha256").update(content).digest("hex").slice(0, 16)}"`;
      response.writeHead(200, { etag, "content-length": content.length });
      response.write(content.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 50));
      return true;
    };

    const told: (readonly [string, number, number | undefined])[] = [];
    const result = await update({ onBytes: (...progress) => told.push(progress) });

    expect(result.outcomes).toEqual({ "osv/npm": "changed" });
    expect(told.at(-1)).toEqual([`${base}/npm/all.zip`, content.length, content.length]);
    expect(ranges[0]).toBeUndefined();
    expect(ranges[1]).toMatch(/^bytes=[1-9]\d*-$/);
    expect(result.built?.sources[0]?.records).toBe(2_000);
  });

  test.each([429, 503])("answer %d is met with patience", async (status) => {
    publish([{ id: "A-1", day: 1 }]);
    let refused = 0;
    fault = (_, response) => {
      if (refused++ > 1) return false;
      response.writeHead(status, { "retry-after": "0" }).end();
      return true;
    };

    expect((await update()).outcomes).toEqual({ "osv/npm": "changed" });
  });

  test("a damaged archive is not taken, and the good one stays", async () => {
    publish([{ id: "A-1", day: 1 }]);
    await update();
    publish([
      { id: "A-1", day: 1 },
      { id: "A-2", day: 2 },
    ]);
    files.delete("npm/A-2.json");
    const damaged = files.get("npm/all.zip")?.slice() ?? new Uint8Array();
    damaged[50] = (damaged[50] ?? 0) ^ 0xff;
    files.set("npm/all.zip", damaged);

    const result = await update();

    expect(result.outcomes).toEqual({ "osv/npm": "failed" });
    expect(result.diagnostics).toMatchObject([{ code: "stale-advisories", effect: "incomplete" }]);
    expect(await affectedVersions()).toEqual(["A-1@1"]);
  });

  test.each([
    ["x-goog-hash", "md5", (value: string) => `crc32c=AAAAAA==,md5=${value}`],
    ["repr-digest", "sha256", (value: string) => `sha-256=:${value}:`],
  ] as const)("content that is not what %s says is fetched anew", async (header, algorithm, write) => {
    publish([{ id: "A-1", day: 1 }]);
    const list = files.get("npm/modified_id.csv") ?? new Uint8Array();
    const digest = createHash(algorithm).update(list).digest("base64");
    let asked = 0;
    fault = (request, response) => {
      if (request.url !== "/npm/modified_id.csv") return false;
      // A flipped digit, as long as the right one.
      const content = asked++ === 0 ? Buffer.from(Buffer.from(list).toString().replace("2024", "2025")) : list;
      response.writeHead(200, { [header]: write(digest) }).end(content);
      return true;
    };

    expect((await update()).diagnostics).toEqual([]);
    expect(asked).toBe(2);
    expect(readFileSync(join(folder, "feeds", "osv", "npm", "modified_id.csv"))).toEqual(Buffer.from(list));
  });

  test("a second mirror helps out", async () => {
    publish([{ id: "A-1", day: 1 }]);

    expect((await update({ mirrors: ["http://127.0.0.1:1", base], attempts: 1 })).outcomes).toEqual({
      "osv/npm": "changed",
    });
  });

  test("without any network the last good store stays, with a warning", async () => {
    publish([{ id: "A-1", day: 1 }]);
    await update();

    const result = await update({ mirrors: ["http://127.0.0.1:1"], attempts: 1 });

    expect(result).toMatchObject({ outcomes: { "osv/npm": "failed" }, diagnostics: [{ code: "stale-advisories" }] });
    expect(await affectedVersions()).toEqual(["A-1@1"]);
  });

  test("without network and store it is an error that names the addresses", async () => {
    await expect(update({ mirrors: ["http://127.0.0.1:1"], attempts: 1 })).rejects.toMatchObject({
      failure: { kind: "network", label: "http://127.0.0.1:1" },
    });
  });

  test("aborting ends with the signal's reason", async () => {
    const reason = new Error("enough");

    await expect(update({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe("two updates at once", () => {
  test("take turns", async () => {
    publish([{ id: "A-1", day: 1 }]);

    const [first, second] = await Promise.all([update(), update()]);

    expect([first.outcomes["osv/npm"], second.outcomes["osv/npm"]].sort()).toEqual(["changed", "current"]);
    expect(readdirSync(folder).sort()).toEqual(["a.plimsoll", "feeds"]);
  });

  test("a lock of a living process is respected, one of a dead process is taken over", async () => {
    publish([{ id: "A-1", day: 1 }]);
    const lock = join(folder, "a.plimsoll.lock");
    writeFileSync(lock, `${process.pid} ${hostname()} x`);
    await expect(update({ lockTimeout: 1 })).rejects.toThrow(/another update is still running/);

    // At once: nothing is left to wait for the silence of its owner.
    writeFileSync(lock, `999999999 ${hostname()} x`);
    expect((await update({ lockTimeout: 1 })).outcomes).toEqual({ "osv/npm": "changed" });
    expect(readdirSync(folder).sort()).toEqual(["a.plimsoll", "feeds"]);
  });

  test.each(["", "1 another-machine x"])("a lock %j is taken over when it gives no sign of life", async (owner) => {
    const lock = join(folder, "b.lock");
    const locked = (work: () => Promise<void>): Promise<void> =>
      withUpdateLock(join(folder, "b"), { timeout: 5_000, silence: 300 }, work);
    writeFileSync(lock, owner);
    const alive = setInterval(() => utimesSync(lock, new Date(), new Date()), 50);
    const started = performance.now();
    setTimeout(() => clearInterval(alive), 500);

    await locked(async () => {
      expect(performance.now() - started).toBeGreaterThan(700);
      expect(readFileSync(lock, "utf8")).toContain(hostname());
    });

    expect(existsSync(lock)).toBe(false);
  });

  test("of many that wait, one at a time has it", async () => {
    writeFileSync(join(folder, "b.lock"), `999999999 ${hostname()} x`);
    let inside = 0;
    let most = 0;
    const one = (): Promise<void> =>
      withUpdateLock(join(folder, "b"), {}, async () => {
        most = Math.max(most, ++inside);
        await delay(20);
        inside--;
      });

    await Promise.all(Array.from({ length: 8 }, one));

    expect(most).toBe(1);
  });

  test("readers do not wait", async () => {
    publish([{ id: "A-1", day: 1 }]);
    await update();
    writeFileSync(join(folder, "a.plimsoll.lock"), String(process.pid));

    expect(await affectedVersions()).toEqual(["A-1@1"]);
  });
});

describe("an update that is killed", () => {
  const program = `
    import { updateAdvisories } from ${JSON.stringify(new URL("../../../dist/index.js", import.meta.url).href)};
    const [output, mirror, ecosystems] = process.argv.slice(1);
    await updateAdvisories({ output, mirrors: [mirror], ecosystems: ecosystems.split(","), knownExploited: [], exploitPrediction: [] });
  `;
  const built = existsSync(fileURLToPath(new URL("../../../dist/index.js", import.meta.url)));
  const big = Array.from({ length: 4_000 }, (_, at): MirrorRecord => ({ id: `A-${at}`, day: 1 + (at % 28) }));
  const output = (): string => join(folder, "a.plimsoll");

  /** Kills a process of its own once `when` holds. */
  async function killed(when: () => boolean): Promise<void> {
    const child = spawn(process.execPath, ["--input-type=module", "-e", program, output(), base, "npm"], {
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    while (child.exitCode === null && !when()) await delay(5);
    child.kill("SIGKILL");
    await ended;
  }

  test.skipIf(!built)("while it fetches loses nothing, and the next one goes on", async () => {
    publish([{ id: "A-1", day: 1 }]);
    await update();
    publish(big);
    const content = files.get("npm/all.zip") ?? new Uint8Array();
    const etag = `"${createHash("sha256").update(content).digest("hex").slice(0, 16)}"`;
    let begun = false;
    fault = (request, response) => {
      if (request.url !== "/npm/all.zip" || begun) return false;
      response.writeHead(200, { etag, "content-length": content.length });
      response.write(content.subarray(0, 100_000), () => (begun = true));
      return true;
    };
    const arrived = (): boolean =>
      readdirSync(join(folder, "feeds", "osv", "npm")).some(
        (name) => name.endsWith(".part") && statSync(join(folder, "feeds", "osv", "npm", name)).size > 0,
      );

    await killed(() => begun && arrived());

    expect(await affectedVersions()).toEqual(["A-1@1"]);
    expect((await update()).built?.sources[0]?.records).toBe(4_000);
    expect(readdirSync(folder).sort()).toEqual(["a.plimsoll", "feeds"]);
  });

  test.skipIf(!built)("while it builds loses nothing, and its litter goes", async () => {
    publish([{ id: "A-1", day: 1 }]);
    await update();
    publish(big);
    const litter = (): string[] => readdirSync(folder).filter((name) => name.endsWith(".tmp"));

    await killed(() => litter().length > 0);

    expect(await affectedVersions()).toEqual(["A-1@1"]);
    const old = new Date(Date.now() - 3_600_000);
    for (const name of litter()) utimesSync(join(folder, name), old, old);
    await update();
    expect((await affectedVersions()).length).toBe(4_000);
    expect(readdirSync(folder).sort()).toEqual(["a.plimsoll", "feeds"]);
  });
});

const mirror = sharedPath("data/osv/Alpine");

test.skipIf(mirror === undefined)("of the real mirror, a laptop with Alpine images fetches Alpine", async () => {
  for (const name of ["all.zip", "modified_id.csv"]) {
    files.set(`Alpine/${name}`, readFileSync(join(mirror ?? "", name)));
  }

  const result = await update({ ecosystems: ["Alpine"] });
  const store = await openAdvisories(result.output);

  expect(store.sources).toMatchObject([{ id: "osv/Alpine", read: 2_432, records: 2_432 }]);
  expect(requests).toEqual(["/Alpine/modified_id.csv", "/Alpine/all.zip"]);
  expect(statSync(result.output).size).toBeLessThan(1024 * 1024);
  await store.close?.();
});

const wholeMirror = sharedPath("data/osv");

test.skipIf(wholeMirror === undefined)(
  "the real mirror arrives byte for byte through every kind of trouble",
  async () => {
    const ecosystems = ["Alpine", "crates.io", "npm"];
    const folders = ecosystems.map((name) => join(wholeMirror ?? "", name));
    for (const [at, name] of ecosystems.entries())
      for (const file of ["all.zip", "modified_id.csv"])
        files.set(`${name}/${file}`, readFileSync(join(folders[at] ?? "", file)));
    let asked = 0;
    const troubles: (typeof fault)[] = [
      (_, response) => Boolean(response.writeHead(429, { "retry-after": "0" }).end()),
      (request, response) => {
        const content = files.get(decodeURIComponent((request.url ?? "").slice(1))) ?? new Uint8Array();
        const etag = `"${createHash("sha256").update(content).digest("hex").slice(0, 16)}"`;
        response.writeHead(200, { etag, "content-length": content.length });
        response.write(content.subarray(0, content.length >> 1), () => setTimeout(() => response.destroy(), 5));
        return true;
      },
      (_, response) => Boolean(response.destroy()),
      (request, response) => {
        const content = (files.get(decodeURIComponent((request.url ?? "").slice(1))) ?? new Uint8Array()).slice();
        for (let byte = 100; byte < content.length; byte += 1_000) content[byte] = (content[byte] ?? 0) ^ 0xff;
        // A clock that is years ahead.
        response.writeHead(200, {
          date: "Fri, 01 Jan 2100 00:00:00 GMT",
          "last-modified": "Fri, 01 Jan 2100 00:00:00 GMT",
        });
        response.end(content);
        return true;
      },
      (_, response) => Boolean(response.writeHead(503).end()),
    ];
    fault = (request, response) => {
      asked++;
      // Two of three requests fail, each in another way; lists that are damaged are met by the archive.
      const trouble = asked % 3 === 0 ? undefined : troubles[asked % troubles.length];
      return trouble?.(request, response) ?? false;
    };

    const result = await update({ ecosystems, attempts: 12 });

    expect(result.outcomes).toEqual({ "osv/Alpine": "changed", "osv/crates.io": "changed", "osv/npm": "changed" });
    const direct = join(folder, "direct");
    await buildAdvisories({ from: folders.map((path) => join(path, "all.zip")), output: direct });
    expect(readFileSync(result.output).equals(readFileSync(direct))).toBe(true);
    fault = () => false;
    expect((await update({ ecosystems })).diagnostics).toEqual([]);
    expect(readFileSync(result.output).equals(readFileSync(direct))).toBe(true);
  },
);
