import { FormatError, jsonIn, openBolt, record, textField } from "@plimsoll/formats";
import type { BoltBucket, BoltWalk } from "@plimsoll/formats";
import type { AdvisorySeverity, AffectedPackage, RandomAccessBytes } from "@plimsoll/model";
import { commaList } from "../shared/comma-list.ts";
import { ofPlainBuild } from "../shared/plain-build.ts";
import { redHatNamespace } from "../shared/red-hat-namespace.ts";
import type { JsonObject } from "../shared/untrusted-json.ts";
import { describeBucket, keyName, redHatBucket } from "./buckets.ts";
import type { Bucket } from "./buckets.ts";
import { problemOf, readRedHat, readStatements, vendorRating } from "./statements.ts";
import type { Statement } from "./statements.ts";

const decoder = new TextDecoder();

/** The most root buckets of a database. Trivy's has about a hundred. */
const maxBuckets = 5_000;

/** The most statements about one package. A kernel has about ten thousand. */
const maxStatements = 1_000_000;

/** How many ratings are kept in memory for further packages: packages of the kernel have the same vulnerabilities. */
const maxRatings = 100_000;
/** The most characters of a rating. */
const maxRating = 64;

/** What all look-ups of vulnerabilities for one purpose may read, as a multiple of the file. */
const timesRead = 4;

/** A Trivy database, schema 2: root buckets per source, a bucket per package in them, JSON per vulnerability. */
export class TrivyDatabase {
  readonly root: BoltBucket;
  /** What can be looked up: every bucket but internal ones and those of unknown distributions. */
  readonly buckets: readonly Bucket[];
  /** Root buckets that are not known. */
  readonly unknown: readonly string[];
  /** Namespaces of Red Hat's products by their index. */
  readonly products: ReadonlyMap<number, string>;
  readonly #sources: ReadonlyMap<string, string>;
  readonly #modules = new Map<string, Map<string, string[]>>();
  readonly #ratings = new Map<string, AdvisorySeverity[]>();
  readonly #size: number;

  private constructor(
    root: BoltBucket,
    size: number,
    buckets: readonly Bucket[],
    unknown: readonly string[],
    products: ReadonlyMap<number, string>,
    sources: ReadonlyMap<string, string>,
  ) {
    this.root = root;
    this.#size = size;
    this.buckets = buckets;
    this.unknown = unknown;
    this.products = products;
    this.#sources = sources;
  }

  /** @throws FormatError when the bytes are no bbolt database or its first buckets are damaged. */
  static async open(bytes: RandomAccessBytes): Promise<TrivyDatabase> {
    const root = await openBolt(bytes);
    const buckets: Bucket[] = [];
    const unknown: string[] = [];
    for await (const { key } of root.entries()) {
      const name = decoder.decode(key);
      const bucket = describeBucket(name);
      // Every look-up goes through those of its namespace.
      if (buckets.length + unknown.length > maxBuckets)
        throw new FormatError("trivy-db", "limit-exceeded", `it has more than ${maxBuckets} sources`);
      if (bucket !== undefined) buckets.push(bucket);
      else if (!internal.has(name)) unknown.push(name);
    }
    return new TrivyDatabase(root, bytes.size, buckets, unknown, await readProducts(root), await readSources(root));
  }

  /** Id of the data source behind a bucket: `ghsa`, `debian`; of derived ones that of their base. */
  sourceOf(bucket: string): string {
    return this.#sources.get(bucket) ?? (bucket.includes("::") ? bucket.split("::")[1] : bucket) ?? bucket;
  }

