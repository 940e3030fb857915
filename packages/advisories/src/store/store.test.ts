import type { Advisory, AdvisoryFeed, AdvisoryStore, Enrichment, FeedRecord } from "@plimsoll/model";
import { bytesInMemory, ScanError } from "@plimsoll/model";
import { memoryBytes } from "@plimsoll/testkit";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { crc32 } from "@plimsoll/formats";
import { buildStore } from "./build-store.ts";
import type { BuildOptions, BuildResult } from "./build-store.ts";
import { memoryStore } from "./memory.ts";
import { openStore } from "./open-store.ts";
import { fuzz } from "./store.fuzz.ts";

/** A feed whose documents are named after their records. */
function literalFeed(documents: Readonly<Record<string, readonly FeedRecord[]>>, id = "literal"): AdvisoryFeed {
  return {
    id,
    accepts: (name) => Object.hasOwn(documents, name),
    async *parse({ name }) {
      yield* documents[name] ?? [];
    },
  };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function build(
  documents: Readonly<Record<string, readonly FeedRecord[]>>,
  options: Partial<BuildOptions> = {},
  names: readonly string[] = Object.keys(documents),
): Promise<{ readonly bytes: Uint8Array; readonly result: BuildResult }> {
  const chunks: Uint8Array[] = [];
  const result = await buildStore({
    documents: names.map((name) => ({ name, content: nothing() })),
    feeds: [literalFeed(documents)],
    output: { write: (chunk) => void chunks.push(chunk) },
    ...options,
  });
  return { bytes: new Uint8Array(chunks.flatMap((chunk) => [...chunk])), result };
}

function advisory(id: string, facts: Partial<Advisory> = {}, names: readonly string[] = ["x"]): Advisory {
  return {
    id,
    source: "literal/npm",
    aliases: [],
    modified: "2024-01-01T00:00:00Z",
    severities: [],
    references: [],
    affected: names.map((name) => ({
      advisory: id,
      namespace: "npm",
      name,
      ranges: [{ introduced: "0", end: { kind: "fixed", version: "1.0.0" } }],
    })),
    ...facts,
  };
}

const stated = (value: Advisory, partial = false): FeedRecord => ({
  kind: "advisory",
  advisory: value,
  ...(partial ? { partial } : {}),
});

const rich: Advisory = {
  id: "RICH-1",
  source: "literal/npm",
  aliases: ["CVE-2024-1"],
  upstream: ["CVE-2024-2"],
  published: "2024-01-01T00:00:00Z",
  modified: "2024-01-02T00:00:00Z",
  summary: "A title — with „more“ than ASCII",
  details: "And 𝒎𝒐𝒓𝒆.",
  severities: [{ system: "rating", value: "HIGH", source: "x" }],
  cwes: ["CWE-79"],
  references: ["https://a.example/"],
  affected: [
    {
      advisory: "RICH-1",
      namespace: "npm",
      name: "rich",
      ranges: [
        { introduced: "0", end: { kind: "fixed", version: "1" } },
        { introduced: "2", end: { kind: "last-affected", version: "3" } },
        { introduced: "4", end: { kind: "open" } },
      ],
      versions: ["1.5"],
      expressions: [">=7 <8"],
      unaffectedExpressions: ["7.5"],
      patched: ["8"],
      severities: [{ system: "cvss-3.1", value: "CVSS:3.1/…", source: "y" }],
      status: "will_not_fix",
      qualifiers: {
        arch: ["arm64", "noarch"],
        os: ["linux"],
        functions: ["a::b"],
        modules: ["nodejs:18"],
        binaries: ["libssl3"],
        urgency: "low",
        imports: [{ path: "a/b", symbols: ["F"], goos: ["linux"], goarch: ["arm64"] }],
        customRanges: [">=0 <5", ">=6"],
        informational: "notice",
        endOfLife: "2030-01-31",
      },
    },
    { advisory: "RICH-1", namespace: "Debian:12", name: "__proto__", ranges: [], versions: ["1"] },
  ],
};

const enrichment: Enrichment = {
  severities: [{ system: "cvss-3.1", value: "CVSS:3.1/…", source: "nvd" }],
  cwes: ["CWE-1"],
  epss: { probability: 0.1, percentile: 0.2, date: "2024-01-01" },
  knownExploited: { dateAdded: "2024-01-01", dueDate: "2024-02-01", ransomware: true },
  title: "Title",
  description: "Description",
  published: "2023-01-01",
  modified: "2024-01-01",
};

const many = Array.from({ length: 2_000 }, (_, at) => advisory(`MANY-${at}`, {}, [`name-${at % 700}`, "shared"]));

const stores: readonly (readonly [string, () => Promise<AdvisoryStore>])[] = [
  ["in memory", async () => memoryStore([rich, ...many], { "CVE-2024-1": enrichment })],
  ["in a file", async () => openStore(memoryBytes((await manyStore()).bytes, 1_000))],
  [
    "in a file read without waiting",
    async () => {
      const { bytes } = await manyStore();
      return openStore({
        ...memoryBytes(bytes),
        readSync: (start, end) => bytes.subarray(Math.max(0, start), Math.min(bytes.length, end)),
      });
    },
  ],
];

function manyStore(): ReturnType<typeof build> {
  return build({
    all: [stated(rich), ...many.map((each) => stated(each)), { kind: "enrichment", cve: "CVE-2024-1", enrichment }],
  });
}

describe.each(stores)("a store %s", (_, open) => {
  let store: AdvisoryStore;
  beforeAll(async () => {
    store = await open();
  });

  test("finds what is stated under each key, in the order of the keys", async () => {
    const found = await store.find(
      [
        ["npm", "name-3"],
        ["npm", "absent"],
        ["npm", "shared"],
        ["nowhere", "name-3"],
        ["npm", "rich"],
        ["Debian:12", "__proto__"],
        ["npm", "name-3"],
      ].map(([namespace = "", name = ""]) => ({ namespace, name, version: "1" })),
    );

    expect(found.map((rows) => rows.length)).toEqual([3, 0, 2_000, 0, 1, 1, 3]);
    expect(found[0]?.map((row) => row.advisory).sort()).toEqual(["MANY-1403", "MANY-3", "MANY-703"]);
    expect(found[4]).toEqual([rich.affected[0]]);
    expect(found[5]).toEqual([rich.affected[1]]);
  });

  test("reads advisories back whole", async () => {
    expect(await store.read(["MANY-7", "RICH-1", "none", ""])).toEqual([many[7], rich, undefined, undefined]);
  });

  test("enriches", async () => {
    expect(await store.enrich(["CVE-2024-1", "CVE-2024-9"])).toEqual([enrichment, undefined]);
  });

  test.each([
    ["RICH-1", ["RICH-1"]],
    ["cve-2024-1", ["RICH-1"]],
    ["CVE-2024-2", ["RICH-1"]],
    ["MANY-7", ["MANY-7"]],
    ["CVE-2024", []],
    ["", []],
  ])("names the advisories that go by %j", async (id, expected) => {
    const found = (await store.named?.(id)) ?? [];

    expect(found.map((one) => one.id)).toEqual(expected);
    if (expected[0] === "RICH-1") expect(found).toEqual([rich]);
  });

  test("knows which namespaces it covers", () => {
    expect(["npm", "Debian:12", "Debian", "Debian:13"].map((name) => store.covers(name))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  test("counts its sources", () => {
    expect(store.sources.find(({ id }) => id === "literal/npm")).toMatchObject({
      records: 2_001,
      updatedAt: "2024-01-02T00:00:00Z",
    });
  });
});

describe("records that were looked up before", () => {
  const sixty = Array.from({ length: 60 }, (_, at) => advisory(`A-${at}`, {}, [`name-${at}`]));
  const ids = sixty.map(({ id }) => id);

  /** Keeps a few records, and no block. */
  async function openSmall(): Promise<{ readonly store: AdvisoryStore; readonly reads: () => number }> {
    const { bytes } = await build({ a: sixty.map((each) => stated(each)) });
    let reads = 0;
    const readSync = (start: number, end: number): Uint8Array => {
      reads++;
      return bytes.subarray(Math.max(0, start), Math.min(bytes.length, end));
    };
    const store = await openStore({ ...memoryBytes(bytes), readSync }, { cacheBytes: 900 });
    return { store, reads: () => reads };
  }

  test("are not read again", async () => {
    const { store, reads } = await openSmall();
    const key = { namespace: "npm", name: "name-1", version: "1" };
    const first = [await store.find([key]), await store.read(["A-1", "none"])];
    const before = reads();

    expect([await store.find([key]), await store.read(["A-1"])]).toEqual([first[0], [sixty[1]]]);
    expect(reads()).toBe(before);
  });

  test("give way to others, and are read again then", async () => {
    const { store, reads } = await openSmall();
    await store.read(["A-1"]);
    expect(await store.read(ids)).toEqual(sixty);
    const before = reads();

    expect(await store.read(["A-1"])).toEqual([sixty[1]]);
    expect(reads()).toBeGreaterThan(before);
  });

  test("are not given to who has aborted", async () => {
    const { store } = await openSmall();
    await store.read(["A-1"]);
    const reason = new Error("enough");

    await expect(store.read(["A-1"], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe("building", () => {
  test("gives the same bytes whatever the order and however little memory there is", async () => {
    const documents = {
      a: many.slice(0, 900).map((each) => stated(each)),
      b: many.slice(900).map((each) => stated(each)),
      c: [stated(rich)],
    };

    const plain = await build(documents);
    const shuffled = await build(documents, {}, ["c", "b", "a"]);
    const cramped = await build(documents, { memory: 50_000 });

    expect(shuffled.bytes).toEqual(plain.bytes);
    expect(cramped.bytes).toEqual(plain.bytes);
    expect(shuffled.result.revision).toBe(plain.result.revision);
  });

  test("other data has another revision", async () => {
    const one = await build({ a: [stated(advisory("A-1"))] });
    const two = await build({ a: [stated(advisory("A-1", { summary: "other" }))] });

    expect(one.result.revision).not.toBe(two.result.revision);
  });

  test("keeps the balance of every record", async () => {
    const { bytes, result } = await build({
      a: [
        stated(advisory("A-1")),
        stated(advisory("A-2", { withdrawn: "2024-01-01T00:00:00Z" })),
        { kind: "skipped", id: "A-3", reason: "only ranges of commits", source: "literal/npm" },
        { kind: "diagnostic", code: "malformed-advisory", effect: "incomplete", message: "broken" },
      ],
      b: [stated(advisory("A-1", { modified: "2025-01-01T00:00:00Z", summary: "newer" }))],
    });

    const store = await openStore(memoryBytes(bytes));

    expect(store.sources).toEqual([
      {
        id: "literal/npm",
        read: 4,
        records: 1,
        updatedAt: "2025-01-01T00:00:00Z",
        skipped: { "only ranges of commits": 1, "superseded by a newer record with the same id": 1, withdrawn: 1 },
      },
    ]);
    expect(result).toMatchObject({ problems: 1, diagnostics: [{ message: "broken" }], unclaimed: [] });
    expect((await store.read(["A-1"]))[0]?.summary).toBe("newer");
  });

  test("says that it was closed, whatever it is asked and whatever it has in mind", async () => {
    const { bytes } = await build({ a: [stated(advisory("A-1"))] });
    const store = await openStore(bytes);
    expect(await store.read(["A-1"])).toHaveLength(1);
    await store.close?.();

    const key = { namespace: "npm", name: "x", version: "" };
    for (const ask of [
      () => store.find([key]),
      () => store.find([{ ...key, namespace: "unknown" }]),
      () => store.read(["A-1"]),
      () => store.enrich(["CVE-2024-0001"]),
      async () => store.named?.("A-1"),
      async () => store.verify?.(),
    ])
      await expect(ask()).rejects.toMatchObject({
        failure: { kind: "store-unreadable", reason: "it was closed before" },
      });
  });

  test.each(["read", "readSync"] as const)("says why its bytes cannot be read by %s", async (way) => {
    const { bytes } = await build({ a: [stated(advisory("A-1"))] });
    const { readSync, ...whole } = bytesInMemory(bytes);
    let broken = false;
    const fail = <T>(result: T): T => {
      if (broken) throw new Error("EIO: i/o error");
      return result;
    };
    const read = (start: number, end: number) => fail(whole.read(start, end));
    const readNow = (start: number, end: number) => fail(readSync?.(start, end) ?? new Uint8Array());
    const store = await openStore({ ...whole, read, ...(way === "readSync" && { readSync: readNow }) });
    broken = true;
    await expect(store.read(["A-1"])).rejects.toMatchObject({
      failure: { kind: "store-unreadable", reason: "reading failed: EIO: i/o error" },
    });
  });

  test("an older statement of a superseded record is gone from the names too", async () => {
    const { bytes } = await build({
      a: [stated(advisory("A-1", {}, ["old", "both"]))],
      b: [stated(advisory("A-1", { modified: "2025-01-01T00:00:00Z" }, ["both"]))],
    });
    const store = await openStore(memoryBytes(bytes));

    const found = await store.find(["old", "both"].map((name) => ({ namespace: "npm", name, version: "" })));

    expect(found.map((rows) => rows.length)).toEqual([0, 1]);
  });

  test("a record that was taken back hides the older one", async () => {
    const gone: FeedRecord = {
      kind: "skipped",
      id: "A-1",
      reason: "withdrawn",
      source: "literal/npm",
      modified: "2025",
    };
    const { bytes, result } = await build({ a: [stated(advisory("A-1"))], b: [gone] });
    const store = await openStore(memoryBytes(bytes));

    expect(await store.read(["A-1"])).toEqual([undefined]);
    expect(await store.find([{ namespace: "npm", name: "x", version: "" }])).toEqual([[]]);
    expect(result.sources).toMatchObject([
      { read: 2, records: 0, skipped: { "superseded by a newer record with the same id": 1, withdrawn: 1 } },
    ]);
  });

  test("parts of one source are joined", async () => {
    const { bytes, result } = await build({
      a: [stated(advisory("A-1", { references: ["a"] }, ["x"]), true)],
      b: [stated(advisory("A-1", { references: ["b"], aliases: ["CVE-1"] }, ["x", "y"]), true)],
    });
    const [joined] = await (await openStore(memoryBytes(bytes))).read(["A-1"]);

    expect(joined?.affected.map((each) => each.name)).toEqual(["x", "y"]);
    expect(joined).toMatchObject({ aliases: ["CVE-1"] });
    expect(new Set(joined?.references)).toEqual(new Set(["a", "b"]));
    expect(result.sources).toMatchObject([{ read: 2, records: 1, skipped: { "part of another record": 1 } }]);
  });

  test("enrichments are joined: the newest score, the most trusted text, all severities", async () => {
    const enrich = (facts: Enrichment): FeedRecord => ({ kind: "enrichment", cve: "CVE-1", enrichment: facts });
    const first = literalFeed({ a: [enrich({ title: "first", cwes: ["CWE-1"] })] }, "first");
    const scores = [0.1, 0.3, 0.2].map((probability, at) =>
      enrich({ epss: { probability, percentile: 0, date: `2024-01-0${[1, 3, 2][at]}` } }),
    );
    const second = literalFeed({ b: [...scores, enrich({ title: "second", cwes: ["CWE-1", "CWE-2"] })] }, "second");
    const { bytes } = await build({}, { feeds: [first, second] }, ["b", "a"]);

    expect(await (await openStore(memoryBytes(bytes))).enrich(["CVE-1"])).toEqual([
      { title: "first", cwes: ["CWE-1", "CWE-2"], epss: { probability: 0.3, percentile: 0, date: "2024-01-03" } },
    ]);
  });

  test("what advisories rate their one CVE is there for findings in other packages, where no catalogue rates it", async () => {
    const rating = (value: string) => [{ system: "rating", value, source: "vendor" }] as const;
    const { bytes, result } = await build({
      a: [
        stated(advisory("VENDOR-CVE-2024-0001", { severities: rating("low") })),
        stated(advisory("GHSA-2", { aliases: ["CVE-2024-0002"], severities: rating("high") })),
        stated(advisory("E-3", { upstream: ["CVE-2024-0003", "CVE-2024-0004"], severities: rating("critical") })),
        { kind: "enrichment", cve: "CVE-2024-0002", enrichment: { severities: rating("medium") } },
      ],
    });
    const store = await openStore(memoryBytes(bytes));

    expect(await store.enrich(["CVE-2024-0001", "CVE-2024-0002", "CVE-2024-0003"])).toEqual([
      { elsewhere: rating("low") },
      { severities: rating("medium") },
      undefined,
    ]);
    expect(result.sources.map(({ records }) => records)).toEqual([1, 3]);
  });

  test("of several whole records of one feed about a CVE the newest counts", async () => {
    const whole = (modified: string, value: string): FeedRecord => ({
      kind: "enrichment",
      cve: "CVE-2024-0001",
      enrichment: { modified, severities: [{ system: "rating", value, source: "nvd" }] },
      whole: true,
    });
    const { bytes, result } = await build({
      a: [whole("2024-01-03T00:00:00Z", "low")],
      b: [whole("2024-01-01T00:00:00Z", "high"), whole("2024-01-02T00:00:00Z", "high")],
    });
    const store = await openStore(memoryBytes(bytes));

    expect(await store.enrich(["CVE-2024-0001"])).toMatchObject([{ severities: [{ value: "low" }] }]);
    expect(result.sources).toMatchObject([{ records: 1, read: 3 }]);
  });

  test("says which documents nobody reads", async () => {
    expect((await build({}, {}, ["stray"])).result.unclaimed).toEqual(["stray"]);
  });

  test("an empty store opens and finds nothing", async () => {
    const store = await openStore(memoryBytes((await build({})).bytes));

    expect(await store.find([{ namespace: "npm", name: "x", version: "1" }])).toEqual([[]]);
    expect(await store.read(["x"])).toEqual([undefined]);
    await store.verify();
  });

  test("any names and texts survive", async () => {
    const text = fc.string({ unit: "binary", maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(text, { maxLength: 8 }), text, async (names, details) => {
        // What no UTF-8 can carry is replaced; such names meet nothing else.
        const usable = names.filter((name) => !/\p{Surrogate}/u.test(name) && !name.includes("\0"));
        const one = advisory("A-1", { details }, usable);
        const store = await openStore(memoryBytes((await build({ a: [stated(one)] })).bytes));

        expect(await store.read(["A-1"])).toEqual([one]);
        const keys = usable.map((name) => ({ namespace: "npm", name, version: "" }));
        expect((await store.find(keys)).map((rows) => rows.length)).toEqual(usable.map(() => 1));
      }),
      { numRuns: 50 },
    );
  });

  test("aborting ends with the signal's reason", async () => {
    const reason = new Error("enough");

    await expect(build({ a: [] }, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe("a damaged file is told, never believed", () => {
  const unreadable = { failure: { kind: "store-unreadable", label: "x.plimsoll" } };
  const readAll = async (bytes: Uint8Array): Promise<void> => {
    const store = await openStore(memoryBytes(bytes), { label: "x.plimsoll" });
    await store.verify();
  };

  test.each([0, 1, 15, 80, 100, -1, -71, -72, -73])("cut to %d bytes", async (length) => {
    const { bytes } = await manyStore();

    await expect(readAll(bytes.subarray(0, length < 0 ? bytes.length + length : length))).rejects.toMatchObject(
      unreadable,
    );
  });

  test("a byte too many", async () => {
    const { bytes } = await manyStore();

    await expect(readAll(new Uint8Array([...bytes, 0]))).rejects.toMatchObject(unreadable);
  });

  test("any flipped bit is found", async () => {
    const { bytes } = await build({ a: many.slice(0, 40).map((each) => stated(each)) });
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 7 }), async (at, bit) => {
        const flipped = bytes.slice();
        flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
        await expect(readAll(flipped)).rejects.toBeInstanceOf(ScanError);
      }),
      { numRuns: 300 },
    );
  });

  test("any damage gives the right answers or an error when it is looked up unverified, never others", async () => {
    const { bytes } = await manyStore();
    const keys = ["name-1", "name-350", "shared", "rich", "absent"].map((name) => ({
      namespace: "npm",
      name,
      version: "1",
    }));
    const answers = async (file: Uint8Array): Promise<string> => {
      const store = await openStore(memoryBytes(file), { label: "x.plimsoll" });
      const given = [
        await store.find(keys),
        await store.read(["MANY-7", "RICH-1"]),
        await store.enrich(["CVE-2024-1"]),
      ];
      return JSON.stringify([given, store.sources, store.namespaces, store.revision]);
    };
    const right = await answers(bytes);
    const damage = fc.record({
      at: fc.nat(bytes.length - 1),
      length: fc.constantFrom(1, 1, 8, 512, 4096),
      how: fc.constantFrom("flip" as const, "zero" as const, "cut" as const, "double" as const),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ at, length, how }) => {
        const piece = bytes.subarray(at, at + length);
        const instead = {
          flip: [piece.map((byte) => byte ^ (1 << (at & 7)))],
          zero: [piece.map(() => 0)],
          cut: [],
          double: [piece, piece],
        };
        const rest = bytes.subarray(at + length);
        const damaged = new Uint8Array(Buffer.concat([bytes.subarray(0, at), ...instead[how], rest]));
        try {
          expect(await answers(damaged)).toBe(right);
        } catch (error) {
          if (!(error instanceof ScanError)) throw error;
          expect(error.failure).toMatchObject({ kind: "store-unreadable", label: "x.plimsoll" });
        }
      }),
      { numRuns: 200 },
    );
  });

  test("any bytes with a right checksum give answers or the same error", async () => {
    const { bytes } = await build({ a: many.slice(0, 40).map((each) => stated(each)) });
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 5 }), async (changes) => {
        const damaged = bytes.slice();
        for (const [at, byte] of changes) damaged[at] = byte;
        await fuzz(withRightChecksums(damaged));
      }),
      { numRuns: 300 },
    );
  });

  test("another format version says what to do", async () => {
    const { bytes } = await build({});
    const newer = bytes.slice();
    newer[bytes.length - 72 + 56] = 99;

    await expect(openStore(memoryBytes(newer), { label: "x.plimsoll" })).rejects.toThrow(
      /format version 99.*version 1; build or update it anew/,
    );
  });

  test("a text file is no store", async () => {
    await expect(readAll(new TextEncoder().encode("hello\n".repeat(100)))).rejects.toThrow(/not an advisory database/);
  });
});

/** A hostile file has right checksums of wrong content. */
function withRightChecksums(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer);
  const footer = bytes.length - 72;
  const start = Number(view.getBigUint64(footer, true));
  const length = view.getUint32(footer + 8, true);
  if (start + length <= footer) view.setUint32(footer + 12, crc32(bytes.subarray(start, start + length)), true);
  view.setUint32(footer + 60, crc32(bytes.subarray(footer, footer + 60)), true);
  return bytes;
}
