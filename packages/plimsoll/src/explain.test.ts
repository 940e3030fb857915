import { memoryStore } from "@plimsoll/advisories";
import type { Advisory, Inventory, Package } from "@plimsoll/model";
import { ignoreFile } from "@plimsoll/triage";
import { explanationText } from "@plimsoll/report";
import { describe, expect, test } from "vitest";
import { explain, inventoryReport, scanInventory } from "./index.ts";

const diffId = `sha256:${"a".repeat(64)}` as const;

const musl: Package = {
  id: "pkg:apk/alpine/musl-utils@1.1.22-r2",
  name: "musl-utils",
  version: "1.1.22-r2",
  ecosystem: "apk",
  class: "os",
  purl: "pkg:apk/alpine/musl-utils@1.1.22-r2",
  source: { name: "musl", version: "1.1.22-r2" },
  locations: [{ path: "lib/apk/db/installed", layer: { index: 0, diffId }, line: 7, evidence: "installed" }],
  foundBy: ["apk/installed"],
};

const inventory: Inventory = {
  schemaVersion: 2,
  artifact: {
    name: "shop",
    kind: "container-image",
    distro: { id: "alpine", versionId: "3.10.1" },
    layers: [{ index: 0, digest: diffId, diffId, createdBy: "ADD rootfs", size: 1, base: true }],
  },
  packages: [musl],
  diagnostics: [],
};

function advisory(id: string, cve: string, name: string, fixed: string, release = "v3.10"): Advisory {
  return {
    id,
    source: "osv/Alpine",
    aliases: [],
    upstream: [cve],
    severities: [],
    references: [],
    affected: [
      {
        advisory: id,
        namespace: `Alpine:${release}`,
        name,
        ranges: [{ introduced: "0", end: { kind: "fixed", version: fixed } }],
      },
    ],
  };
}

const advisories = memoryStore([
  advisory("ALPINE-CVE-2019-14697", "CVE-2019-14697", "musl", "1.1.22-r3"),
  advisory("ALPINE-CVE-2018-1", "CVE-2018-1", "musl", "1.1.20-r0"),
  advisory("ALPINE-CVE-2018-2", "CVE-2018-2", "zlib", "9"),
  advisory("ALPINE-CVE-2018-3", "CVE-2018-3", "musl", "9", "v3.9"),
]);

describe("a finding", () => {
  test("is accounted for from the file to the filters", async () => {
    const report = await scanInventory(inventory, { advisories });
    const account = await explain(report, "cve-2019-14697", { advisories });

    expect(account).toMatchObject({ verdict: "found", ruledOut: [] });
    expect(account.findings[0]?.steps).toMatchObject([
      {
        step: "evidence",
        text: "lib/apk/db/installed, line 7, in layer 0 of the base image (ADD rootfs), says it is installed, found by apk/installed",
      },
      { step: "package", text: expect.stringContaining("built from the source package musl 1.1.22-r2") },
      { step: "key", text: "Looked up as musl 1.1.22-r2 in Alpine:v3.10" },
      { step: "advisory", text: "ALPINE-CVE-2019-14697 speaks of it" },
      { step: "range", text: expect.stringContaining("It affects >= 0, < 1.1.22-r3, and 1.1.22-r2 lies in it") },
      { step: "severity", text: expect.stringContaining("UNKNOWN") },
      { step: "fix", text: "Fixed in 1.1.22-r3" },
      { step: "filters", text: "No filter, ignore rule or VEX statement suppressed it" },
    ]);
  });

  test("that was suppressed is told with who and why, and one that a rule no longer holds with the rule", async () => {
    const rules = "CVE-2019-14697 exp:2020-01-01\n";
    const scan = (now: string): ReturnType<typeof scanInventory> =>
      scanInventory(inventory, { advisories, triage: [ignoreFile(rules, { name: ".trivyignore", now })] });
    const suppressed = await explain(await scan("2019-06-01"), "CVE-2019-14697");
    const expired = await explain(await scan("2021-01-01"), "CVE-2019-14697");

    expect(suppressed).toMatchObject({
      verdict: "suppressed",
      findings: [{ suppressed: { by: "ignorefile", reason: ".trivyignore, line 1" } }],
    });
    expect(suppressed.findings[0]?.steps.at(-1)?.text).toBe("Suppressed by ignorefile: .trivyignore, line 1");
    expect(expired.verdict).toBe("found");
    expect(expired.findings[0]?.steps.at(-1)?.text).toContain("expired on 2020-01-01");
  });
});

describe("a vulnerability that was not found", () => {
  test.each([
    ["CVE-2018-1", "not-affected", "musl-utils 1.1.22-r2 (compared as musl 1.1.22-r2) is not affected"],
    ["CVE-2018-2", "not-installed", "Not installed: ALPINE-CVE-2018-2 is about zlib"],
    ["CVE-2018-3", "other-namespace", "is of Alpine:v3.10; ALPINE-CVE-2018-3 is about Alpine:v3.9"],
    ["CVE-1999-1", "no-advisory", "The database (osv/Alpine) holds no advisory that goes by CVE-1999-1"],
  ])("%s is %s", async (id, code, message) => {
    const account = await explain(await scanInventory(inventory, { advisories }), id, { advisories });

    expect(account).toMatchObject({ verdict: "not-found", findings: [], ruledOut: [{ code }] });
    expect(account.ruledOut[0]?.message).toContain(message);
  });

  test("is not ruled out without advisories, and gaps are named", async () => {
    const report = await scanInventory(
      { ...inventory, artifact: { ...inventory.artifact, distro: { id: "alpine", versionId: "3.20.1" } } },
      { advisories },
    );

    expect(await explain(report, "CVE-2018-1")).toMatchObject({
      verdict: "not-found",
      ruledOut: [{ code: "no-advisories" }],
      gaps: [expect.stringContaining("holds no advisories for Alpine:v3.20")],
    });
    expect(await explain(report, "CVE-2018-1", { advisories })).toMatchObject({ ruledOut: [{ code: "not-covered" }] });
    expect(await explain(inventoryReport(inventory), "CVE-2018-1")).toMatchObject({
      ruledOut: [{ message: "Not scanned for vulnerabilities: the report was made without advisories" }],
    });
  });
});

test("the account reads as a text, whatever the names hold", async () => {
  const hostile = { ...musl, locations: [{ path: "\u001b[31m\u202e<x>\n", evidence: "installed" as const }] };
  const report = await scanInventory({ ...inventory, packages: [hostile] }, { advisories });
  const text = [...explanationText(await explain(report, "CVE-2019-14697", { advisories }))].join("");

  expect(text).toContain("CVE-2019-14697 is in 1 package of shop\n");
  expect(text).toContain("  range     It affects >= 0, < 1.1.22-r3");
  // eslint-disable-next-line no-control-regex
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
});
