import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { checkOptions } from "@plimsoll/model";
import { defaultCacheDirectory, defaultStorePath, directoryCache } from "@plimsoll/node";
import { advisoriesAt, openedAdvisories } from "./advisories/advisory-source.ts";
import type { AdvisorySource } from "./advisories/advisory-source.ts";
import { admissionRoute } from "./api/admission-route.ts";
import { auditRoute } from "./api/audit-route.ts";
import { clientRoutes } from "./api/client-routes.ts";
import { imageReports } from "./api/image-reports.ts";
import { imageRoutes } from "./api/image-routes.ts";
import { questionRoutes } from "./api/question-routes.ts";
import { openApiRoute } from "./api/openapi.ts";
import { tokenRoutes } from "./api/token-routes.ts";
import { noteTotals, totalsCounter } from "./catalog/totals.ts";
import { currentRevision } from "./catalog/store-inventory.ts";
import { clairRoutes } from "./clair/routes.ts";
import { diskHealth } from "./database/disk-health.ts";
import type { DiskHealth } from "./database/disk-health.ts";
import { embeddedDirectory } from "./database/database-location.ts";
import { openDatabase } from "./database/open-database.ts";
import type { Database } from "./database/open-database.ts";
import { sealingKeyBytes, sealingKeyIn } from "./database/sealing-key.ts";
import { forgetOldAuditEntries } from "./http/audit-log.ts";
import { keepAdminToken } from "./http/authentication.ts";
import { errorResponse, HttpError } from "./http/http-error.ts";
import { harborRoutes } from "./harbor/harbor-routes.ts";
import { hookRoutes } from "./hooks/hook-routes.ts";
import { healthRoutes } from "./http/health-routes.ts";
import { createMetrics } from "./http/metrics.ts";
import { requestGate } from "./http/request-limits.ts";
import { createRouter } from "./http/router.ts";
import type { AnsweredRequest } from "./http/router.ts";
import type { Route } from "./http/route.ts";
import { failIndexJob, runIndexJob } from "./indexing/index-job.ts";
import { layerResultsIn } from "./indexing/layer-results.ts";
import { openJobQueue } from "./jobs/job-queue.ts";
import type { JobKind } from "./jobs/job-queue.ts";
import { sealWith } from "./jobs/seal.ts";
import { startWorkLoop } from "./jobs/work-loop.ts";
import type { WorkLoop, WorkLoopOptions } from "./jobs/work-loop.ts";
import { hostRules } from "./network/address-rules.ts";
import type { Channel } from "./notifier/channel.ts";
import { noteFailedDelivery, runDeliverJob } from "./notifier/deliver-job.ts";
import { amqp } from "./notifier/amqp.ts";
import { digestFiles } from "./notifier/digest-file.ts";
import { stomp } from "./notifier/stomp.ts";
import { webhook } from "./notifier/webhook.ts";
import { pageRoutes } from "./page/page-routes.ts";
import { failScanJob, forgetOldScans, runScanJob } from "./scans/scan.ts";
import { scanRoutes } from "./scans/scan-routes.ts";
import { requestLooks, runWatchJob } from "./scans/watch.ts";
import type { ServiceCore, ServiceLog } from "./service-core.ts";
import { checkServiceOptions, serviceChecks } from "./service-options.ts";
import type { ServiceOptions } from "./service-options.ts";
import { applyUpdate } from "./updates/apply-update.ts";
import { forgetOldUpdates } from "./updates/old-updates.ts";

/** A running service that does not listen on a port: the caller passes requests to `fetch`. */
export interface Service {
  /** Resolves when requests are served; rejects when the database cannot be opened. */
  readonly ready: Promise<void>;
  /** Answers a request, after the database is open. `client`: the client's network address, for limits and the audit log. Never rejects. */
  fetch(request: Request, client?: string): Promise<Response>;
  /** Aborted with the reason when the embedded database broke down, as a full disk makes it: nothing is answered any more, and another process goes on from there. */
  readonly broken: AbortSignal;
  /** Looks for newer advisories now, and updates all findings to them. */
  refresh(): Promise<void>;
  /** Accepts no further work, waits at most `grace` milliseconds (absent: 5,000) for running work, and closes the database. */
  close(options?: { readonly grace?: number | undefined }): Promise<void>;
}

const silent: ServiceLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Milliseconds between two looks for jobs whose process is gone. */
const maintenanceInterval = 30_000;

