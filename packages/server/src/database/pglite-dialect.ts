import type { PGlite, Results } from "@electric-sql/pglite";
import { CompiledQuery, PostgresAdapter, PostgresIntrospector } from "kysely";
import type { DatabaseConnection, Dialect, Driver, QueryResult } from "kysely";
import { StorableQueryCompiler } from "./storable-text.ts";

/** The embedded database broke down: it answers nothing until another process opens it, which recovers what was committed. */
export class DatabaseBroken extends Error {
  override readonly name = "DatabaseBroken";
}

/**
 * A Kysely dialect for an embedded PGlite, which has one connection: callers wait in line for it.
 * @param onBroken Called once when it breaks down, as when there is no room for its log of changes: a statement that came after that would never
 * end, and hold up the whole process, so none is handed to it any more.
 */
export function pgliteDialect(client: PGlite, onBroken: (error: DatabaseBroken) => void = () => undefined): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new PgliteDriver(new MortalClient(client, onBroken)),
    createIntrospector: (database) => new PostgresIntrospector(database),
    createQueryCompiler: () => new StorableQueryCompiler(),
  };
}

/** A client that sends no further queries after it has failed. */
class MortalClient {
  readonly #client: PGlite;
  readonly #onBroken: (error: DatabaseBroken) => void;
  #broken: DatabaseBroken | undefined;

  constructor(client: PGlite, onBroken: (error: DatabaseBroken) => void) {
    this.#client = client;
    this.#onBroken = onBroken;
  }

  get ready(): Promise<void> {
    return this.#client.waitReady;
  }

  async ask<T>(question: (client: PGlite) => Promise<T>): Promise<T> {
    if (this.#broken !== undefined) throw this.#broken;
    try {
      return await question(this.#client);
    } catch (error) {
      if (!isEnd(error)) throw error;
      if (this.#broken === undefined) {
        this.#broken = new DatabaseBroken(`the embedded database broke down: ${error.message}`, { cause: error });
        this.#onBroken(this.#broken);
      }
      throw this.#broken;
    }
  }

  /** What broke down is not asked to close: it would not come to an end. */
  async close(): Promise<void> {
    if (this.#broken === undefined) await this.#client.close();
  }
}

/** After a panic a server of PostgreSQL begins anew; the embedded one has nobody who would begin it. So has WebAssembly that was aborted. */
function isEnd(error: unknown): error is Error {
  if (error instanceof WebAssembly.RuntimeError) return true;
  return error instanceof Error && "severity" in error && error.severity === "PANIC";
}

class PgliteDriver implements Driver {
  readonly #client: MortalClient;
  #last: Promise<void> = Promise.resolve();
  readonly #release = new WeakMap<DatabaseConnection, () => void>();

  constructor(client: MortalClient) {
    this.#client = client;
  }

  async init(): Promise<void> {
    await this.#client.ready;
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#last;
    let release: () => void = () => undefined;
    this.#last = new Promise((resolve) => (release = resolve));
    await before;
    const connection = new PgliteConnection(this.#client);
    this.#release.set(connection, release);
    return connection;
  }

  releaseConnection(connection: DatabaseConnection): Promise<void> {
    this.#release.get(connection)?.();
    return Promise.resolve();
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin"));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("commit"));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("rollback"));
  }

  destroy(): Promise<void> {
    return this.#client.close();
  }
}

class PgliteConnection implements DatabaseConnection {
  readonly #client: MortalClient;

  constructor(client: MortalClient) {
    this.#client = client;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    // Several statements in one text go by the simple protocol, which takes no parameters.
    if (parameters.length === 0)
      return toResult((await this.#client.ask((client) => client.exec(sql))).at(-1) as Results<Row> | undefined); // as: Kysely's promise
    return toResult(await this.#client.ask((client) => client.query<Row>(sql, [...parameters])));
  }

  // eslint-disable-next-line require-yield -- the interface asks for a generator
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error("PGlite does not stream; ask in pages");
  }
}

function toResult<Row>(result: Results<Row> | undefined): QueryResult<Row> {
  return {
    rows: result?.rows ?? [],
    ...(result?.affectedRows === undefined ? {} : { numAffectedRows: BigInt(result.affectedRows) }),
  };
}