  /** What look-ups of any number of vulnerabilities may read together: records of a sound file do not overlap. */
  walk(): BoltWalk {
    return { left: timesRead * this.#size };
  }

  /** The record of a vulnerability. @throws FormatError when the walk is at its end. */
  async vulnerability(id: string, walk: BoltWalk): Promise<JsonObject | undefined> {
    return parseObject(await (await this.root.bucket("vulnerability"))?.get(id, walk));
  }

  /**
   * The entries under one package of one bucket, with the rating of the bucket's own source where an entry has none.
   * @throws FormatError for an advisory that does not follow the schema, unless `onMalformed` is given.
   */
  async statements(
    bucket: Bucket,
    name: string,
    packages: BoltBucket,
    walk: BoltWalk,
    onMalformed?: OnMalformed,
  ): Promise<AffectedPackage[]> {
    const found: AffectedPackage[] = [];
    const ratings: Ratings = { known: new Map(), walk: this.walk() };
    const source = this.sourceOf(bucket.name);
    const { module, plain } = bucket.kind === "os" ? splitModule(name) : { module: undefined, plain: name };
    for await (const { key, value } of packages.entries("", walk)) {
      const advisory = readAdvisory(`${bucket.name}, ${name}, ${decoder.decode(key)}`, value, onMalformed);
      if (advisory === undefined) continue;
      for (const statement of readStatements(bucket, decoder.decode(key), advisory, source)) {
        const rated = withModule(await this.#rated(statement, source, ratings), module);
        found.push({ namespace: bucket.namespace, name: keyName(bucket, plain), ...rated });
        expectFew(found.length, name);
      }
    }
    return found;
  }

  /** The entries under one package of Red Hat, once for each product. Throws like {@link statements}. */
  async redHatStatements(
    name: string,
    packages: BoltBucket,
    walk: BoltWalk,
    onMalformed?: OnMalformed,
  ): Promise<AffectedPackage[]> {
    // Whatever the bucket was filled from, ratings stand under this name.
    const source = "redhat";
    const { module, plain } = splitModule(name);
    const found: AffectedPackage[] = [];
    const ratings: Ratings = { known: new Map(), walk: this.walk() };
    for await (const { key, value } of packages.entries("", walk)) {
      const advisory = readAdvisory(`${redHatBucket}, ${name}, ${decoder.decode(key)}`, value, onMalformed);
      if (advisory === undefined) continue;
      const statements = readRedHat(decoder.decode(key), advisory, source);
      const places = statements.reduce((sum, { products = [] }) => sum + products.length, 0);
      expectFew(found.length + places, name);
      for (const statement of statements) {
        const { products = [], ...rest } = ofPlainBuild(
          withModule(await this.#rated(statement, source, ratings), module),
        );
        for (const product of products) {
          const namespace = this.products.get(product);
          if (namespace === undefined) continue;
          found.push({ ...rest, namespace, name: plain });
        }
      }
    }
    return found;
  }

  /** Names that a package has in a bucket: its own, and those with a module before it. */
  async spellings(bucket: string, name: string): Promise<readonly string[]> {
    if (!modular.test(bucket)) return [name];
    let index = this.#modules.get(bucket);
    if (index === undefined) {
      index = new Map();
      for await (const { key } of (await this.root.bucket(bucket))?.entries() ?? []) {
        const full = decoder.decode(key);
        const { module, plain } = splitModule(full);
        if (module === undefined) continue;
        const known = index.get(plain);
        if (known === undefined) index.set(plain, [full]);
        else known.push(full);
      }
      this.#modules.set(bucket, index);
    }
    return [name, ...(index.get(name) ?? [])];
  }

  async #rated(statement: Statement, source: string, ratings: Ratings): Promise<Statement> {
    if (statement.severities !== undefined) return statement;
    const severities = await this.#rating(statement.advisory, source, ratings);
    return severities.length === 0 ? statement : { ...statement, severities };
  }

  async #rating(advisory: string, source: string, { known, walk }: Ratings): Promise<AdvisorySeverity[]> {
    const key = `${source}\n${advisory}`;
    const before = known.get(advisory) ?? this.#ratings.get(key);
    if (before !== undefined) return before;
    const severities = vendorRating(await this.vulnerability(advisory, walk), source);
    known.set(advisory, severities);
    if (advisory.length <= maxRating && severities.every(({ value }) => value.length <= maxRating)) {
      if (this.#ratings.size >= maxRatings) this.#ratings.clear();
      this.#ratings.set(key, severities);
    }
    return severities;
  }
}

/** Ratings that a source gives the vulnerabilities of one package: one may be stated any number of times, and its record be long. */
interface Ratings {
  readonly known: Map<string, AdvisorySeverity[]>;
  readonly walk: BoltWalk;
}

/** Of vulnerabilities and of products a hostile database has many; their product would be without end. */
function expectFew(statements: number, name: string): void {
  if (statements > maxStatements)
    throw new FormatError(
      "trivy-db",
      "limit-exceeded",
      `it has more statements about ${name.slice(0, 200)} than there are about any real package`,
    );
}

/** Buckets in which modules may stand before names: `nodejs:12::npm`. */
const modular = /^(?:alma|rocky) |^Red Hat$/;

function splitModule(name: string): { readonly module: string | undefined; readonly plain: string } {
  const at = name.indexOf("::");
  return at < 0 ? { module: undefined, plain: name } : { module: name.slice(0, at), plain: name.slice(at + 2) };
}

function withModule(statement: Statement, module: string | undefined): Statement {
  return module === undefined
    ? statement
    : { ...statement, qualifiers: { ...statement.qualifiers, modules: commaList(module) } };
}

const internal: ReadonlySet<string> = new Set(["vulnerability", "data-source", "Red Hat CPE", redHatBucket]);

/** Namespaces of Red Hat's products, by the numbers under which the database refers to them. */
async function readProducts(root: BoltBucket): Promise<ReadonlyMap<number, string>> {
  const products = new Map<number, string>();
  const names = await (await root.bucket("Red Hat CPE"))?.bucket("cpe");
  if (names === undefined) return products;
  for await (const { key, value } of names.entries()) {
    const text: unknown = parse(value);
    const namespace = redHatNamespace(typeof text === "string" ? text : "");
    if (namespace !== undefined) products.set(Number(decoder.decode(key)), namespace);
  }
  return products;
}

async function readSources(root: BoltBucket): Promise<ReadonlyMap<string, string>> {
  const sources = new Map<string, string>();
  const described = await root.bucket("data-source");
  if (described === undefined) return sources;
  for await (const { key, value } of described.entries()) {
    const source = parseObject(value);
    const id = textField(source, "BaseID") ?? textField(source, "ID");
    if (id !== undefined) sources.set(decoder.decode(key), id);
  }
  return sources;
}

/** Called for an advisory that does not follow the schema: its place in the database, and what is wrong. */
export type OnMalformed = (place: string, problem: string) => void;

/** The advisory in a value, if there is one; JSON's null is the advisory that says nothing more than that it applies. */
function readAdvisory(
  place: string,
  value: Uint8Array | undefined,
  onMalformed: OnMalformed | undefined,
): JsonObject | undefined {
  if (value === undefined) return undefined;
  const parsed = parse(value);
  const advisory = parsed === null ? {} : record(parsed);
  const problem = advisory === undefined ? "not a JSON object" : problemOf(advisory);
  if (problem === undefined) return advisory;
  if (onMalformed === undefined) throw new FormatError("trivy-db", "malformed", `${place}: ${problem}`);
  onMalformed(place, problem);
  return undefined;
}

/** The value as a JSON object; undefined for anything else. */
export function parseObject(value: Uint8Array | undefined): JsonObject | undefined {
  return record(parse(value));
}

function parse(value: Uint8Array | undefined): unknown {
  return value === undefined ? undefined : jsonIn(decoder.decode(value));
}
