import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FeedRecord } from "@plimsoll/model";
import { memoryBytes, sharedPath } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { azureOval } from "./index.ts";

async function parse(name: string, text: string): Promise<FeedRecord[]> {
  const bytes = new TextEncoder().encode(text);
  const records: FeedRecord[] = [];
  for await (const record of azureOval.parse({ name, content: memoryBytes(bytes).read(0, bytes.length) }))
    records.push(record);
  return records;
}

function lines(records: readonly FeedRecord[]): string[] {
  return records.flatMap((record) =>
    record.kind !== "advisory"
      ? [record.kind]
      : record.advisory.affected.map(({ namespace, name, ranges: [range], severities: [severity] = [] }) => {
          const end = range?.end;
          const bound = end === undefined || end.kind === "open" ? "" : `${end.kind} ${end.version}`;
          return `${record.advisory.upstream?.join()} ${namespace}/${name} ${bound} ${severity?.value}`;
        }),
  );
}

interface Facts {
  readonly id: string;
  readonly cve: string;
  readonly title: string;
  readonly severity: string;
  readonly description: string;
  readonly tests: readonly string[];
}

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

/** Elements as Microsoft's files have them: https://github.com/microsoft/AzureLinuxVulnerabilityData. */
const definition = ({ id, cve, title, severity, description, tests }: Facts): string => `
<definition class="vulnerability" id="${id}" version="1"><metadata><title>${escape(title)}</title>
<affected family="unix"><platform>Azure Linux</platform></affected>
<reference ref_id="${cve}" ref_url="https://nvd.nist.gov/vuln/detail/${cve}" source="CVE"/>
<patchable>true</patchable><advisory_id>1</advisory_id><severity>${severity}</severity><description>${escape(description)}</description></metadata>
<criteria operator="AND">${tests.map((each) => `<criterion comment="c" test_ref="${each}"/>`).join("")}</criteria></definition>`;
const testOf = (id: string, object: string, state: string): string =>
  `<linux-def:rpminfo_test check="at least one" comment="c" id="${id}" version="1"><linux-def:object object_ref="${object}"/><linux-def:state state_ref="${state}"/></linux-def:rpminfo_test>`;
const objectOf = (id: string, name: string): string =>
  `<linux-def:rpminfo_object id="${id}" version="1"><linux-def:name>${escape(name)}</linux-def:name></linux-def:rpminfo_object>`;
const stateOf = (id: string, evr: string, operation: string): string =>
  `<linux-def:rpminfo_state id="${id}" version="1"><linux-def:evr datatype="evr_string" operation="${operation}">${escape(evr)}</linux-def:evr></linux-def:rpminfo_state>`;
const oval = (...elements: readonly string[]): string =>
  `<oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5" xmlns:linux-def="http://oval.mitre.org/XMLSchema/oval-definitions-5#linux"><generator/>${elements.join("\n")}</oval_definitions>`;

const facts: Facts = {
  id: "def:1",
  cve: "CVE-2024-2408",
  title: "CVE-2024-2408 affecting package php for versions less than 8.3.8-1",
  severity: "Medium",
  description: "A fix is there",
  tests: ["tst:1"],
};

test("joins definitions with the tests, objects and states behind them", async () => {
  const text = oval(
    definition(facts),
    definition({ ...facts, id: "def:2", cve: "CVE-2024-0002", severity: "High", tests: ["tst:2"] }),
    testOf("tst:1", "obj:1", "ste:1"),
    testOf("tst:2", "obj:1", "ste:2"),
    objectOf("obj:1", "php"),
    stateOf("ste:1", "0:8.3.8-1.azl3", "less than"),
    stateOf("ste:2", "1:8.3.6-1.azl3", "less than or equal"),
  );

  expect(lines(await parse("azurelinux-3.0-oval.xml", text))).toEqual([
    "CVE-2024-2408 Azure Linux:3/php fixed 8.3.8-1.azl3 Medium",
    "CVE-2024-0002 Azure Linux:3/php last-affected 1:8.3.6-1.azl3 High",
  ]);
  expect(lines(await parse("cbl-mariner-2.0-oval.xml", text))[0]).toContain("Azure Linux:2/php");
});

