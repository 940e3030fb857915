import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { buildAdvisories } from "@plimsoll/node";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { alpineLayer } from "../fixtures/alpine.ts";
import { hookReceiver } from "../fixtures/hook-receiver.ts";
import type { HookReceiver } from "../fixtures/hook-receiver.ts";
import { imageRegistry } from "../fixtures/image-registry.ts";
import type { ImageRegistry } from "../fixtures/image-registry.ts";
import { layerHost } from "../fixtures/layer-host.ts";
import type { LayerHost } from "../fixtures/layer-host.ts";
import { createServerDatabase, serverPrograms } from "../fixtures/test-databases.ts";

/**
 * The bundled service as a process that is killed by SIGKILL: before statements, after they were carried out and before their answer is
 * seen, between writes to files, and before a receiver is told. `npm run service-kills` dies at every place of the list below.
 */

const program = fileURLToPath(new URL("../../tasks/mortal-service.mjs", import.meta.url));
const built = existsSync(fileURLToPath(new URL("../../dist/program/server.js", import.meta.url)));
if (!built) console.warn("the service is not bundled: no process is killed (npm run setup bundles it)");
const all = process.env["PLIMSOLL_KILLS"] === "all";

/** Where the process dies: when it is about to do something, or has done it, for the n-th time. */
interface Place {
  /** Before a statement, after it and before its answer is seen, before a write to a file, before a receiver is told. */
  readonly kind: "statement" | "answer" | "write" | "request";
  readonly at: number;
  /** Statements with these words alone. */
  readonly matching?: string;
}

/** From the first start to the notification, in the order of a service's life. */
const statements = [
  "insert into schema_migration",
  "pgboss.version",
  "insert into inventory ",
  "insert into package ",
  "insert into inventory_set",
  "insert into finding ",
  "insert into scan",
  "insert into token",
  "insert into update_operation",
  "insert into finding_change",
  "insert into notification",
  "update delivery",
  "commit",
];

const everyPlace: readonly Place[] = [
  ...statements.flatMap((matching): Place[] => [
    { kind: "statement", at: 1, matching },
    { kind: "answer", at: 1, matching },
  ]),
  ...[3, 5, 7, 9].map((at): Place => ({ kind: "answer", at, matching: "commit" })),
  ...[1, 200, 700, 1_200].map((at): Place => ({ kind: "write", at })),
  { kind: "request", at: 1 },
];

/** Two that are far apart: in an update, and between its commit and the receiver. */
const fewPlaces: Readonly<Record<string, readonly Place[]>> = {
  PGlite: [{ kind: "request", at: 1 }],
  PostgreSQL: [{ kind: "statement", at: 1, matching: "insert into notification" }],
};

const databases: readonly { readonly name: string; open(folder: string): Promise<string> }[] = [
  { name: "PGlite", open: (folder) => Promise.resolve(join(folder, "data")) },
  ...(serverPrograms === undefined ? [] : [{ name: "PostgreSQL", open: () => createServerDatabase() }]),
];

