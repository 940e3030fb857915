import {
  everyKindReport,
  jsonSchemaValidator,
  parseCsv,
  sampleReport,
  testReporter,
  validatorOf,
} from "@plimsoll/testkit";
import { findingsOf, ScanError, unratedLeftOut, type Report, type Reporter } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import {
  cosignVuln,
  csv,
  github,
  githubAnnotations,
  gitlab,
  gitlabSecrets,
  markdown,
  openvex,
  template,
} from "./index.ts";
import { everyReporter, reporterFor } from "./reporters.ts";

const render = (reporter: Reporter, report: Report = sampleReport): string => [...reporter.render(report)].join("");
const parsed = (reporter: Reporter, report: Report = sampleReport): Record<string, unknown> =>
  JSON.parse(render(reporter, report)) as Record<string, unknown>;

describe("openvex", () => {
  const schema = jsonSchemaValidator("conformance/schemas/openvex/openvex_json_schema.json");

  testReporter(openvex(), {
    validate: (text, report) => {
      const document = JSON.parse(text) as { statements: unknown[] };
      // The schema wants a statement; an empty draft is still the true answer when nothing was found.
      if ((report.vulnerabilities ?? []).length > 0) expect(schema?.(document) ?? []).toEqual([]);
      expect(document).toMatchObject({ "@context": "https://openvex.dev/ns/v0.2.0" });
    },
  });

  test("leaves the judgement to the author and keeps the one that VEX made", () => {
    expect(parsed(openvex({ author: "Security team" }))).toMatchObject({
      author: "Security team",
      statements: [
        {
          vulnerability: { name: "CVE-2019-10744" },
          products: [
            { "@id": `pkg:oci/shop@sha256%3A${"d".repeat(64)}`, subcomponents: [{ "@id": "pkg:npm/lodash@4.17.4" }] },
          ],
          status: "under_investigation",
          status_notes: "lodash 4.17.4: GHSA-jf85-cpcp-j695 covers >= 0, < 4.17.12 (exact); upgrade to 4.17.12",
        },
        { vulnerability: { name: "CVE-2020-28928" } },
        { vulnerability: { name: "GHSA-xxxx-yyyy-zzzz" } },
        { status: "not_affected", justification: "vulnerable_code_not_in_execute_path" },
      ],
    });
  });
});

describe("gitlab", () => {
  testReporter(gitlab(), {
    validate: (text) => {
      const document = JSON.parse(text) as { vulnerabilities: { id: string; identifiers: unknown[]; name: string }[] };
      for (const { id, identifiers, name } of document.vulnerabilities) {
        expect(id).toMatch(/^[0-9a-f-]{36}$/);
        expect(identifiers.length).toBeGreaterThan(0);
        expect(name.length).toBeLessThanOrEqual(255);
      }
    },
  });

  test("says what, where and how to solve it", () => {
    expect(parsed(gitlab())).toMatchObject({
      scan: { type: "container_scanning", status: "success", start_time: "1970-01-01T00:00:00" },
      vulnerabilities: [
        {
          severity: "Critical",
          solution: "Upgrade lodash to 4.17.12",
          identifiers: [{ type: "cve", value: "CVE-2019-10744" }, { type: "ghsa" }],
          location: {
            dependency: { package: { name: "lodash" }, version: "4.17.4" },
            operating_system: "alpine 3.10.9",
            image: "shop:1.0",
          },
        },
        { severity: "Medium" },
        { severity: "Info", solution: "No solution provided" },
      ],
    });
  });
});

