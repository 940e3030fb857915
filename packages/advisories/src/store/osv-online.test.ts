import { describe, expect, test } from "vitest";
import { osvOnline } from "./osv-online.ts";

const npm = (name: string): object => ({
  package: { ecosystem: "npm", name },
  ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: "2" }] }],
});
const records: Readonly<Record<string, object>> = {
  "A-1": { id: "A-1", modified: "2024-01-01T00:00:00Z", affected: [npm("x"), npm("other")] },
  "A-2": { id: "A-2", modified: "2024-01-01T00:00:00Z", affected: [npm("x")] },
  "A-3": { id: "A-3", modified: "2024-01-01T00:00:00Z", withdrawn: "2024-01-01T00:00:00Z", affected: [npm("x")] },
};

interface Query {
  readonly package: { readonly name: string };
  readonly version: string;
  readonly page_token?: string;
}

/** A service that answers one id per page. */
function service(ids: Readonly<Record<string, readonly string[]>>, faults: readonly number[] = []) {
  const left = [...faults];
  const seen: string[] = [];
  const queries: Query[] = [];
  const send: typeof fetch = async (input, init) => {
    const { pathname } = new URL(input as string);
    seen.push(pathname);
    const fault = left.shift();
    if (fault !== undefined) return new Response("", { status: fault });
    if (pathname === "/v1/querybatch") {
      const asked = (JSON.parse(init?.body as string) as { queries: Query[] }).queries;
      queries.push(...asked);
      const results = asked.map(({ package: { name }, page_token: token = "0" }) => {
        const known = ids[name] ?? [];
        const page = Number(token);
        const next = page + 1 < known.length ? { next_page_token: String(page + 1) } : {};
        return known.length === 0 ? {} : { vulns: [{ id: known[page] }], ...next };
      });
      return Response.json({ results });
    }
    const record = records[pathname.split("/").at(-1) ?? ""];
    return record === undefined ? new Response("", { status: 404 }) : Response.json(record);
  };
  return { seen, queries, store: osvOnline({ url: "http://osv.example/", fetch: send, retryDelay: 1 }) };
}

const key = (name: string, namespace = "npm") => ({ namespace, name, version: "1.0.0" });

test("one batch asks for all packages, page after page, and each record is fetched once", async () => {
  const { seen, queries, store } = service({ x: ["A-1", "A-2", "A-3"], other: ["A-1"] });

  const found = await store.find([key("x"), key("none"), key("other"), key("x", "Oracle Linux:9")]);

  expect(found.map((rows) => rows.map((row) => `${row.advisory} ${row.name}`))).toEqual([
    ["A-1 x", "A-2 x"],
    [],
    ["A-1 other"],
    [],
  ]);
  expect(queries[0]).toEqual({ package: { ecosystem: "npm", name: "x" }, version: "1.0.0" });
  expect(seen.filter((path) => path === "/v1/querybatch")).toHaveLength(3);
  expect(seen.filter((path) => path.startsWith("/v1/vulns/")).sort()).toEqual([
    "/v1/vulns/A-1",
    "/v1/vulns/A-2",
    "/v1/vulns/A-3",
  ]);
  expect((await store.read(["A-2", "A-9"])).map((advisory) => advisory?.id)).toEqual(["A-2", undefined]);
});

test("a busy service is met with patience", async () => {
  const { store } = service({ x: ["A-2"] }, [429, 503, 500]);

  expect(await store.find([key("x")])).toMatchObject([[{ advisory: "A-2" }]]);
});

describe("what fails is told", () => {
  test.each([
    ["a refusal at once", [400], 1],
    ["an outage after four attempts", [500, 500, 500, 500], 4],
  ])("%s", async (_, faults, requests) => {
    const { seen, store } = service({}, faults);

    await expect(store.find([key("x")])).rejects.toMatchObject({
      failure: { kind: "network", label: "http://osv.example" },
    });
    expect(seen).toHaveLength(requests);
  });

  test("an answer that does not fit the question", async () => {
    const store = osvOnline({ fetch: async () => Response.json({ results: [] }), retryDelay: 1 });

    await expect(store.find([key("x")])).rejects.toThrow(/another number/);
  });

  test("aborting ends with the signal's reason", async () => {
    const reason = new Error("enough");

    await expect(service({}).store.find([key("x")], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

test("knows what the service covers, and that it enriches nothing", async () => {
  const { store } = service({});

  expect(["npm", "Debian:12", "Oracle Linux:9"].map((name) => store.covers(name))).toEqual([true, true, false]);
  expect(await store.enrich(["CVE-2024-0001"])).toEqual([undefined]);
});
