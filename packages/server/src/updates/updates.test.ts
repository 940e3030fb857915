import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CompiledQuery, sql } from "kysely";
import { everyEcosystem } from "@plimsoll/ecosystems";
import { memoryCache } from "@plimsoll/inventory";
import { match } from "@plimsoll/matcher";
import type { AdvisoryStore } from "@plimsoll/model";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadManifest } from "../catalog/load-inventory.ts";
import { notificationPage } from "../clair/notification-page.ts";
import type { Database } from "../database/open-database.ts";
import { alpineLayer, alpineStore } from "../fixtures/alpine.ts";
import { clairComplaints } from "../fixtures/clair-complaints.ts";
import { hookReceiver } from "../fixtures/hook-receiver.ts";
import type { HookReceiver } from "../fixtures/hook-receiver.ts";
import { layerHost } from "../fixtures/layer-host.ts";
import type { LayerHost } from "../fixtures/layer-host.ts";
import { testDatabases } from "../fixtures/test-databases.ts";
import { signatureOf } from "../notifier/webhook.ts";
import { serviceOn } from "../service.ts";
import { forgetOldUpdates } from "./old-updates.ts";
import type { Service } from "../service.ts";

const first = alpineStore([
  { cve: "CVE-2024-0001", name: "musl", fixed: "1.2.5-r1" },
  { cve: "CVE-2024-0002", name: "openssl", severity: "CRITICAL" },
  { cve: "CVE-2024-0006", name: "busybox", severity: "LOW" },
]);

/** musl's flaw is taken back, openssl's is fixed and two more were found; busybox is as it was. */
const second = alpineStore([
  { cve: "CVE-2024-0002", name: "openssl", fixed: "3.3.1-r0", severity: "CRITICAL" },
  { cve: "CVE-2024-0003", name: "openssl", fixed: "3.3.2-r0" },
  { cve: "CVE-2024-0004", name: "openssl", fixed: "3.3.2-r0", severity: "LOW" },
  { cve: "CVE-2024-0005", name: "zlib", fixed: "9-r0" },
  { cve: "CVE-2024-0006", name: "busybox", severity: "LOW" },
]);

/** What `explain` says of a step, as far as it counts. */
interface Plan {
  readonly "Node Type": string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly Plans?: readonly Plan[];
}

function rowsOfScans({ Plans: steps = [], ...plan }: Plan): number {
  const own = plan["Node Type"].endsWith("Scan")
    ? (plan["Actual Rows"] + (plan["Rows Removed by Filter"] ?? 0)) * plan["Actual Loops"]
    : 0;
  return steps.reduce((sum, step) => sum + rowsOfScans(step), own);
}

interface Page {
  readonly page: { readonly size: number; readonly next?: string };
  readonly notifications: readonly { id: string; manifest: string; reason: string; vulnerability: { name: string } }[];
}

