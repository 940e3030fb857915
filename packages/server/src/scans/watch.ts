import { sql } from "kysely";
import { ScanError } from "@plimsoll/model";
import { dockerCredentials } from "@plimsoll/node";
import { digestOf, registryCatalog, registryRepository } from "@plimsoll/registry";
import type { RegistryOptions } from "@plimsoll/registry";
import type { Job } from "../jobs/job-queue.ts";
import { guardedFetch } from "../network/guarded-fetch.ts";
import type { ServiceCore } from "../service-core.ts";
import { requestScan } from "./scan.ts";
import { watchPattern } from "./watch-pattern.ts";

/** Tags looked at in one repository; the last by name count as the newest of more. */
const maxTags = 1_000;

/** Repositories of one pattern. */
const maxRepositories = 5_000;

/** Milliseconds before an image that could not be scanned is asked for again while it is the same. */
const restOfFailures = 24 * 3_600_000;

/** Queues a watch job for each pattern that no process of the fleet has checked for `interval` milliseconds. */
export async function requestLooks(core: ServiceCore, patterns: readonly string[], interval: number): Promise<void> {
  const now = core.now();
  const due = new Date(now.getTime() - interval);
  // Written down by a clock that was wrong.
  const ahead = new Date(now.getTime() + interval);
  for (const pattern of patterns)
    await core.database.queries.transaction().execute(async (transaction) => {
      const { rows } = await sql`insert into watch (pattern, looked_at) values (${pattern}, ${now})
        on conflict (pattern) do update set looked_at = excluded.looked_at where watch.looked_at <= ${due} or watch.looked_at > ${ahead} returning pattern`.execute(
        transaction,
      );
      if (rows.length > 0) await core.queue.send("watch", { pattern }, { key: pattern, in: transaction });
    });
  core.wake();
}

/**
 * Runs a watch job: queues scans of tags whose image changed since they were last scanned. A repository that cannot be read does not stop the
 * others.
 */
export async function runWatchJob(core: ServiceCore, job: Job, signal: AbortSignal): Promise<void> {
  const text = String(job.data["pattern"]);
  const { registry, repository, isRepository, isTag } = watchPattern(text);
  const options: RegistryOptions = { credentials: dockerCredentials(), fetch: guardedFetch(core.downloads.rules) };
  const problems: string[] = [];
  let asked = 0;
  try {
    const names =
      repository === undefined
        ? (await registryCatalog(registry, options, { signal })).filter(isRepository)
        : [repository];
    if (names.length > maxRepositories)
      problems.push(`${names.length} repositories: the first ${maxRepositories} are watched`);
    for (const name of names.slice(0, maxRepositories)) {
      try {
        asked += await lookAt(core, { registry, repository: name, isTag, options }, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof ScanError)) throw error;
        problems.push(error.message);
      }
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ScanError)) throw error;
    problems.push(error.message);
  }
  const { queries } = core.database;
  const error = problems.slice(0, 10).join("; ").replaceAll("\0", " ").slice(0, 2_000);
  await queries.updateTable("watch").set({ error }).where("pattern", "=", text).execute();
  await core.queue.complete(job);
  if (problems.length > 0) core.log.warn({ watch: text, reason: error }, "some watched repositories cannot be read");
  if (asked > 0) core.log.info({ watch: text, scans: asked }, "new images were found");
}

interface Watched {
  readonly registry: string;
  readonly repository: string;
  isTag(tag: string): boolean;
  readonly options: RegistryOptions;
}

/** Gives how many scans were asked for. */
async function lookAt(core: ServiceCore, watched: Watched, signal: AbortSignal): Promise<number> {
  const { registry, repository, isTag, options } = watched;
  const client = registryRepository(registry, repository, options);
  const tags = (await client.tags({ signal })).filter(isTag).slice(-maxTags);
  const { queries } = core.database;
  const name = `${registry}/${repository}`;
  const known = await queries
    .selectFrom("repository_tag")
    .select(["tag", "digest", "listed"])
    .where("tenant", "=", "")
    .where("repository", "=", name)
    .execute();
  // What is on its way, or could not be scanned, is not asked for at every look.
  const asked = await queries
    .selectFrom("scan")
    .select(["reference", "listed"])
    .where("registry", "=", registry)
    .where("state", "in", ["waiting", "running", "failed"])
    .where("updated_at", ">", new Date(core.now().getTime() - restOfFailures))
    .execute();
  const seen = new Set([
    ...known.flatMap(({ tag, listed, digest }) => [`${name}:${tag} ${listed}`, `${name}:${tag} ${digest}`]),
    ...asked.map(({ reference, listed }) => `${reference} ${listed}`),
  ]);
  let fresh = 0;
  for (const tag of tags) {
    const listed =
      (await client.digestOfTag(tag, { signal })) ?? (await digestOf(await client.manifest(tag, { signal })));
    const reference = `${name}:${tag}`;
    if (seen.has(`${reference} ${listed}`)) continue;
    await requestScan(core, { tenant: "", reference, source: "watch", listed });
    fresh++;
  }
  return fresh;
}