describe("gitlab-secrets", () => {
  /** What the published schema of secret detection demands, in our own words. */
  const text = { type: "string", minLength: 1 };
  const named = { type: "object", required: ["id", "name", "version", "vendor"], properties: { id: text, name: text } };
  const valid = validatorOf({
    type: "object",
    required: ["scan", "version", "vulnerabilities"],
    properties: {
      version: { type: "string", pattern: "^[0-9]+\\.[0-9]+\\.[0-9]+$" },
      scan: {
        type: "object",
        required: ["analyzer", "end_time", "scanner", "start_time", "status", "type"],
        properties: {
          analyzer: named,
          scanner: named,
          start_time: { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$" },
          status: { enum: ["success", "failure"] },
          type: { const: "secret_detection" },
          messages: {
            type: "array",
            items: { type: "object", required: ["level", "value"], properties: { value: text } },
          },
        },
      },
      vulnerabilities: {
        type: "array",
        items: {
          type: "object",
          required: ["id", "identifiers", "location"],
          properties: {
            id: text,
            name: { type: "string", maxLength: 255 },
            severity: { enum: ["Info", "Unknown", "Low", "Medium", "High", "Critical"] },
            solution: { type: "string", maxLength: 7000 },
            identifiers: {
              type: "array",
              minItems: 1,
              items: { type: "object", required: ["type", "name", "value"], properties: { name: text, value: text } },
            },
            location: {
              type: "object",
              required: ["commit"],
              properties: {
                commit: { type: "object", required: ["sha"], properties: { sha: text } },
                file: { type: "string" },
                start_line: { type: "number" },
              },
            },
          },
        },
      },
    },
  });

  testReporter(gitlabSecrets(), { validate: (document) => expect(valid(JSON.parse(document))).toEqual([]) });

  test("says where secrets are, masked, and what is left out", () => {
    const document = parsed(gitlabSecrets(), everyKindReport);

    expect(valid(document)).toEqual([]);
    expect(document).toMatchObject({
      scan: {
        messages: expect.arrayContaining([
          { level: "info", value: expect.stringContaining("gitlab-secrets has no place for") as string },
        ]) as unknown,
      },
      vulnerabilities: [
        {
          severity: "Critical",
          identifiers: [{ value: "aws-access-key-id" }, { value: "aws-access-token" }],
          location: { file: "srv/app/.env", start_line: 3, commit: { sha: "0000000" } },
          raw_source_code_extract: expect.stringContaining("****") as string,
        },
      ],
    });
  });
});

describe("github", () => {
  testReporter(github(), { validate: (text) => expect(JSON.parse(text)).toMatchObject({ version: 0 }) });

  test("submits the packages of each target for a commit", () => {
    expect(parsed(github({ sha: "a".repeat(40), ref: "refs/heads/x", jobId: "7", correlator: "c" }))).toMatchObject({
      job: { id: "7", correlator: "c" },
      sha: "a".repeat(40),
      manifests: {
        "npm packages": {
          resolved: {
            "pkg:npm/shop@1.0.0": { relationship: "direct", dependencies: ["pkg:npm/lodash@4.17.4"] },
            "pkg:npm/lodash@4.17.4": { package_url: "pkg:npm/lodash@4.17.4", relationship: "indirect" },
          },
        },
      },
    });
  });
});

describe("github-annotations", () => {
  testReporter(githubAnnotations(), {
    validate: (text) => {
      for (const line of text.trimEnd().split("\n"))
        expect(line).toMatch(
          /^::(?:error|warning|notice) (?:file=[^,:]*,line=\d+,(?:endLine=\d+,)?)?title=[^,:]*::.*$/,
        );
    },
  });

  test("one command per finding and one with the sum", () => {
    expect(render(githubAnnotations()).split("\n")[0]).toBe(
      "::error file=app/node_modules/lodash/package.json,line=1,title=CVE-2019-10744 in lodash 4.17.4::CRITICAL: Prototype pollution in lodash (fixed in 4.17.12) https://nvd.nist.gov/vuln/detail/CVE-2019-10744",
    );
  });
});

describe("markdown", () => {
  testReporter(markdown(), {
    validate: (text) => {
      expect(text.replaceAll(/<\/?(?:details|summary)>/g, "").replaceAll(/\(<https?:[^<>\s]*>\)/g, "")).not.toMatch(
        /[<>]/,
      );
      expect(text.replaceAll(/\]\(<https:/g, "")).not.toMatch(/(?<!\\)\]\(/);
      expect(text).not.toMatch(/(?:^|\s)@\w/);
    },
  });

  test("gives the verdict before the details", () => {
    const text = render(markdown());

    expect(text).toContain("**3 (1 critical, 1 medium, 1 negligible)**, 2 of them fixable by upgrading.");
    expect(text).toContain(
      "| critical (exploited) | [CVE-2019-10744](<https://nvd.nist.gov/vuln/detail/CVE-2019-10744>) | lodash |",
    );
    expect(text.indexOf("**3 (")).toBeLessThan(text.indexOf("<details>"));
  });

  test("shows no more findings than asked", () => {
    expect(render(markdown({ maxFindings: 1 }))).toContain("\nand 2 more.\n");
  });
});

describe("csv", () => {
  testReporter(csv(), {
    validate: (text, report) => {
      const rows = parseCsv(text);
      expect(rows.map((row) => row.length)).toEqual(
        Array.from({ length: findingsOf(report).length + 1 + (unratedLeftOut(report).length > 0 ? 1 : 0) }, () => 21),
      );
      for (const cell of rows.slice(1).flat()) expect(cell).not.toMatch(/^\s*[=+@|%]/);
    },
  });

  test("one line per finding", () => {
    const [, first] = parseCsv(render(csv()));

    expect(first?.slice(0, 7)).toEqual(["CVE-2019-10744", "CRITICAL", "9.1", "lodash", "4.17.4", "4.17.12", "fixed"]);
  });
});

describe("cosign-vuln", () => {
  testReporter(cosignVuln(), { validate: (text) => expect(JSON.parse(text)).toHaveProperty("scanner.result") });

  test("names scanner and database and holds the report", () => {
    expect(parsed(cosignVuln())).toMatchObject({
      scanner: {
        version: "0.1.0",
        db: { version: "2026-11-01T00:00:00Z", lastUpdate: "2026-10-31T00:00:00Z" },
        result: sampleReport,
      },
    });
  });
});

describe("template", () => {
  testReporter(
    template(
      "{% for f in report.vulnerabilities %}{{ f.id }} {{ f.package.name }}\n{% endfor %}{% if unrated > 0 %}{{ unrated }} unrated findings left out{% endif %}",
    ),
    {
      validate: (text, report) => expect(text.split("\n").length).toBe((report.vulnerabilities?.length ?? 0) + 1),
    },
  );

  test("knows counts, targets and filters for other formats", () => {
    const source =
      "{{ total }} {{ counts.CRITICAL }} {{ targets[0].title }} {{ report.vulnerabilities[0] | url }} {{ '<b>' | escape }} {{ '=1\"' | csv }} {{ '*' | markdown }}";

    expect(render(template(source))).toBe(
      '3 1 OS packages (alpine 3.10.9) https://nvd.nist.gov/vuln/detail/CVE-2019-10744 &lt;b&gt; "\'=1""" \\*',
    );
  });

  test.each([
    "{% if %}",
    "{{ x | nothing }}",
    "{% include '/etc/passwd' %}",
    "{% render '../../package.json' %}",
    "{% layout 'x' %}",
    "{% for i in (1..100000000) %}x{% endfor %}",
  ])("%s is refused with a sentence", (source) => {
    expect(() => render(template(source))).toThrow(ScanError);
  });

  test("reaches nothing but the report", () => {
    expect(render(template("{{ report.constructor.name }}{{ report.__proto__ }}{{ process.env }}"))).toBe("");
  });
});

describe("by name", () => {
  test.each([...everyReporter.keys()])("%s renders", (id) => {
    const reporter = reporterFor(id, { template: "{{ total }}" });

    expect(reporter.id).toBe(id);
    expect(render(reporter).length).toBeGreaterThan(0);
  });

  test("a version of the standard may follow the name", () => {
    const specVersion = (name: string): unknown => parsed(reporterFor(name))["specVersion"];

    expect(["cyclonedx", "cyclonedx@1.4", "cyclonedx@1.5", "cyclonedx@1.6", "cyclonedx@1.7"].map(specVersion)).toEqual([
      "1.6",
      "1.4",
      "1.5",
      "1.6",
      "1.7",
    ]);
    expect(render(reporterFor("cyclonedx-xml@1.5"))).toContain("http://cyclonedx.org/schema/bom/1.5");
    expect(render(reporterFor("spdx-json@2.3"))).toContain("SPDX-2.3");
    expect(() => reporterFor("cyclonedx@1.1")).toThrow(/not written in version "1.1"; there are 1.4, 1.5, 1.6, 1.7/);
    expect(() => reporterFor("csv@2")).toThrow(/it has no versions/);
  });

  test("an unknown name and a missing template are told", () => {
    expect(() => reporterFor("pdf")).toThrow(/there is no format "pdf"; there are cosign-vuln, csv, /);
    expect(() => reporterFor("template")).toThrow(/template/);
  });
});
