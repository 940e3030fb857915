import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FeedRecord } from "@plimsoll/model";
import { memoryBytes, sharedPath } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { oracleOval } from "./index.ts";

async function parse(name: string, text: string, chunk = 1 << 20): Promise<FeedRecord[]> {
  const bytes = new TextEncoder().encode(text);
  async function* content(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
  }
  const source = chunk < bytes.length ? content() : memoryBytes(bytes).read(0, bytes.length);
  const records: FeedRecord[] = [];
  for await (const record of oracleOval.parse({ name, content: source })) records.push(record);
  return records;
}

function lines(records: readonly FeedRecord[]): string[] {
  return records.flatMap((record) =>
    record.kind !== "advisory"
      ? [record.kind]
      : record.advisory.affected.map(({ namespace, name, ranges: [range], qualifiers = {} }) =>
          [
            `${namespace}/${name}`,
            range?.end.kind === "fixed" ? `<${range.end.version}` : "open",
            ...Object.entries(qualifiers).map(([key, value]) => `${key}=${value}`),
          ].join(" "),
        ),
  );
}

const criterion = (comment: string): string =>
  `<criterion comment="${comment}" test_ref="oval:com.oracle.elsa:tst:1"/>`;
const both = (...inner: readonly string[]): string => `<criteria operator="AND">${inner.join("")}</criteria>`;
const either = (...inner: readonly string[]): string => `<criteria operator="OR">${inner.join("")}</criteria>`;
const pkg = (name: string, version: string): string =>
  both(criterion(`${name} is earlier than ${version}`), criterion(`${name} is signed with the Oracle Linux 8 key`));

const definition = (criteria: string, id = "ELSA-2022-0001"): string => `
<definition id="oval:com.oracle.elsa:def:20220001" version="501" class="patch"><metadata>
<title>
${id}:  nodejs:12 security update (IMPORTANT)
</title>
<affected family="unix"><platform>Oracle Linux 8</platform></affected>
<reference source="elsa" ref_id="${id}" ref_url="https://linux.oracle.com/errata/${id}.html"/>
<reference source="CVE" ref_id="CVE-2022-0001" ref_url="https://linux.oracle.com/cve/CVE-2022-0001.html"/>
<description>[1:12.22.5-1] text</description>
<advisory><severity>IMPORTANT</severity><rights>Copyright</rights><issued date="2022-01-31"/><cve href="x">CVE-2022-0001</cve></advisory>
</metadata>
${criteria}
</definition>`;

const oval = (...definitions: readonly string[]): string =>
  `<?xml version="1.0"?><oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5"><generator/>
<definitions>${definitions.join("")}</definitions><tests><rpminfo_test id="x"/></tests></oval_definitions>`;

const modular = both(
  criterion("Oracle Linux 8 is installed"),
  either(
    both(
      criterion("Oracle Linux arch is x86_64"),
      criterion("Module nodejs:12 is enabled"),
      either(pkg("nodejs", "1:12.22.5-1.module+el8"), pkg("npm", "0:6.14-1")),
    ),
    both(criterion("Oracle Linux arch is aarch64"), either(pkg("npm", "0:6.14-1"), pkg("nodejs", "1:12.22.5-1.el8"))),
  ),
);

test("states packages under the conditions around them", async () => {
  const records = await parse("com.oracle.elsa-all.xml", oval(definition(modular)));

  expect(lines(records)).toEqual([
    "Oracle Linux:8/nodejs <1:12.22.5-1.module+el8 modules=nodejs:12 arch=x86_64",
    "Oracle Linux:8/npm <6.14-1 modules=nodejs:12 arch=x86_64",
    "Oracle Linux:8/npm <6.14-1 arch=aarch64",
    "Oracle Linux:8/nodejs <1:12.22.5-1.el8 arch=aarch64",
  ]);
  expect(records).toMatchObject([
    {
      advisory: {
        id: "ELSA-2022-0001",
        upstream: ["CVE-2022-0001"],
        published: "2022-01-31T00:00:00Z",
        summary: "ELSA-2022-0001:  nodejs:12 security update (IMPORTANT)",
        severities: [{ system: "rating", value: "IMPORTANT", source: "oracle-oval" }],
      },
    },
  ]);
});

test("says the same in whatever pieces the document arrives", async () => {
  const text = oval(definition(modular), definition(either(pkg("a", "1")), "ELSA-2022-0002"));
  const whole = await parse("com.oracle.elsa-all.xml", text);

  for (const chunk of [1, 7, 64]) expect(await parse("com.oracle.elsa-all.xml", text, chunk)).toEqual(whole);
});

test.each([
  ["", ["diagnostic"]],
  ["<oval_definitions/>", ["diagnostic"]],
  [oval(definition("")), ["diagnostic", "skipped"]],
  [oval(definition(modular)).slice(0, 900), ["diagnostic"]],
  [
    oval("<definition id='x'><a></b></definition>", definition(either(pkg("a", "1")))),
    ["diagnostic", "skipped", "Oracle Linux:8/a <1"],
  ],
  [oval(definition(either(criterion("a is earlier than")))), ["skipped"]],
])("of a document like %.30j it says %j", async (text, expected) => {
  expect(lines(await parse("com.oracle.elsa-8.xml", text))).toEqual(expected);
});

const folder = sharedPath("conformance/feeds/oracle-oval");

interface Row {
  readonly key: readonly string[];
  readonly value?: {
    readonly fixedVersion?: string;
    readonly entries?: readonly { readonly fixedVersion: string; readonly arches?: readonly string[] }[];
    readonly severity?: string;
  };
}

describe.skipIf(folder === undefined)("published errata", () => {
  const cases = folder === undefined ? [] : readdirSync(folder).sort();

  test.each(cases)("%s", async (name) => {
    const root = join(folder ?? "", name);
    const files = readdirSync(join(root, "input"), { recursive: true, withFileTypes: true }).filter((each) =>
      each.isFile(),
    );
    const records: FeedRecord[] = [];
    for (const file of files)
      records.push(...(await parse(file.name, readFileSync(join(file.parentPath, file.name), "utf8"))));
    const { rows, error } = JSON.parse(readFileSync(join(root, "expected.json"), "utf8")) as {
      rows: Row[];
      error: boolean;
    };

    if (error) expect(records).toMatchObject([{ kind: "diagnostic" }]);
    const stated = records.flatMap((record) =>
      record.kind !== "advisory"
        ? []
        : record.advisory.affected.flatMap(({ namespace, name: pkgName, ranges: [range], qualifiers }) =>
            (qualifiers?.arch ?? [""]).flatMap((arch) =>
              (record.advisory.upstream ?? []).map((cve) =>
                [cve, namespace, pkgName, range?.end.kind === "fixed" ? range.end.version : "", arch].join(" "),
              ),
            ),
          ),
    );
    const expected = rows.flatMap(({ key: [kind, cve, bucket = "", pkgName], value }) =>
      kind !== "advisory-detail"
        ? []
        : (value?.entries ?? []).flatMap(({ fixedVersion, arches }) =>
            (arches ?? [""]).map((arch) =>
              [cve, bucket.replace("Linux ", "Linux:"), pkgName, fixedVersion.replace(/^0:/, ""), arch].join(" "),
            ),
          ),
    );
    expect(expected.filter((line) => !stated.includes(line))).toEqual([]);
    if (!error) expect(stated.length).toBeGreaterThanOrEqual(expected.length);
  });
});