test.each([
  ["", ["diagnostic"]],
  [oval(definition(facts)), ["diagnostic", "skipped"]],
  [oval(definition({ ...facts, cve: "TEMP-1" })), ["skipped"]],
  [
    oval(definition(facts), testOf("tst:1", "o", "s"), objectOf("o", "php"), stateOf("s", "1", "equals")),
    ["diagnostic", "skipped"],
  ],
])("of a document like %.30j it says %j", async (text, expected) => {
  expect(lines(await parse("azurelinux-3.0-oval.xml", text))).toEqual(expected);
});

const folder = sharedPath("conformance/feeds/azure/happy-path-azure");

describe.skipIf(folder === undefined)("published vulnerabilities", () => {
  test("have the facts that are expected of them", async () => {
    const root = folder ?? "";
    const json = (...path: readonly string[]): Record<string, unknown> =>
      JSON.parse(readFileSync(join(root, "input/vuln-list", ...path), "utf8")) as Record<string, unknown>;
    const { rows } = JSON.parse(readFileSync(join(root, "expected.json"), "utf8")) as {
      rows: { key: string[]; value?: { fixedVersion?: string } }[];
    };
    // The documents are there as JSON; this writes them as the files that they were made from.
    const fromJson = (release: string): string => {
      const elements: string[] = [];
      for (const file of readdirSync(join(root, "input/vuln-list", release, "definitions"), {
        recursive: true,
        encoding: "utf8",
      })) {
        if (!file.endsWith(".json")) continue;
        const { ID, Metadata, Criteria } = json(release, "definitions", file) as {
          ID: string;
          Metadata: { Title: string; Severity: string; Description: string; Reference: { RefID: string } };
          Criteria: { Criterion: { TestRef: string }[] };
        };
        elements.push(
          definition({
            id: ID,
            cve: Metadata.Reference.RefID,
            title: Metadata.Title,
            severity: Metadata.Severity,
            description: Metadata.Description,
            tests: Criteria.Criterion.map(({ TestRef }) => TestRef),
          }),
        );
      }
      const list = (kind: string, member: string): Record<string, unknown>[] =>
        (json(release, kind, `${kind}.json`)[member] ?? []) as Record<string, unknown>[];
      for (const each of list("tests", "RpminfoTests")) {
        const {
          ID,
          Object: object,
          State,
        } = each as { ID: string; Object: { ObjectRef: string }; State: { StateRef: string } };
        elements.push(testOf(ID, object.ObjectRef, State.StateRef));
      }
      for (const each of list("objects", "RpminfoObjects")) {
        const { ID, Name } = each as { ID: string; Name: string };
        elements.push(objectOf(ID, Name));
      }
      for (const each of list("states", "RpminfoState")) {
        const { ID, Evr } = each as { ID: string; Evr: { Text: string; Operation: string } };
        elements.push(stateOf(ID, Evr.Text, Evr.Operation));
      }
      return oval(...elements);
    };

    const stated = lines(await parse("azurelinux-3.0-oval.xml", fromJson("azure/3.0")));

    const wanted = rows.filter(
      ({ key: [kind, , bucket] }) => kind === "advisory-detail" && bucket === "Azure Linux 3.0",
    );
    expect(wanted.length).toBeGreaterThan(0);
    for (const { key, value } of wanted) {
      const fixed = value?.fixedVersion?.replace(/^0:/, "");
      expect(
        stated.some((line) => line.startsWith(`${key[1]} Azure Linux:3/${key[3]} fixed ${fixed} `)),
        key.join(),
      ).toBe(true);
    }
    expect(lines(await parse("cbl-mariner-2.0-oval.xml", fromJson("mariner/2.0"))).length).toBe(3);
  });
});
