// Whoever calls without types, from plain JavaScript or with `any`, hears of a mistake instead of getting an all-clear.
import { takeInventory } from "@plimsoll/inventory";
import { match } from "@plimsoll/matcher";
import { filterRules, onlyPackageTypes, onlySeverities, withoutPaths, withoutStatuses } from "@plimsoll/triage";
import { emptyReport, sampleReport } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import * as node from "./node.ts";
import * as neutral from "./index.ts";

// Calls that types refuse are what this is about.
// oxlint-disable typescript/no-explicit-any
const any = (value: unknown): any => value;
const store = neutral.memoryStore([]);
const source = any({ label: "x", open: () => Promise.reject(new Error("was opened")) });
const { packages, artifact, diagnostics } = emptyReport;
const inventory = any({ schemaVersion: 2, artifact, packages, diagnostics });

async function fails(call: () => unknown): Promise<unknown> {
  try {
    const result: unknown = await call();
    if (typeof result === "object" && result !== null && Symbol.asyncIterator in result)
      for await (const _ of result as AsyncIterable<unknown>);
    else if (typeof result === "object" && result !== null && Symbol.iterator in result)
      for (const _ of result as Iterable<unknown>);
  } catch (error) {
    return error;
  }
  return undefined;
}

/** Every public function that takes options, called with some. */
const calls: readonly (readonly [string, (options: any) => unknown])[] = [
  ["scanImage", (options) => node.scanImage(source, { advisories: store, ...options })],
  ["scanImage, neutral", (options) => neutral.scanImage(source, { advisories: store, ...options })],
  ["scanDirectory", (options) => node.scanDirectory("/nowhere", { advisories: store, ...options })],
  ["scanEvents", (options) => node.scanEvents(source, { advisories: store, ...options })],
  ["scanInventory", (options) => node.scanInventory(inventory, { advisories: store, ...options })],
  ["scanInventory, neutral", (options) => neutral.scanInventory(inventory, { advisories: store, ...options })],
  ["analyzeImage", (options) => node.analyzeImage(source, options)],
  ["analyzeImage, neutral", (options) => neutral.analyzeImage(source, options)],
  ["rematch", (options) => neutral.rematch(inventory, store, options)],
  ["inventoryReport", (options) => neutral.inventoryReport(inventory, options)],
  ["explain", (options) => node.explain(emptyReport, "CVE-1", options)],
  ["explain, neutral", (options) => neutral.explain(emptyReport, "CVE-1", options)],
  ["identifyArtifacts", (options) => neutral.identifyArtifacts(inventory, any({ identify: () => [] }), options)],
  ["watchStores", (options) => neutral.watchStores(new Map(), any([]), options)],
  ["checkTree", (options) => neutral.checkTree(any({ name: "x", paths: [] }), options)],
  ["takeInventory", (options) => takeInventory(source, { ecosystems: [], ...options })],
  ["match", (options) => match(inventory, store, { ecosystems: [], ...options })],
  ["filterRules", (options) => filterRules(options)],
  ["ignoreFile", (options) => neutral.ignoreFile("", { name: "x", ...options })],
  ["vexDocument", (options) => neutral.vexDocument("{}", { name: "x", ...options })],
  ["readReport", (options) => neutral.readReport("{}", options)],
  ["readReportInTurns", (options) => neutral.readReportInTurns("{}", options)],
  ["readSbom", (options) => neutral.readSbom("{}", options)],
  ["readSbomInTurns", (options) => neutral.readSbomInTurns("{}", options)],
  ["reporterFor", (options) => neutral.reporterFor("json", options)],
  ["table", (options) => neutral.table(options)],
  ["cyclonedx", (options) => neutral.cyclonedx(options)],
  ["readConfigs", (options) => neutral.readConfigs([], options)],
  ["runChecks", (options) => neutral.runChecks([], options)],
  ["watch", (options) => node.watch(new Map(), options)],
  ["scanEvents, neutral", (options) => neutral.scanEvents(source, { advisories: store, ...options })],
  ["openStore", (options) => neutral.openStore(any({ size: 0 }), options)],
  [
    "buildStore",
    (options) => neutral.buildStore(any({ documents: [], feeds: [], output: { write() {} }, ...options })),
  ],
  ["imageArchive", (options) => neutral.imageArchive(new Uint8Array(), options)],
  ["imageFrom", (options) => node.imageFrom(new Uint8Array(), options)],
  ["imageFrom, neutral", (options) => neutral.imageFrom(new Uint8Array(), options)],
  ["ociLayout", (options) => neutral.ociLayout(any({ label: "x", get: async () => undefined }), options)],
  ["imageFromRegistry", (options) => neutral.imageFromRegistry("app", options)],
  ["imageFile", (options) => node.imageFile("/nowhere", options)],
  ["imageStream", (options) => node.imageStream(any([]), options)],
  ["imageSource", (options) => node.imageSource("app", options)],
  ["everyPlatform", (options) => node.everyPlatform("app", { offline: true, ...options })],
  ["rootfsDirectory", (options) => node.rootfsDirectory("/nowhere", { kind: "rootfs", ...options })],
  ["directoryCache", (options) => node.directoryCache("/nowhere", options)],
  ["openAdvisories", (options) => node.openAdvisories("/nowhere", options)],
  ["openJavaIndex", (options) => node.openJavaIndex("/nowhere", options)],
  ["updateAdvisories", (options) => node.updateAdvisories({ output: "/nowhere/x", mirrors: [], ...options })],
  ["buildAdvisories", (options) => node.buildAdvisories({ from: [], output: "/nowhere/x", ...options })],
  ["importAdvisories", (options) => node.importAdvisories("/nowhere", options)],
  ["exportAdvisories", (options) => node.exportAdvisories("/nowhere", options)],
  ["pullAdvisories", (options) => node.pullAdvisories("app", { output: "/nowhere/x", ...options })],
  ["pushAdvisories", (options) => node.pushAdvisories("/nowhere", "app", options)],
  ["watchAdvisories", (options) => node.watchAdvisories({ db: "/nowhere", ...options })],
];