/** Milliseconds between two counts of what there is. */
const totalsInterval = 900_000;

/** Milliseconds between two looks for entries of the audit log and scans that are too old. */
const recordsInterval = 3_600_000;

/**
 * Starts a service: Clair's API and the workers behind it, over one database.
 * @throws TypeError for an invalid option; RoleNeedsServer when a role needs PostgreSQL.
 */
export function createService(options: ServiceOptions): Service {
  checkOptions("createService", options, serviceChecks);
  checkServiceOptions(options);
  const { database, connections } = options;
  const opening = openDatabase(database, { connections });
  const directory = embeddedDirectory(database);
  // Nobody else has the directory once it is open.
  const sealingKey = (): Uint8Array | undefined =>
    options.sealingKey ?? (directory === undefined ? undefined : sealingKeyIn(directory));
  return serviceOn(opening, options, options.log ?? silent, sealingKey);
}

/** {@link createService} on a database that the caller opens; closing the service closes it. */
export function serviceOn(
  opening: Promise<Database>,
  options: Omit<ServiceOptions, "database">,
  log: ServiceLog = options.log ?? silent,
  sealingKey: () => Uint8Array | undefined = () => options.sealingKey,
): Service {
  const starting = start(opening, options, log, sealingKey);
  starting.catch(() => undefined);
  let closing: Promise<void> | undefined;
  const broken = new AbortController();
  const watching = opening.then(({ broken: ofDatabase }) => {
    const end = (): void => broken.abort(ofDatabase?.reason);
    if (ofDatabase?.aborted === true) end();
    else ofDatabase?.addEventListener("abort", end, { once: true });
  });
  watching.catch(() => undefined);
  return {
    broken: broken.signal,
    ready: starting.then(() => undefined),
    async fetch(request, client) {
      try {
        return await (await starting).fetch(request, client);
      } catch (error) {
        log.error({ err: error }, "the service could not be started");
        return errorResponse(new HttpError(503, "the service is not available"), new URL(request.url).pathname);
      }
    },
    refresh: async () => (await starting).refresh(),
    close: ({ grace = 5_000 } = {}) =>
      (closing ??= starting.then(
        (running) => running.stop(grace),
        () => undefined,
      )),
  };
}

interface Running {
  fetch(request: Request, client?: string): Promise<Response>;
  refresh(): Promise<void>;
  stop(grace: number): Promise<void>;
}