describe.each(testDatabases)("an update of the advisories on $name", ({ open }) => {
  const key = Buffer.from("a key that both sides hold");
  let host: LayerHost;
  let hooks: HookReceiver;
  let database: Database;
  let service: Service;
  let store: AdvisoryStore;
  let folder: string;
  let logged: object[];

  beforeEach(async () => {
    [host, hooks, database] = await Promise.all([layerHost(), hookReceiver(), open()]);
    store = first;
    folder = mkdtempSync(join(tmpdir(), "plimsoll-digests-"));
    logged = [];
  });

  afterEach(async () => {
    await service.close();
    await Promise.all([host.close(), hooks.close()]);
    rmSync(folder, { recursive: true });
  });

  async function start(disableSummary = true): Promise<void> {
    service = serviceOn(Promise.resolve(database), {
      advisories: () => Promise.resolve(store),
      allowLayerHosts: ["127.0.0.1"],
      cache: memoryCache(),
      pollInterval: 20,
      retryDelay: 0,
      notifier: {
        webhook: { target: hooks.url, callback: "http://service/notifier/api/v1/notification/", key },
        digestDirectory: folder,
        disableSummary,
      },
      log: { info: (facts) => logged.push(facts), warn: (facts) => logged.push(facts), error: () => undefined },
    });
    await service.ready;
  }

  async function ask<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
    const response = await service.fetch(
      new Request(new URL(path, "http://service"), {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    return { status: response.status, body: (text === "" ? undefined : JSON.parse(text)) as T };
  }

  async function index(packages: Readonly<Record<string, string>>, app = "x"): Promise<string> {
    const manifest = await host.manifest([alpineLayer(packages), { "srv/app": app }]);
    const indexed = await ask<{ state: string }>("POST", "/indexer/api/v1/index_report", manifest);
    expect(indexed.body.state).toBe("IndexFinished");
    return manifest.hash;
  }

  async function eventually(done: () => boolean | Promise<boolean>): Promise<void> {
    for (let turn = 0; turn < 3_000 && !(await done()); turn++) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await done()).toBe(true);
  }

  /** What the notification that the last webhook named says, all pages. */
  async function notified(pageSize = 500): Promise<Page["notifications"]> {
    const { callback } = JSON.parse(hooks.received.at(-1)?.body ?? "{}") as { callback: string };
    const all: Page["notifications"][number][] = [];
    for (let next: string | undefined = ""; next !== undefined;) {
      const { status, body }: { status: number; body: Page } = await ask<Page>(
        "GET",
        `${callback}?page_size=${pageSize}&next=${next}`,
      );
      expect(status).toBe(200);
      expect(clairComplaints("notification_page", body)).toEqual([]);
      all.push(...body.notifications);
      next = body.page.next;
    }
    return all;
  }

  test("tells which manifests it is about, page by page, until the notification is deleted", async () => {
    await start();
    const both = await index({ musl: "1.2.5-r0", openssl: "3.3.0-r2" });
    const one = await index({ openssl: "3.3.0-r2", busybox: "1.36.1-r0" }, "y");
    await index({ busybox: "1.36.1-r0" }, "z");
    store = second;

    await service.refresh();
    await eventually(() => hooks.received.length === 1);
    const [hook] = hooks.received;
    const later = await index({ openssl: "3.3.0-r2" }, "later");

    expect(clairComplaints("notification_webhook", JSON.parse(hook?.body ?? ""))).toEqual([]);
    const { "webhook-id": id, "webhook-timestamp": time, "webhook-signature": signature } = hook?.headers ?? {};
    expect(signature).toBe(`v1,${signatureOf(key, String(id), String(time), hook?.body ?? "")}`);
    expect(hook?.headers["idempotency-key"]).toBe(id);
    const all = await notified();
    const told = all.map(({ manifest, reason, vulnerability }) => [manifest, reason, vulnerability.name]);
    expect(told.toSorted()).toEqual(
      [
        [both, "added", "CVE-2024-0003"],
        [both, "added", "CVE-2024-0004"],
        [both, "removed", "CVE-2024-0001"],
        [one, "added", "CVE-2024-0003"],
        [one, "added", "CVE-2024-0004"],
      ].toSorted(),
    );
    // It had them from the start.
    expect(told.flat()).not.toContain(later);
    expect(await notified(1)).toEqual(all);
    expect(await notified(2)).toEqual(all);
    const { callback } = JSON.parse(hook?.body ?? "{}") as { callback: string };
    expect((await ask("DELETE", callback)).status).toBe(200);
    expect((await ask("GET", callback)).status).toBe(404);
    expect((await ask("GET", `${callback}?page_size=0`)).status).toBe(400);
    expect((await ask("GET", `${callback}?next=x`)).status).toBe(400);
  });

  test("tells of the worst alone, unless told otherwise", async () => {
    await start(false);
    const both = await index({ musl: "1.2.5-r0", openssl: "3.3.0-r2" });
    store = second;

    await service.refresh();
    await eventually(() => hooks.received.length === 1);

    const told = (await notified(1)).map(({ manifest, reason, vulnerability }) => [
      manifest,
      reason,
      vulnerability.name,
    ]);
    expect(told.toSorted()).toEqual([
      [both, "added", "CVE-2024-0003"],
      [both, "removed", "CVE-2024-0001"],
    ]);
  });

  /** The database, with the rows of each of its answers shown before whoever asked gets them. */
  function shown(show: (rows: readonly object[]) => Promise<void> | void): Database["queries"] {
    return database.queries.withPlugin({
      transformQuery: ({ node }) => node,
      async transformResult({ result }) {
        await show(result.rows as readonly object[]); // as: rows are objects
        return result;
      },
    });
  }

  /** The newest. */
  const notification = async (): Promise<string> =>
    (
      await database.queries
        .selectFrom("notification")
        .select("id")
        .orderBy("update_id", "desc")
        .executeTakeFirstOrThrow()
    ).id;

  /** Gives every image so many copies of the same packages. */
  async function copyImages(copies: number): Promise<void> {
    await sql`insert into inventory (digest, name, state, error, indexer, created_at)
      select digest || n, name, state, error, indexer, created_at from inventory, generate_series(1, ${copies}::integer) AS n`.execute(
      database.queries,
    );
    await sql`insert into inventory_set (inventory_id, set_id) select copy.id, inventory_set.set_id
      from inventory join inventory_set on inventory_set.inventory_id = inventory.id
      join inventory AS copy on copy.digest like inventory.digest || '_%'`.execute(database.queries);
  }

  /** Gives every image a set of its own, with the packages of the one that it had. */
  async function ownSets(): Promise<void> {
    await sql`insert into package_set (hash, packages) select 'own-' || id, '' from inventory`.execute(
      database.queries,
    );
    await sql`insert into set_package (set_id, package_id) select own.id, set_package.package_id
      from package_set AS own join inventory_set on own.hash = 'own-' || inventory_id
      join set_package on set_package.set_id = inventory_set.set_id`.execute(database.queries);
    await sql`delete from inventory_set`.execute(database.queries);
    await sql`insert into inventory_set (inventory_id, set_id) select inventory.id, package_set.id
      from inventory join package_set on package_set.hash = 'own-' || inventory.id`.execute(database.queries);
  }

  test("a page of a summary asks about some hundred images at a time, and for the worst of each set alone", async () => {
    await start(false);
    await index({ musl: "1.2.5-r0", openssl: "3.3.0-r2" });
    const copies = 600;
    await copyImages(copies);
    store = second;
    await service.refresh();
    const images: number[] = [];
    const changes: number[] = [];
    const watched = shown((rows) => {
      const digests = new Set(rows.flatMap((row) => ("digest" in row ? [row.digest] : [])));
      if (digests.size > 0) images.push(digests.size);
      if (rows.some((row) => "change" in row)) changes.push(rows.length);
    });

    const id = await notification();
    const page = await notificationPage(watched, id, { tenant: "", size: 10_000, next: undefined, summary: true });

    expect(page?.page).toEqual({ size: 2 * (copies + 1) });
    expect(new Set(page?.notifications.map(({ manifest }) => manifest)).size).toBe(copies + 1);
    expect(images.reduce((sum, count) => sum + count, 0)).toBe(copies + 1);
    expect(Math.max(...images)).toBeLessThan(300);
    // All images share one set: one that was added of two, and one that was removed.
    expect(Math.max(...changes)).toBe(2);
  });

  /** Rows that the database reads to answer the questions that `work` asks. */
  async function rowsRead(work: (queries: Database["queries"]) => Promise<unknown>): Promise<number> {
    const asked: CompiledQuery[] = [];
    const executor = database.queries.getExecutor();
    await work(
      database.queries.withPlugin({
        transformQuery({ node, queryId }) {
          asked.push(executor.compileQuery(node, queryId));
          return node;
        },
        transformResult: ({ result }) => Promise.resolve(result),
      }),
    );
    let sum = 0;
    for (const { sql: text, parameters } of asked) {
      const explain = CompiledQuery.raw(`explain (analyze, format json) ${text}`, [...parameters]);
      const { rows } = await database.queries.executeQuery<{ "QUERY PLAN": [{ Plan: Plan }] }>(explain);
      for (const row of rows) sum += rowsOfScans(row["QUERY PLAN"][0].Plan);
    }
    return sum;
  }

  test("a page reads no more than it tells, also while the database knows nothing of what the update wrote", async () => {
    await start();
    await index({ musl: "1.2.5-r0", openssl: "3.3.0-r2" });
    const copies = 1_000;
    await copyImages(copies);
    await ownSets();
    store = second;
    await service.refresh();
    // What it knows is of the update before.
    await sql`analyze`.execute(database.queries);
    store = first;
    await service.refresh();
    const id = await notification();
    const page = { tenant: "", size: 10, summary: false };

    const atFirst = await rowsRead((queries) => notificationPage(queries, id, { ...page, next: undefined }));
    const later = await rowsRead((queries) => notificationPage(queries, id, { ...page, next: "700.0" }));

    expect(Math.max(atFirst, later)).toBeLessThan(copies / 2);
  });

  test("a page of images with many changes each reads those of the images that it names", async () => {
    await start();
    await index({ musl: "1.2.5-r0", openssl: "3.3.0-r2" });
    const each = 2_000;
    store = second;
    await service.refresh();
    // Every image has a set of its own from here on, with as many changes as the kernel's headers have after some weeks.
    await copyImages(40);
    await ownSets();
    await sql`update update_operation set last_inventory = (select max(id) from inventory)`.execute(database.queries);
    await sql`with change AS (insert into finding_change (update_id, package_id, vulnerability, kind, severity)
        select update_id, package_id, 'CVE-' || n, 'added', 2 from (select update_id, package_id from finding_change limit 1) AS one, generate_series(1, ${each}::integer) AS n returning *)
      insert into update_set (update_id, set_id, told, changes, worst)
      select update_id, package_set.id, ${each}, array_agg(change.id), array[min(change.id)]
      from change, package_set where hash like 'own-%' group by update_id, package_set.id`.execute(database.queries);
    const id = await notification();
    const counts: number[] = [];

    const page = await notificationPage(
      shown((rows) => void counts.push(rows.length)),
      id,
      { tenant: "", size: each + 10, next: undefined, summary: false },
    );

    expect(new Set(page?.notifications.map(({ manifest }) => manifest)).size).toBe(2);
    expect(Math.max(...counts)).toBe(2 * each);
  });

  test("pages name every image once, where those that have something to be told of are many, few, and far between", async () => {
    await start();
    const digest = await index({ musl: "1.2.5-r0", openssl: "3.3.0-r2" });
    await copyImages(200);
    // Of another set, which the update does not touch.
    await index({ busybox: "1.36.1-r0" }, "y");
    const [first, last] = [60, 160];
    await sql`update inventory_set set set_id = (select max(id) from package_set)
      where inventory_id between ${first} and ${last} and inventory_id % 40 <> 0`.execute(database.queries);
    store = second;
    await service.refresh();
    const id = await notification();
    const { rows } = await sql<{ digest: string }>`select digest from inventory where digest like ${`${digest}%`}
      and (id not between ${first} and ${last} or id % 40 = 0) order by id`.execute(database.queries);
    const expected = rows.map((row) => row.digest);
    for (const summary of [true, false]) {
      const told: string[] = [];
      for (let next: string | undefined, turn = 0; turn === 0 || next !== undefined; turn++) {
        const page = await notificationPage(database.queries, id, { tenant: "", size: 11, next, summary });
        told.push(
          ...(page?.notifications.map(({ manifest, vulnerability }) => `${manifest} ${vulnerability.name}`) ?? []),
        );
        next = page?.page.next;
      }

      const names = ["CVE-2024-0001", "CVE-2024-0003", ...(summary ? [] : ["CVE-2024-0004"])];
      expect(told.map((each) => each.split(" ")[0])).toEqual(expected.flatMap((each) => names.map(() => each)));
      expect(told.toSorted()).toEqual(expected.flatMap((each) => names.map((name) => `${each} ${name}`)).toSorted());
    }
  });

  test("a page is of one moment, though its update is deleted meanwhile", async () => {
    await start();
    await index({ musl: "1.2.5-r0", openssl: "3.3.0-r2" });
    store = second;
    await service.refresh();
    const id = await notification();
    let deleted: Promise<unknown> | undefined;
    const watched = shown(async (rows) => {
      if (deleted !== undefined || !rows.some((row) => "change" in row)) return;
      deleted = sql`delete from update_operation`.execute(database.queries);
      // The embedded one has one connection, for which this waits in line.
      if (database.kind === "postgres") await deleted;
    });
    const all = { tenant: "", size: 500, next: undefined, summary: false };

    const page = await notificationPage(watched, id, all);

    await deleted;
    expect(page?.page.size).toBe(3);
    expect(page?.notifications).toHaveLength(3);
    expect(await notificationPage(database.queries, id, all)).toBeUndefined();
  });

  test("is forgotten in time: what pages are read from with the last notification, the rest after a year", async () => {
    await start();
    await index({ musl: "1.2.5-r0", openssl: "3.3.0-r2" });
    store = second;
    await service.refresh();
    store = first;
    await service.refresh();
    const left = async (): Promise<readonly number[]> => {
      const tables = ["notification", "delivery", "update_set", "finding_change", "update_operation"];
      const counts = tables.map(async (table) => {
        const { rows } = await sql<{ count: number }>`select count(*) AS count from ${sql.table(table)}`.execute(
          database.queries,
        );
        return Number(rows[0]?.count);
      });
      return Promise.all(counts);
    };
    const days = (count: number): Date => new Date(Date.now() + count * 86_400_000);

    await forgetOldUpdates(database.queries, days(0));
    expect(await left()).toEqual([2, 4, 2, 8, 3]);
    expect((await ask("DELETE", `/notifier/api/v1/notification/${await notification()}`)).status).toBe(200);
    await forgetOldUpdates(database.queries, days(0));
    expect(await left()).toEqual([1, 2, 1, 8, 3]);
    await forgetOldUpdates(database.queries, days(61));
    expect(await left()).toEqual([0, 0, 0, 8, 3]);
    await forgetOldUpdates(database.queries, days(401));
    expect(await left()).toEqual([0, 0, 0, 4, 1]);
  });

  test("matches each distinct package under a changed name once, and nothing else", async () => {
    await start();
    for (let app = 0; app < 4; app++)
      await index({ musl: "1.2.5-r0", openssl: "3.3.0-r2", busybox: "1.36.1-r0" }, String(app));
    store = second;

    await service.refresh();

    const applied = logged.filter((facts) => "lookups" in facts);
    expect(applied.at(-1)).toMatchObject({ lookups: 2, packages: 2, changes: 4, inventories: 4 });
    await service.refresh();
    expect(logged.filter((facts) => "lookups" in facts)).toHaveLength(applied.length);
  });

  test("leaves findings that are those of matching every image anew", async () => {
    await start();
    const images = [
      await index({ musl: "1.2.5-r0", openssl: "3.3.0-r2" }),
      await index({ musl: "1.2.5-r9", openssl: "3.3.1-r5", zlib: "1-r0" }, "y"),
      await index({ openssl: "3.3.2-r0", busybox: "1.36.1-r0" }, "z"),
    ];
    for (const next of [second, first, second]) {
      store = next;
      await service.refresh();
      for (const digest of images) {
        const { rows } = await sql<{ id: string; package: string }>`select finding.vulnerability AS id,
            package.data::json -> 'package' ->> 'purl' AS package
          from inventory join inventory_set on inventory_set.inventory_id = inventory.id join set_package using (set_id)
          join finding using (package_id) join package on package.id = finding.package_id
          where inventory.digest = ${digest}`.execute(database.queries);
        const inventory = (await loadManifest(database.queries, { tenant: "", digest }))?.inventory;
        const fresh = inventory && (await match(inventory, store, { ecosystems: everyEcosystem }));
        const texts = (list: readonly { id: string; package: string }[]): readonly string[] =>
          list.map((row) => `${row.id} ${row.package}`).sort();
        expect(texts(rows)).toEqual(
          texts((fresh?.vulnerabilities ?? []).map((found) => ({ id: found.id, package: found.package.purl }))),
        );
      }
    }
  });

  test("is among the update operations, and what it changed is a difference", async () => {
    await start();
    await index({ musl: "1.2.5-r0", openssl: "3.3.0-r2" });
    store = second;
    await service.refresh();

    type Operations = { plimsoll: { ref: string; fingerprint: string }[] };
    const operations = await ask<Operations>("GET", "/matcher/api/v1/internal/update_operation");
    const [cur, prev] = operations.body.plimsoll;
    expect(clairComplaints("update_operations", operations.body)).toEqual([]);
    expect([cur?.fingerprint, prev?.fingerprint]).toEqual([second.revision, first.revision]);
    const latest = await ask<Operations>("GET", "/matcher/api/v1/internal/update_operation?latest=true");
    expect(latest.body.plimsoll).toEqual([cur]);
    expect((await ask("GET", "/matcher/api/v1/internal/update_operation?kind=enrichment")).body).toEqual({});

    type Difference = { added: { name: string }[]; removed: { name: string }[] };
    const diff = await ask<Difference>("GET", `/matcher/api/v1/internal/update_diff?prev=${prev?.ref}`);
    expect(clairComplaints("update_diff", diff.body)).toEqual([]);
    expect(diff.body.added.map(({ name }) => name).sort()).toEqual(["CVE-2024-0003", "CVE-2024-0004"]);
    expect(diff.body.removed.map(({ name }) => name)).toEqual(["CVE-2024-0001"]);
    // As Clair's own client asks, which needs no earlier update.
    const all = await ask<Difference>("GET", `/matcher/api/v1/internal/update_diff?prev=&cur=${cur?.ref}`);
    expect(clairComplaints("update_diff", all.body)).toEqual([]);
    expect(all.body).toMatchObject({ cur, added: diff.body.added, removed: diff.body.removed });
    expect(all.body).not.toHaveProperty("prev");
    expect((await ask("GET", "/matcher/api/v1/internal/update_diff")).status).toBe(400);
    const url = new URL("/matcher/api/v1/internal/update_operation", "http://service");
    const [newest, unchanged, changed] = await Promise.all(
      [undefined, cur?.ref, prev?.ref].map((ref) =>
        service.fetch(new Request(url, ref === undefined ? {} : { headers: { "if-none-match": `"${ref}"` } })),
      ),
    );
    expect(newest?.headers.get("etag")).toBe(`"${cur?.ref}"`);
    expect([newest?.status, unchanged?.status, changed?.status]).toEqual([200, 304, 200]);
    expect((await ask("DELETE", `/matcher/api/v1/internal/update_operation/${cur?.ref}`)).status).toBe(200);
    expect((await ask("GET", `/matcher/api/v1/internal/update_diff?prev=${prev?.ref}&cur=${cur?.ref}`)).status).toBe(
      400,
    );
  });

  test("is not needed to find the manifests that a vulnerability affects", async () => {
    await start();
    const both = await index({ musl: "1.2.5-r0", openssl: "3.3.0-r2" });
    const one = await index({ openssl: "3.3.5-r0" }, "y");
    type Affected = { vulnerable_manifests: Record<string, string[]> };
    const affected = async (summary: object): Promise<readonly string[]> => {
      const path = "/indexer/api/v1/internal/affected_manifest";
      const { status, body } = await ask<Affected>("POST", path, [summary]);
      // Clair's own client ends the path with a slash, and sends an object.
      expect(await ask("POST", `${path}/`, { vulnerabilities: [summary] })).toEqual({ status, body });
      expect(status).toBe(200);
      expect(clairComplaints("affected_manifests", body)).toEqual([]);
      return Object.keys(body.vulnerable_manifests);
    };
    const summary = { name: "CVE-2030-0001", normalized_severity: "High", package: { name: "openssl", version: "" } };

    expect((await affected(summary)).toSorted()).toEqual([both, one].toSorted());
    expect(await affected({ ...summary, fixed_in_version: "3.3.1-r0" })).toEqual([both]);
    expect(await affected({ ...summary, dist: { did: "debian" } })).toEqual([]);
    expect(await affected({ name: "CVE-2024-0001", normalized_severity: "High" })).toEqual([both]);
    expect((await ask("POST", "/indexer/api/v1/internal/affected_manifest", {})).status).toBe(400);
  });

  test("is told again until it is taken, under one id, and set aside when nobody takes it", async () => {
    await start();
    await index({ musl: "1.2.5-r0" });
    hooks.answers.push(500, 503);
    store = second;
    await service.refresh();
    await eventually(() => hooks.received.length === 3);
    expect(new Set(hooks.received.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
    const states = async (): Promise<readonly string[]> =>
      (
        await database.queries
          .selectFrom("delivery")
          .select("state")
          .where("channel", "=", "webhook")
          .orderBy("updated_at")
          .execute()
      ).map(({ state }) => state);
    await eventually(async () => (await states()).join() === "done");

    hooks.answers.push(...Array.from({ length: 20 }, () => 500));
    store = first;
    await service.refresh();
    await eventually(async () => (await states()).join() === "done,dead");
    expect(hooks.received.length).toBe(3 + 9);
  });

  test("leaves a file that says what changed", async () => {
    await start();
    await index({ musl: "1.2.5-r0", openssl: "3.3.0-r2" });
    store = second;
    await service.refresh();
    await eventually(() => readdirSync(folder).some((name) => name.endsWith(".json")));
    const [name = ""] = readdirSync(folder);

    const digest = JSON.parse(readFileSync(join(folder, name), "utf8")) as Record<string, unknown>;

    expect(digest).toMatchObject({
      advisories: second.revision,
      images: 1,
      counts: { added: 2, changed: 1, removed: 1 },
    });
    expect(digest["changes"]).toContainEqual({
      change: "changed",
      vulnerability: "CVE-2024-0002",
      severity: "CRITICAL",
      package: expect.stringContaining("pkg:apk/alpine/openssl@3.3.0-r2"),
      fixedVersion: "3.3.1-r0",
    });
  });
});