describe("callers whom no types have checked", () => {
  test.each(calls)("hear of an option that %s does not have", async (_, call) => {
    const error = await fails(() => call({ severites: ["CRITICAL"] }));

    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain("severites");
  });

  test.each<readonly [string, object, string]>([
    ["a severity in lower case", { severities: ["critical"] }, "critical"],
    ["a severity alone", { severities: "CRITICAL" }, "severities"],
    ["an ecosystem in the place of a type", { packageTypes: ["npm"] }, "npm"],
    ["a status that is none", { ignoreStatuses: ["wont_fix"] }, "wont_fix"],
    ["a switch in words", { ignoreUnfixed: "yes" }, "ignoreUnfixed"],
    ["a scanner that is none", { scanners: ["vulns"] }, "vulns"],
    ["a mode that is none", { ownedPackages: "all" }, "all"],
    ["a rule that is none", { triage: [{ id: "x" }] }, "judge"],
    ["a path that is none", { ignorePaths: [/x/] }, "ignorePaths"],
    ["a store that is none", { advisories: { find: () => [] } }, "advisories"],
    ["a time that is none", { createdAt: "yesterday" }, "yesterday"],
  ])("hear of %s", async (_, options, named) => {
    for (const scan of [node.scanImage, neutral.scanImage, node.scanDirectory, node.scanInventory]) {
      const target = scan === node.scanDirectory ? "/nowhere" : scan === node.scanInventory ? inventory : source;
      const error = await fails(() => any(scan)(target, { advisories: store, ...options }));

      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toContain(named);
    }
  });

  test.each<readonly [string, () => unknown, string]>([
    ["a layout that is none", () => neutral.imageArchive(new Uint8Array(), any({ layout: "tar" })), "tar"],
    ["a kind of file that is none", () => node.imageFile("/nowhere", any({ kind: "tar" })), "tar"],
    [
      "a platform in words",
      () => neutral.imageFromRegistry("app", any({ defaultPlatform: "linux/arm64" })),
      "defaultPlatform",
    ],
    [
      "a host in the place of a list",
      () => neutral.imageFromRegistry("app", any({ plainHttp: "localhost" })),
      "plainHttp",
    ],
    [
      "a mirror in the place of a list",
      () => node.updateAdvisories(any({ output: "/nowhere/x", mirrors: "x" })),
      "mirrors",
    ],
    ["a connection's unknown option", () => node.imageSource("app", any({ registry: { insecur: true } })), "insecur"],
    ["an age in words", () => node.openAdvisories("/nowhere", any({ maxAge: "7d" })), "maxAge"],
    ["an unknown limit", () => node.scanImage(source, any({ advisories: store, limits: { maxByte: 1 } })), "maxByte"],
  ])("of openers and updaters hear of %s", async (_, call, named) => {
    const error = await fails(call);

    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain(named);
  });

  test("hear of words that filters do not have", () => {
    for (const call of [
      () => onlySeverities(any(["critical"])),
      () => withoutStatuses(any(["wont_fix"])),
      () => onlyPackageTypes(any(["npm"]), []),
      () => withoutPaths(any("opt")),
      () => neutral.failAtOrAbove(any("grave")),
    ])
      expect(call).toThrow(TypeError);
  });

  test.each<readonly [string, unknown, string]>([
    ["answers with a promise", async () => ({ kind: "suppress", by: "me", reason: "x" }), "promise"],
    ["answers true", () => true, "verdict"],
    ["suppresses without a reason", () => ({ kind: "suppress", by: "me" }), "verdict"],
  ])("hear of a rule that %s", (_, judge, named) => {
    const { vulnerabilities = [], packages: known } = sampleReport;
    const rules = any([{ id: "mine", judge }]);

    expect(() => neutral.triage(vulnerabilities, rules, known)).toThrow(TypeError);
    expect(() => neutral.triage(vulnerabilities, rules, known)).toThrow(named);
  });
});
