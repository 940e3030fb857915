import { ScanError } from "@plimsoll/model";
import type { Inventory, Report } from "@plimsoll/model";
import { countTurns, emptyReport, everyKindReport, sampleReport } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { everyReporter, reporterFor } from "../reporters.ts";
import { json } from "./index.ts";
import { readReport, readReportInTurns } from "./read.ts";

test.each([sampleReport, emptyReport])("what was written is read back", (report) => {
  expect(readReport([...json().render(report)].join(""))).toEqual(report);
});

test("an inventory is one too, and keys of later versions are kept", () => {
  const { artifact, packages } = sampleReport;
  const inventory: Inventory & { readonly more: string } = {
    schemaVersion: 2,
    artifact,
    packages,
    diagnostics: [],
    more: "x",
  };

  expect(readReport(JSON.stringify(inventory))).toEqual(inventory);
});

test("what earlier versions wrote among the facts of a package is in its fields", () => {
  const [first] = sampleReport.packages;
  const packages = [
    { ...first, facts: { sourcerpm: "a.src.rpm", modularitylabel: "nodejs:18:1:x" } },
    { ...first, facts: { modularitylabel: "" } },
    { ...first, facts: { kind: "machine-learning-model", format: "gguf" } },
    { ...first, facts: { kind: "theme" } },
  ];

  expect(readReport(JSON.stringify({ ...emptyReport, packages })).packages).toEqual([
    { ...first, module: "nodejs:18:1:x", facts: { sourcerpm: "a.src.rpm" } },
    { ...first, facts: {} },
    { ...first, kind: "machine-learning-model", facts: { format: "gguf" } },
    { ...first, facts: { kind: "theme" } },
  ]);
});

test.each([
  ["", /\S/],
  ["{", /\S/],
  ["[]", /neither a report nor an inventory/],
  ['{"schemaVersion":3,"artifact":{},"packages":[]}', /neither a report nor an inventory/],
  [JSON.stringify({ ...sampleReport, packages: [{}] }), /packages\[0\]\.id has another type or value/],
  [JSON.stringify({ ...sampleReport, vulnerabilities: [null] }), /vulnerabilities\[0\] has another type or value/],
])("%j is refused with the place", (text, reason) => {
  expect(() => readReport(text, { label: "r.json" })).toThrow(ScanError);
  expect(() => readReport(text, { label: "r.json" })).toThrow(reason);
});

test.each([
  "",
  "{",
  "[]",
  "{} {}",
  '{"__proto__":{"schemaVersion":2},"artifact":{},"packages":[]}',
  JSON.stringify(sampleReport),
  JSON.stringify(everyKindReport, undefined, 2),
  JSON.stringify({ ...sampleReport, "1": [[{}]], later: { a: [{}] } }),
  JSON.stringify({ ...sampleReport, packages: [{}] }),
  JSON.stringify({ ...sampleReport, coverage: undefined }),
  JSON.stringify(sampleReport).slice(0, -10),
  `${JSON.stringify(sampleReport).slice(0, -1)},"packages":[],"packages":[]}`,
])("read in turns it is the same, also in what is refused: %#", async (text) => {
  const atOnce = (): unknown => {
    try {
      return readReport(text, { label: "r.json" });
    } catch (error) {
      return String(error);
    }
  };

  expect(await readReportInTurns(text, { label: "r.json" }).catch(String)).toEqual(atOnce());
});

test("others have their turn while a large report is read", async () => {
  const findings = Array.from({ length: 2_000 }, () => sampleReport.vulnerabilities?.[0]);
  const text = JSON.stringify({ ...sampleReport, vulnerabilities: findings });
  const turns = countTurns();
  await readReportInTurns(text);
  turns.stop();

  // Each character is looked at four times to be read; half of that is left for what else runs here.
  expect(turns.count).toBeGreaterThanOrEqual(Math.floor((2 * text.length) / (256 * 1024)));
});

describe("whatever is put in any place of a report", () => {
  const places = placesOf(sampleReport);

  test.each([[null], [1], ["x"], [[]], [{}], [[[]]], [{ x: { x: 1 } }]])(
    "%j is refused, or every format renders it",
    (value) => {
      let read = 0;
      for (const place of places) {
        const report = readOrRefuse(JSON.stringify(replaced(sampleReport, place, value)));
        if (report === undefined || !("coverage" in report)) continue;
        read++;
        for (const id of everyReporter.keys())
          [...reporterFor(id, { template: "{{ total }}" }).render(report)].join("");
      }
      expect(read).toBeLessThan(places.length);
    },
  );
});

function readOrRefuse(text: string): Report | Inventory | undefined {
  try {
    return readReport(text);
  } catch (error) {
    expect(error).toBeInstanceOf(ScanError);
    return undefined;
  }
}

/** One place of each kind: what differs only in list indexes is checked once. */
function placesOf(value: unknown): readonly (readonly string[])[] {
  const places = new Map<string, readonly string[]>();
  const visit = (part: unknown, place: readonly string[]): void => {
    const kind = place.filter((key) => !/^\d+$/.test(key)).join(".");
    if (place.length > 0 && !places.has(kind)) places.set(kind, place);
    if (typeof part === "object" && part !== null)
      for (const [key, child] of Object.entries(part)) visit(child, [...place, key]);
  };
  visit(value, []);
  return [...places.values()];
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value)) return value.map((item, index) => (`${index}` === key ? replaced(item, rest, by) : item));
  const object = value as Record<string, unknown>;
  return { ...object, [key]: replaced(object[key], rest, by) };
}
