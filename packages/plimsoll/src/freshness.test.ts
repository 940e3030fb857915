import { memoryStore } from "@plimsoll/advisories";
import type { Advisory, AdvisoryStore, Inventory, SourceInfo } from "@plimsoll/model";
import { reporterFor } from "@plimsoll/report";
import { describe, expect, test } from "vitest";
import { scanInventory } from "./index.ts";

const inventory: Inventory = {
  schemaVersion: 2,
  artifact: {
    name: "shop",
    kind: "container-image",
    layers: [],
    distro: { id: "alpine", versionId: "3.18.4", prettyName: "Alpine Linux v3.18" },
  },
  packages: [
    {
      id: "a",
      name: "musl",
      version: "1.2.4-r0",
      ecosystem: "apk",
      class: "os",
      purl: "pkg:apk/alpine/musl@1.2.4-r0",
      locations: [{ path: "lib/apk/db/installed", evidence: "installed" }],
    },
  ],
  diagnostics: [],
};

const advisory: Advisory = {
  id: "CVE-2024-0001",
  source: "osv/Alpine",
  aliases: [],
  severities: [{ system: "rating", value: "high", source: "x" }],
  references: [],
  affected: [
    {
      advisory: "CVE-2024-0001",
      namespace: "Alpine:v3.18",
      name: "musl",
      ranges: [{ introduced: "0", end: { kind: "open" } }],
    },
  ],
};

function store(alpine: Partial<SourceInfo>): AdvisoryStore {
  return memoryStore([advisory], {}, [
    { id: "osv/Alpine", records: 1, ...alpine },
    { id: "osv/npm", records: 1, updatedAt: "2001-01-01T00:00:00Z" },
    { id: "kev", records: 1, updatedAt: "2024-06-01T00:00:00Z" },
  ]);
}

const updatedAt = "2024-05-30T00:00:00Z";
const checkedAt = "2024-06-01T00:00:00Z";

describe("the age of advisories", () => {
  test.each<readonly [string, Partial<SourceInfo>, string | undefined, string, readonly string[]]>([
    ["of yesterday is no news", { updatedAt }, "2024-06-02T00:00:00Z", "complete", []],
    [
      "above 7 days is said",
      { updatedAt },
      "2024-06-08T00:00:00Z",
      "complete",
      ["osv/Alpine was last known to be current on 2024-05-30, 9 days ago: its newest record is of that day"],
    ],
    ["counts from the fetch, where that is known", { updatedAt, checkedAt }, "2024-06-08T00:00:00Z", "complete", []],
    [
      "above 30 days makes the coverage partial",
      { updatedAt: "2020-01-01T00:00:00Z", checkedAt },
      "2024-07-02T12:00:00Z",
      "partial",
      [
        "kev was last known to be current on 2024-06-01, 31 days ago: its newest record is of that day",
        "osv/Alpine was last known to be current on 2024-06-01, 31 days ago: it was fetched then",
      ],
    ],
    ["is not told without a clock", { updatedAt: "2001-01-01T00:00:00Z" }, undefined, "complete", []],
  ])("%s", async (_, alpine, now, verdict, said) => {
    const report = await scanInventory(inventory, { advisories: store(alpine), now });
    const told = report.diagnostics.filter(({ code }) => code === "stale-advisories").map(({ message }) => message);

    expect(told.sort()).toEqual(said);
    expect(report.coverage.verdict).toBe(verdict);
    expect(report.coverage.gaps.filter(({ code }) => code === "stale-advisories")).toHaveLength(
      verdict === "partial" ? said.length : 0,
    );
  });

  test("has a limit that callers may set", async () => {
    const options = { advisories: store({ updatedAt }), now: "2024-07-20T00:00:00Z" };

    expect((await scanInventory(inventory, { ...options, maxDbAge: 90 * 86_400_000 })).coverage.verdict).toBe(
      "complete",
    );
    expect((await scanInventory(inventory, { ...options, maxDbAge: 86_400_000 })).coverage.verdict).toBe("partial");
  });

  test.each(["table", "markdown", "html", "github-annotations", "junit"])(
    "is stated in the format %s for each source that mattered",
    async (format) => {
      const report = await scanInventory(inventory, { advisories: store({ updatedAt, checkedAt }) });
      const text = [...reporterFor(format).render(report)].join("");

      expect(text).toContain("osv/Alpine fetched 2024-06-01");
      expect(text).toContain("kev of 2024-06-01");
      expect(text).not.toContain("osv/npm");
    },
  );
});

describe("a release that gets no more advisories", () => {
  const ended = {
    ...inventory,
    artifact: { ...inventory.artifact, distro: { id: "alpine", versionId: "3.18.4", endOfLife: "2024-05-09" } },
  };

  test.each([
    ["by the clock of the caller", "2024-05-10T00:00:00Z", "2024-05-01T00:00:00Z", true],
    ["by data that is newer than its end", undefined, "2024-06-01T00:00:00Z", true],
    ["and is none on its last day", "2024-05-09T12:00:00Z", "2024-05-01T00:00:00Z", false],
  ])("is a gap with the date %s", async (_, now, date, gap) => {
    const sources = [{ id: "osv/Alpine", records: 1, updatedAt: date }];
    const report = await scanInventory(ended, { advisories: memoryStore([advisory], {}, sources), now });
    const text = [...reporterFor("table").render(report)].join("");

    expect(report.coverage.gaps.filter(({ code }) => code === "end-of-life").map(({ message }) => message)).toEqual(
      gap ? ["alpine 3.18.4 has received no advisories since 2024-05-09"] : [],
    );
    expect(report.coverage.verdict).toBe(gap ? "partial" : "complete");
    expect(text).toContain(`Security support of this distribution ${gap ? "ended" : "ends"} on 2024-05-09`);
  });
});
