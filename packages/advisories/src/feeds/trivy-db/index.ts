import { FormatError } from "@plimsoll/formats";
import type { BoltWalk } from "@plimsoll/formats";
import { bytesInMemory, isCve } from "@plimsoll/model";
import type {
  Advisory,
  AdvisoryFeed,
  AffectedPackage,
  CallOptions,
  Enrichment,
  FeedDocument,
  FeedRecord,
} from "@plimsoll/model";
import { documentBytes, malformed } from "../shared/document-text.ts";
import { redHatBucket } from "./buckets.ts";
import { parseObject, TrivyDatabase } from "./database.ts";
import type { OnMalformed } from "./database.ts";
import { readVulnerability } from "./statements.ts";

/** Trivy's database, schema 2 (https://github.com/aquasecurity/trivy-db): `trivy.db` as it lies in the artifact. */
export const trivyDb: AdvisoryFeed = {
  id: "trivy-db",
  accepts: (name) => /(?:^|\/)trivy\.db$/.test(name),
  parse,
};

const decoder = new TextDecoder();

/** Pages of the buckets of sources, of packages in them, and of both where they lie in one page. */
const timesWalked = 4;

async function* parse(document: FeedDocument, options: CallOptions = {}): AsyncGenerator<FeedRecord> {
  try {
    const bytes = document.bytes ?? bytesInMemory(await documentBytes(document, options));
    const database = await TrivyDatabase.open(bytes);
    for (const name of database.unknown) yield { kind: "skipped", id: name, reason: "unknown bucket" };
    // Every page belongs to one bucket, and is read once; small buckets lie in the pages of larger ones.
    yield* readBuckets(database, { left: timesWalked * bytes.size }, options);
    yield* readVulnerabilities(database, options);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    yield malformed(document.name, error);
  }
}

async function* readBuckets(database: TrivyDatabase, walk: BoltWalk, options: CallOptions): AsyncGenerator<FeedRecord> {
  const skipped: FeedRecord[] = [];
  const onMalformed: OnMalformed = (id, reason) => skipped.push({ kind: "skipped", id, reason });
  for (const bucket of database.buckets) {
    const packages = await database.root.bucket(bucket.name);
    for await (const { key, bucket: entries } of packages?.entries("", walk) ?? []) {
      options.signal?.throwIfAborted();
      if (entries === undefined) continue;
      yield* asRecords(await database.statements(bucket, decoder.decode(key), entries, walk, onMalformed));
      yield* skipped.splice(0);
    }
  }
  const redHat = await database.root.bucket(redHatBucket);
  for await (const { key, bucket: entries } of redHat?.entries("", walk) ?? []) {
    options.signal?.throwIfAborted();
    if (entries === undefined) continue;
    yield* asRecords(await database.redHatStatements(decoder.decode(key), entries, walk, onMalformed));
    yield* skipped.splice(0);
  }
}

/** One record per vulnerability: the database has its statements spread over packages. */
function* asRecords(statements: readonly AffectedPackage[]): Generator<FeedRecord> {
  const byId = new Map<string, AffectedPackage[]>();
  for (const statement of statements) {
    const same = byId.get(statement.advisory);
    if (same === undefined) byId.set(statement.advisory, [statement]);
    else same.push(statement);
  }
  for (const [id, affected] of byId) yield { kind: "advisory", advisory: bareAdvisory(id, affected), partial: true };
}

async function* readVulnerabilities(database: TrivyDatabase, options: CallOptions): AsyncGenerator<FeedRecord> {
  const vulnerabilities = await database.root.bucket("vulnerability");
  for await (const { key, value } of vulnerabilities?.entries() ?? []) {
    options.signal?.throwIfAborted();
    const id = decoder.decode(key).trim();
    const record = parseObject(value);
    if (record === undefined) {
      yield { kind: "skipped", id, reason: "unreadable" };
      continue;
    }
    const { references, ...enrichment } = readVulnerability(record);
    if (isCve(id)) yield { kind: "enrichment", cve: id, enrichment };
    else yield { kind: "advisory", advisory: advisoryOf(id, enrichment, references, []), partial: true };
  }
}

function bareAdvisory(id: string, affected: readonly AffectedPackage[]): Advisory {
  return { id, source: trivyDb.id, aliases: [], severities: [], references: [], affected };
}

/** A record of the `vulnerability` bucket as an advisory. */
export function advisoryOf(
  id: string,
  { title, description, severities = [], cwes, published, modified }: Enrichment,
  references: readonly string[],
  affected: readonly AffectedPackage[],
): Advisory {
  return {
    id,
    source: trivyDb.id,
    aliases: [],
    ...(published === undefined ? {} : { published }),
    ...(modified === undefined ? {} : { modified }),
    ...(title === undefined ? {} : { summary: title }),
    ...(description === undefined ? {} : { details: description }),
    severities,
    ...(cwes === undefined ? {} : { cwes }),
    references,
    affected,
  };
}