describe.skipIf(!built).each(databases)("the service's process on $name", ({ name, open }) => {
  const scratch = mkdtempSync(join(tmpdir(), "plimsoll-killed-"));
  let host: LayerHost;
  let hooks: HookReceiver;
  let registry: ImageRegistry;
  let manifests: readonly { readonly hash: string }[];
  const folders: string[] = [];

  beforeAll(async () => {
    [host, hooks, registry] = await Promise.all([layerHost(), hookReceiver(), imageRegistry()]);
    const base = alpineLayer({ musl: "1.2.5-r0", openssl: "3.3.0-r2" });
    manifests = await Promise.all(["a", "b"].map((app) => host.manifest([base, { "srv/app": app }])));
    await registry.push("team/app", "1", base);
    await advisoryFile("before", "CVE-2024-0001", "musl");
    await advisoryFile("after", "CVE-2024-0002", "openssl");
  });

  afterAll(async () => {
    await Promise.all([host.close(), hooks.close(), registry.close()]);
    for (const folder of [scratch, ...folders]) rmSync(folder, { recursive: true, force: true });
  });

  async function advisoryFile(name: string, cve: string, about: string): Promise<void> {
    const from = join(scratch, name);
    mkdirSync(join(from, "Alpine"), { recursive: true });
    const record = {
      schema_version: "1.7.0",
      id: `ALPINE-${cve}`,
      modified: "2024-05-01T00:00:00Z",
      upstream: [cve],
      affected: [
        {
          package: { ecosystem: "Alpine:v3.20", name: about },
          ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }] }],
        },
      ],
    };
    writeFileSync(join(from, "Alpine", `${record.id}.json`), JSON.stringify(record));
    await buildAdvisories({ from: [from], output: join(scratch, `${name}.db`) });
  }

  /** Puts advisories where the service looks for them, in one step, as an update does. */
  function publish(folder: string, name: "before" | "after"): void {
    const aside = join(folder, "advisories.aside");
    copyFileSync(join(scratch, `${name}.db`), aside);
    renameSync(aside, join(folder, "advisories.db"));
  }

  /** Starts the process, which counts, and kills itself when it has done something so often. */
  function start(folder: string, database: string, kill?: Place): RunningService {
    const options = {
      serve: {
        listen: "127.0.0.1:0",
        directory: join(folder, "data"),
        database,
        advisories: join(folder, "advisories.db"),
        allowLayerHosts: ["127.0.0.1"],
        authentication: { tokens: true, anonymous: ["read", "write", "admin"] },
        retryDelay: 0,
        notifier: { webhook: { target: hooks.url, callback: "http://service/notifier/api/v1/notification/" } },
      },
      ...(kill === undefined ? {} : { kill }),
    };
    return new RunningService(
      spawn(process.execPath, [program, JSON.stringify(options)], { stdio: ["ignore", "pipe", "inherit"] }),
    );
  }

  /** What a process answered for before it ended. */
  interface Acknowledged {
    readonly indexed: string[];
    readonly scans: string[];
    readonly tokens: string[];
  }

  /** All that clients do with it: they ask for indexes, a scan and a token, the advisories change, and the receiver is told. */
  async function live(service: RunningService, folder: string): Promise<Acknowledged> {
    const kept: Acknowledged = { indexed: [], scans: [], tokens: [] };
    try {
      for (const manifest of manifests) if (await indexed(service, manifest)) kept.indexed.push(manifest.hash);
      const scan = await service.post("/api/v1/scans", { reference: `${registry.host}/team/app:1` });
      if (scan.status === 202) kept.scans.push((scan.body as { id: string }).id);
      const token = await service.post("/api/v1/tokens", { name: "operator", access: ["admin"] });
      if (token.status === 201) kept.tokens.push((token.body as { token: string }).token);
      publish(folder, "after");
      await service.post("/api/v1/rematch", {});
      await until(() => service.ended || hooks.received.length > 0);
      // The delivery is written down after the receiver answered.
      await new Promise((resolve) => setTimeout(resolve, 200));
    } catch (error) {
      // It died, and its connections with it.
      if (!service.ended) await until(() => service.ended);
      if (!service.killed) throw error;
    }
    return kept;
  }

  async function indexed(service: RunningService, manifest: object): Promise<boolean> {
    const { status, body } = await service.post("/indexer/api/v1/index_report", manifest);
    return status === 201 && (body as { success: boolean }).success;
  }

  /** A folder of its own, and an empty database. */
  async function prepare(): Promise<{ readonly folder: string; readonly database: string }> {
    const folder = mkdtempSync(join(tmpdir(), "plimsoll-killed-"));
    folders.push(folder);
    hooks.received.length = 0;
    publish(folder, "before");
    return { folder, database: await open(folder) };
  }

  async function dieAt(place: Place): Promise<void> {
    const { folder, database } = await prepare();
    const first = start(folder, database, place);
    const acknowledged = await live(first, folder);
    // Places that it never comes to are after all that it did.
    first.kill();
    await until(() => first.ended);
    const told = hooks.received.length;

    publish(folder, "after");
    if (database.startsWith("postgres")) await quarterOfAnHourPasses(database);
    const second = start(folder, database);
    try {
      for (const hash of acknowledged.indexed) {
        const { body } = await second.get(`/indexer/api/v1/index_report/${hash}`);
        expect(body).toMatchObject({ state: "IndexFinished" });
      }
      for (const token of acknowledged.tokens) expect((await second.get("/api/v1/audit", token)).status).toBe(200);
      for (const id of acknowledged.scans) {
        let state = "";
        await until(async () => {
          state = ((await second.get(`/api/v1/scans/${id}`)).body as { state: string }).state;
          return state === "done" || state === "failed";
        });
        expect(state).toBe("done");
      }
      // What was asked for and not answered can be asked for again.
      for (const manifest of manifests) {
        expect(await indexed(second, manifest)).toBe(true);
        const { body } = await second.get(`/matcher/api/v1/vulnerability_report/${manifest.hash}`);
        const { vulnerabilities } = body as { vulnerabilities: Readonly<Record<string, { name: string }>> };
        expect(Object.values(vulnerabilities).map(({ name }) => name)).toEqual(["CVE-2024-0002"]);
      }
      await everyNotificationIsTold(second, acknowledged, told);
    } finally {
      second.end();
      await until(() => second.ended);
    }
    expect(second.code).toBe(0);
  }

  /** Manifests that were there before the update are told of, at least once, and each time under the same key. */
  async function everyNotificationIsTold(
    service: RunningService,
    { indexed: before }: Acknowledged,
    told: number,
  ): Promise<void> {
    if (before.length > 0) await until(() => hooks.received.length > 0);
    await until(async () =>
      /plimsoll_jobs\{kind="deliver",state="waiting"\} 0/.test(String((await service.get("/metrics")).body)),
    );
    const keys = new Map<string, Set<unknown>>();
    for (const { headers, body } of hooks.received) {
      const { notification_id: id } = JSON.parse(body) as { notification_id: string };
      keys.set(id, (keys.get(id) ?? new Set()).add(headers["idempotency-key"]));
    }
    for (const used of keys.values()) expect(used.size).toBe(1);
    if (before.length > 0 || told > 0) expect(keys.size).toBe(1);
    const named = new Set<string>();
    for (const id of keys.keys()) {
      const { body } = await service.get(`/notifier/api/v1/notification/${id}`);
      for (const { manifest } of (body as { notifications: { manifest: string }[] }).notifications) named.add(manifest);
    }
    expect(before.filter((hash) => !named.has(hash))).toEqual([]);
  }

  test.each((all ? everyPlace : fewPlaces[name]) ?? [])(
    "killed at $kind $at $matching has lost nothing that it acknowledged, and tells every change",
    dieAt,
  );
});