async function start(
  opening: Promise<Database>,
  options: Omit<ServiceOptions, "database">,
  log: ServiceLog,
  sealingKey: () => Uint8Array | undefined,
): Promise<Running> {
  const database = await opening;
  try {
    return await run({ ...options, sealingKey: sealingKey() }, log, database);
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function run(options: Omit<ServiceOptions, "database">, told: ServiceLog, database: Database): Promise<Running> {
  const { role = "all", pollInterval = 1_000 } = options;
  const disk = diskHealth();
  const log = noting(told, disk);
  const queue = await openJobQueue(database, options);
  if (options.adminToken !== undefined)
    await keepAdminToken(database, options.adminToken, options.now?.() ?? new Date());
  const stopping = new AbortController();
  const loops: WorkLoop[] = [];
  const channels = channelsOf(options, database);
  const core = createCore(options, { database, disk, queue, log, channels: channels.map(({ id }) => id) }, () => {
    for (const loop of loops) loop.wake();
  });
  const worksOn = (kind: JobKind, does: Pick<WorkLoopOptions, "concurrency" | "work" | "onFailure">): void => {
    const onError = (error: unknown): void => log.error({ err: error }, "the job queue cannot be read");
    loops.push(startWorkLoop({ queue, kind, interval: pollInterval, ...does, onError }));
  };
  const { concurrency = 2 } = options;
  const isWorker = role === "all" || role === "worker";
  const bringUpToDate = async (signal: AbortSignal): Promise<void> => {
    await core.advisories.refresh({ signal });
    if (isWorker && (await applyUpdate(core, { signal })) !== undefined) await noteTotals(database.queries, core.now());
  };
  if (isWorker) {
    worksOn("index", {
      concurrency,
      work: (job, signal) => runIndexJob(core, job, signal),
      async onFailure({ data }, error, final) {
        log.error({ err: error, manifest: data["digest"], final }, "an index job failed");
        if (final) await failIndexJob(core, data, "the service failed; its log says why");
        core.indexed();
      },
    });
    worksOn("scan", {
      concurrency,
      work: (job, signal) => runScanJob(core, job, signal),
      async onFailure(job, error, final) {
        log.error({ err: error, scan: job.data["scan"], final }, "a scan job failed");
        if (final) await failScanJob(core, job, error);
      },
    });
    worksOn("watch", {
      concurrency: 1,
      work: (job, signal) => runWatchJob(core, job, signal),
      onFailure: ({ data }, error, final) =>
        log.error({ err: error, watch: data["pattern"], final }, "watched repositories cannot be checked"),
    });
    worksOn("update", {
      concurrency: 1,
      async work(job, signal) {
        await bringUpToDate(signal);
        await queue.complete(job);
      },
      onFailure: (_, error, final) => log.error({ err: error, final }, "an update of the findings failed"),
    });
  }
  if (role === "all" || role === "notifier") {
    worksOn("deliver", {
      concurrency: 1,
      work: (job, signal) => runDeliverJob(core, channels, job, signal),
      async onFailure(job, error, final) {
        log.warn({ delivery: job.data["delivery"], reason: String(error), final }, "a notification was not delivered");
        await noteFailedDelivery(core, job, error, final);
      },
    });
  }
  const refresh = (): Promise<void> => bringUpToDate(stopping.signal);
  const quietly = (what: string, work: () => Promise<void>): Promise<void> =>
    work().catch((error: unknown) => {
      if (!stopping.signal.aborted) log.error({ err: error }, what);
    });
  // What processes had that died while nobody was here to look.
  if (database.kind === "postgres") await quietly("the job queue cannot be maintained", () => queue.maintain());
  await quietly("the advisories cannot be read", refresh);
  const { repositories: watched = [], interval = 300_000 } = options.watch ?? {};
  // Soon for the first time, and often enough for the interval that was asked for.
  const lookInterval = Math.min(interval, 10_000);
  const timers = [
    every(options.advisoryInterval ?? 10_000, () => quietly("the advisories cannot be read", refresh)),
    ...(watched.length > 0 && isWorker
      ? [
          every(lookInterval, () =>
            quietly("repositories cannot be watched", () => requestLooks(core, watched, interval)),
          ),
        ]
      : []),
    every(maintenanceInterval, () => quietly("the job queue cannot be maintained", () => queue.maintain())),
    every(recordsInterval, () =>
      quietly("old records cannot be removed", async () => {
        await forgetOldAuditEntries(database.queries, core.now());
        await forgetOldScans(database.queries, core.now());
        await forgetOldUpdates(database.queries, core.now());
      }),
    ),
    ...(isWorker
      ? [
          every(totalsInterval, () =>
            quietly("totals cannot be recorded", () => noteTotals(database.queries, core.now())),
          ),
        ]
      : []),
  ];
  const metrics = createMetrics(core);
  const { maxBodyBytes = 16 * 1024 * 1024, maxUploadBytes = 16 * 1024 ** 3 } = options;
  const reports = imageReports(core);
  const clair = clairRoutes(core, {
    maxBodyBytes,
    indexTimeout: options.indexTimeout ?? 600_000,
    disableSummary: options.notifier?.disableSummary ?? false,
  });
  const answering: readonly Route[] = [
    ...imageRoutes(core, reports, { maxBodyBytes, maxUploadBytes }),
    ...questionRoutes(core, reports),
    ...clair,
    ...scanRoutes(core, maxBodyBytes),
    ...hookRoutes(core, options.hookSecret, maxBodyBytes),
    admissionRoute(core, reports, options.admission),
    ...harborRoutes(core, reports, maxBodyBytes),
    ...clientRoutes(core),
    ...tokenRoutes(core),
    auditRoute(core),
    ...healthRoutes(core),
    metrics.route,
  ];
  const pages = pageRoutes(core, reports, answering);
  const router = createRouter({
    routes: [...answering, ...pages, openApiRoute([...answering, ...pages])],
    database,
    authentication: options.authentication ?? {},
    gate: requestGate(options.requests),
    now: core.now,
    onAuditFailure: (error) => log.error({ err: error }, "the audit log cannot be written"),
    onAnswer(answered) {
      metrics.count(answered);
      logAnswer(log, answered);
    },
  });
  log.info({ database: database.kind, role, advisories: await currentRevision(database.queries) }, "ready");
  const answeringNow = new Set<Promise<Response>>();
  return {
    async fetch(request, client) {
      if (stopping.signal.aborted) {
        const refusal = new HttpError(503, "the service is shutting down", { "retry-after": "5" });
        return errorResponse(refusal, new URL(request.url).pathname);
      }
      const answer = router(request, client);
      answeringNow.add(answer);
      return answer.finally(() => answeringNow.delete(answer));
    },
    refresh,
    async stop(grace) {
      stopping.abort(new Error("The service is shutting down"));
      const left = AbortSignal.timeout(grace + 500);
      for (const timer of timers) await timer.stop();
      await Promise.all(loops.map((loop) => loop.stop(grace)));
      // Requests that were taken end before the database does; who serves them breaks the connections of those that take too long.
      while (answeringNow.size > 0 && !left.aborted) await Promise.race([Promise.allSettled(answeringNow), pause(50)]);
      await queue.close();
      await core.advisories.close();
      await database.close();
    },
  };
}

function createCore(
  options: Omit<ServiceOptions, "database">,
  parts: Pick<ServiceCore, "database" | "disk" | "queue" | "log" | "channels">,
  wake: () => void,
): ServiceCore {
  const waiting = new Set<() => void>();
  return {
    ...parts,
    advisories: advisorySource(options),
    results: layerResultsIn(options.cache ?? directoryCache(join(defaultCacheDirectory(), "layers"))),
    seal: sealWith(options.sealingKey ?? randomBytes(sealingKeyBytes)),
    scanners: options.scanners ?? ["vuln", "secret"],
    limits: options.limits ?? {},
    perRegistry: options.scansPerRegistry ?? 4,
    totals: totalsCounter(parts.database.queries),
    downloads: { rules: hostRules(options.allowLayerHosts ?? []), ...options.downloads },
    now: options.now ?? (() => new Date()),
    wake,
    indexed: () => {
      for (const resume of waiting) resume();
    },
    afterIndexing: (milliseconds, signal) =>
      new Promise((resolve) => {
        const resume = (): void => {
          clearTimeout(timer);
          waiting.delete(resume);
          signal.removeEventListener("abort", resume);
          resolve();
        };
        const timer = setTimeout(resume, milliseconds);
        signal.addEventListener("abort", resume, { once: true });
        waiting.add(resume);
      }),
  };
}

function channelsOf(
  { notifier = {}, now = () => new Date() }: Omit<ServiceOptions, "database">,
  database: Database,
): readonly Channel[] {
  const summary = notifier.disableSummary !== true;
  return [
    ...(notifier.webhook === undefined ? [] : [webhook(notifier.webhook, now)]),
    ...(notifier.amqp === undefined ? [] : [amqp({ ...notifier.amqp, summary }, database.queries)]),
    ...(notifier.stomp === undefined ? [] : [stomp({ ...notifier.stomp, summary }, database.queries)]),
    ...(notifier.digestDirectory === undefined ? [] : [digestFiles(notifier.digestDirectory, database.queries)]),
  ];
}

function advisorySource({
  advisories,
  advisoryKeys: keys,
}: Pick<ServiceOptions, "advisories" | "advisoryKeys">): AdvisorySource {
  if (typeof advisories === "function") return openedAdvisories(advisories);
  if (typeof advisories === "object") return openedAdvisories(() => Promise.resolve(advisories));
  return advisoriesAt(advisories ?? defaultStorePath(), { keys });
}

/** A log through which every trouble of the service passes, also those of disks. */
function noting(log: ServiceLog, disk: DiskHealth): ServiceLog {
  return {
    info: (facts, message) => log.info(facts, message),
    warn: (facts, message) => log.warn(facts, message),
    error(facts, message) {
      if ("err" in facts) disk.note(facts.err);
      log.error(facts, message);
    },
  };
}

/** Calls again and again, never twice at a time. */
function every(milliseconds: number, work: () => Promise<void>): { stop(): Promise<void> } {
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;
  let stopped = false;
  const turn = (): void => {
    running = work().finally(() => {
      if (!stopped) timer = setTimeout(turn, milliseconds).unref();
    });
  };
  timer = setTimeout(turn, milliseconds).unref();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

function logAnswer(log: ServiceLog, { error, ...facts }: AnsweredRequest): void {
  const rounded = { ...facts, milliseconds: Math.round(facts.milliseconds) };
  if (error === undefined) log.info(rounded, "answered");
  else log.error({ ...rounded, err: error }, "failed");
}
