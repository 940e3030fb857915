import { FormatError, openSqlite } from "@plimsoll/formats";
import type { SqliteDatabase, SqliteRow, SqliteSource, SqliteValue } from "@plimsoll/formats";
import { ScanError, checkOptions, optionIs } from "@plimsoll/model";
import type { CallOptions, RandomAccessBytes } from "@plimsoll/model";
import { columnsOf } from "../feeds/grype-db/tables.ts";

/** The package that a published file is. */
export interface PublishedArtifact {
  /** Id of the ecosystem that it belongs to. */
  readonly ecosystem: string;
  /** As that ecosystem names packages. */
  readonly name: string;
  readonly version: string;
}

/** Finds the packages of published files by their digests. */
export interface ArtifactIndex {
  /**
   * What the files with these SHA-1 digests (lower-case hexadecimal) are; undefined for those that are not known.
   * @throws ScanError `store-unreadable` when a part of the index that is needed is damaged.
   */
  identify(sha1s: readonly string[], options?: CallOptions): Promise<readonly (PublishedArtifact | undefined)[]>;
  /** Releases the underlying file. */
  close?(): Promise<void>;
}

/** How a Java database is opened. */
export interface JavaDatabaseOptions extends CallOptions {
  /** What the file is called in error messages. */
  readonly label?: string | undefined;
}

/** Held in memory where the file cannot be read page by page. */
const maxFileBytes = 2 * 1024 ** 3 - 1;

/**
 * Opens Trivy's Java database, schema 1 (https://github.com/aquasecurity/trivy-java-db): `trivy-java.db`, an SQLite file in
 * which archives published to Maven repositories are found by their SHA-1.
 * @throws ScanError `store-unreadable` when it is no such database.
 */
export async function openJavaDatabase(
  bytes: RandomAccessBytes & { close?(): Promise<void> },
  options: JavaDatabaseOptions = {},
): Promise<ArtifactIndex> {
  checkOptions("openJavaDatabase", options, { label: optionIs.text, signal: optionIs.signal });
  const label = options.label ?? "trivy-java.db";
  const unreadable = (reason: string, cause?: unknown): ScanError =>
    new ScanError({ kind: "store-unreadable", label, reason }, { cause });
  const sound = <T>(read: () => T): T => {
    try {
      return read();
    } catch (cause) {
      throw cause instanceof FormatError ? unreadable(cause.message, cause) : cause;
    }
  };
  const file = await readable(bytes, options);
  const schema = sound(() => JavaSchema.read(openSqlite(file)));
  if (schema === undefined) throw unreadable("it does not have the tables of schema 1");
  return {
    async identify(sha1s, call = {}) {
      if (schema.hashIndex === undefined) return sound(() => schema.walk(sha1s, call));
      return sha1s.map((sha1) => {
        call.signal?.throwIfAborted();
        return sound(() => schema.lookUp(sha1));
      });
    },
    close: async () => bytes.close?.(),
  };
}

async function readable(bytes: RandomAccessBytes, options: JavaDatabaseOptions): Promise<Uint8Array | SqliteSource> {
  if (bytes.readSync !== undefined)
    return { size: bytes.size, read: (start, end) => bytes.readSync?.(start, end) ?? new Uint8Array(0) };
  if (bytes.size > maxFileBytes) {
    const what = options.label ?? "The Java database";
    throw new ScanError({ kind: "limit-exceeded", what, limit: maxFileBytes });
  }
  const whole = new Uint8Array(bytes.size);
  let at = 0;
  for await (const chunk of bytes.read(0, bytes.size, options)) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole.subarray(0, at);
}

/** The two tables, and where their columns stand. */
class JavaSchema {
  /** Name of the index by SHA-1; the database comes with it. */
  readonly hashIndex: string | undefined;
  readonly #database: SqliteDatabase;
  readonly #columns: ReadonlyMap<string, number>;

  private constructor(database: SqliteDatabase, columns: ReadonlyMap<string, number>) {
    this.#database = database;
    this.#columns = columns;
    this.hashIndex = database.indexes.find(
      ({ table, sql }) => table === "indices" && columnsOf(sql ?? "")[0]?.toLowerCase() === "sha1",
    )?.name;
  }

  static read(database: SqliteDatabase): JavaSchema | undefined {
    const columns = new Map<string, number>();
    for (const { values } of database.rows("sqlite_schema")) {
      const [type, table, , , sql] = values;
      if (type !== "table" || typeof table !== "string" || typeof sql !== "string") continue;
      for (const [at, name] of columnsOf(sql).entries()) columns.set(`${table}.${name.toLowerCase()}`, at);
    }
    const needed = [
      "artifacts.group_id",
      "artifacts.artifact_id",
      "indices.artifact_id",
      "indices.version",
      "indices.sha1",
    ];
    return needed.every((name) => columns.has(name)) ? new JavaSchema(database, columns) : undefined;
  }

  lookUp(sha1: string): PublishedArtifact | undefined {
    const hash = bytesOf(sha1);
    if (hash === undefined || this.hashIndex === undefined) return undefined;
    for (const rowid of this.#database.find(this.hashIndex, [hash])) {
      const row = this.#database.row("indices", rowid);
      const found = row === undefined ? undefined : this.#artifactOf(row);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Reads the whole table once, for all of them. */
  walk(sha1s: readonly string[], call: CallOptions): (PublishedArtifact | undefined)[] {
    const found = new Map<string, PublishedArtifact>();
    const wanted = new Set(sha1s);
    for (const row of this.#database.rows("indices", throwProblem)) {
      call.signal?.throwIfAborted();
      const sha1 = this.#value(row, "indices.sha1");
      const text = sha1 instanceof Uint8Array ? hex(sha1) : "";
      if (!wanted.has(text) || found.has(text)) continue;
      const artifact = this.#artifactOf(row);
      if (artifact !== undefined) found.set(text, artifact);
    }
    return sha1s.map((sha1) => found.get(sha1));
  }

  #artifactOf(row: SqliteRow): PublishedArtifact | undefined {
    const id = this.#value(row, "indices.artifact_id");
    const version = this.#value(row, "indices.version");
    const artifact = typeof id === "number" ? this.#database.row("artifacts", id) : undefined;
    if (artifact === undefined || typeof version !== "string") return undefined;
    const group = this.#value(artifact, "artifacts.group_id");
    const name = this.#value(artifact, "artifacts.artifact_id");
    if (typeof group !== "string" || typeof name !== "string") return undefined;
    return { ecosystem: "maven", name: `${group}:${name}`, version };
  }

  #value({ values }: SqliteRow, column: string): SqliteValue | undefined {
    return values[this.#columns.get(column) ?? -1];
  }
}

function throwProblem(problem: FormatError): never {
  throw problem;
}

function bytesOf(sha1: string): Uint8Array | undefined {
  if (!/^[0-9a-f]{40}$/.test(sha1)) return undefined;
  return Uint8Array.from({ length: 20 }, (_, at) => Number.parseInt(sha1.slice(2 * at, 2 * at + 2), 16));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