/** Jobs of a process that is gone are another's after a while; the test does not wait for it. */
async function quarterOfAnHourPasses(database: string): Promise<void> {
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  const { rows } = await client.query("select to_regclass('pgboss.job') is not null as there");
  if ((rows[0] as { there: boolean }).there)
    await client.query("update pgboss.job set started_on = started_on - interval '16 minutes' where state = 'active'");
  await client.end();
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 12_000; turn++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("it does not come to that");
}

/** A process of the service. */
class RunningService {
  readonly #process: ChildProcess;
  readonly #lines: Record<string, unknown>[] = [];
  code: number | null | undefined;
  killed = false;

  constructor(process: ChildProcess) {
    this.#process = process;
    process.on("exit", (code, signal) => {
      this.code = code;
      this.killed = signal === "SIGKILL";
    });
    if (process.stdout !== null)
      createInterface({ input: process.stdout }).on("line", (line) => {
        this.#lines.push(JSON.parse(line) as Record<string, unknown>); // as: it prints objects alone
      });
  }

  get ended(): boolean {
    return this.code !== undefined;
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }

  end(): void {
    this.#process.kill("SIGTERM");
  }

  get(path: string, token?: string): Promise<{ readonly status: number; readonly body: unknown }> {
    return this.#ask(path, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });
  }

  post(path: string, body: object): Promise<{ readonly status: number; readonly body: unknown }> {
    const headers = { "content-type": "application/json" };
    return this.#ask(path, { method: "POST", headers, body: JSON.stringify(body) });
  }

  async #ask(path: string, init: RequestInit): Promise<{ readonly status: number; readonly body: unknown }> {
    const url = (): string | undefined => this.#lines.find((line) => "url" in line)?.["url"] as string | undefined; // as: so it prints it
    await until(() => this.ended || url() !== undefined);
    // A connection that is kept is closed by the service after some seconds, which this process may learn of too late.
    const headers = { ...init.headers, connection: "close" };
    const response = await fetch(new URL(path, url()), { ...init, headers });
    const text = await response.text();
    try {
      return { status: response.status, body: JSON.parse(text) as unknown };
    } catch {
      return { status: response.status, body: text };
    }
  }
}
