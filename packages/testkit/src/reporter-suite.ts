import { processorTime } from "./processor-time.ts";
import type { Digest, Package, Report, Reporter, Vulnerability } from "@plimsoll/model";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { emptyReport, everyKindReport, sampleReport } from "./sample-report.ts";

export interface ReporterSuite {
  /** Throws, or fails an expectation, when the rendered text is not valid in its format. */
  readonly validate: (text: string, report: Report) => void | Promise<void>;
  /** Set for formats that keep untrusted text as data with their own escapes: the reason why raw characters are allowed. */
  readonly keepsControls?: string;
}

/** Texts that break careless reports: control and bidirectional characters, markup, quotes, formulas, templates. */
export const hostileTexts: readonly string[] = [
  "<script>alert(1)</script>",
  "</script><script>alert(1)</script>",
  "\u202egnp.exe\u2066",
  "a\nb\r\nc\td",
  "\0\u0001\u001b[31mred\u001b[0m\u007f\u0085\u009b",
  "]]></failure><x/>",
  "\"';--`${1+1}{{constructor}}",
  '=HYPERLINK("http://example.org")',
  "| pipe | [link](javascript:alert(1)) ![x](http://example.org/x.png)",
  "::error file=a::message %0A",
  "<text>x</text>\nPackageName: y",
  "__proto__",
  "constructor",
  "\ud800 lone",
  "\ufffe\uffff",
  "--> <!-- &amp; &#0;",
  "𝒳 名前 é",
  "",
];

/** Controls that no printable format may let through. Line feeds and tabs belong to the formats themselves. */
const forbidden = /[\0-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

/** A valid report every foreign string of which is `text`. */
export function hostileReport(text: string): Report {
  const diffId: Digest = `sha256:${"e".repeat(64)}`;
  const pkg: Package = {
    id: `pkg:npm/${encodeURIComponent(text.replace(/\p{Cs}/gu, ""))}@1`,
    name: text,
    version: text,
    ecosystem: "npm",
    purl: `pkg:npm/${encodeURIComponent(text.replace(/\p{Cs}/gu, "")) || "x"}@1`,
    source: { name: text, version: text },
    architecture: text,
    licenses: [text, "MIT"],
    supplier: text,
    cpes: [text],
    module: text,
    facts: { fact: text },
    locations: [{ path: text, layer: { index: 0, diffId }, evidence: "installed" }],
    foundBy: [text],
  };
  const finding: Vulnerability = {
    kind: "vulnerability",
    id: text,
    aliases: [text],
    package: { id: pkg.id, name: text, version: text, purl: pkg.purl, ecosystem: "npm", path: text },
    location: { path: text, layer: { index: 0, diffId } },
    locations: pkg.locations,
    fingerprint: "f".repeat(32),
    fixedVersion: text,
    fixedVersions: [text],
    status: "fixed",
    severity: "HIGH",
    severitySource: text,
    cvss: [{ source: text, version: "3.1", vector: text, score: 7 }],
    title: text,
    description: text,
    cwes: [text],
    references: [text],
    published: text,
    modified: text,
    layer: { index: 0, diffId, createdBy: text },
    explanation: {
      key: { namespace: text, name: text },
      comparedVersion: text,
      advisory: text,
      range: text,
      scheme: "semver",
      confidence: "exact",
      notes: [text],
    },
  };
  return {
    schemaVersion: 2,
    tool: { name: "plimsoll", version: "0.1.0" },
    artifact: {
      name: text,
      kind: "container-image",
      platform: text,
      tags: [text],
      distro: { id: text, versionId: text, prettyName: text, endOfLife: text, facts: { fact: text } },
      layers: [
        { index: 0, digest: diffId, diffId, createdBy: text, size: 1 },
        { index: 1, digest: diffId, diffId, createdBy: text, size: 1 },
      ],
    },
    advisories: { revision: text, sources: [{ id: text, records: 1, updatedAt: text }] },
    packages: [pkg],
    vulnerabilities: [finding],
    ...otherKinds(text),
    suppressed: [{ finding: { ...finding, severity: "LOW" }, by: text, reason: text }],
    coverage: { verdict: "partial", gaps: [{ code: text, message: text, path: text }] },
    diagnostics: [
      {
        kind: "diagnostic",
        code: "malformed-file",
        effect: "incomplete",
        message: text,
        location: { path: text },
        analyzer: text,
      },
    ],
  };
}

/** One finding of each kind beside vulnerabilities, every foreign string of which is `text`. */
function otherKinds(text: string): Pick<Report, "secrets" | "licenses" | "misconfigurations"> {
  const head = {
    id: text,
    title: text,
    severity: "HIGH",
    location: { path: text, line: 1 },
    locations: [{ path: text, line: 1 }],
    fingerprint: "f".repeat(32),
  } as const;
  return {
    secrets: [{ ...head, kind: "secret", category: text, match: text, explanation: { rule: text, keyword: text } }],
    licenses: [
      {
        ...head,
        kind: "license",
        category: "restricted",
        confidence: 0.9,
        explanation: { source: "text", statement: text },
      },
    ],
    misconfigurations: [
      {
        ...head,
        kind: "misconfiguration",
        engine: "checks",
        subject: "object",
        status: "fail",
        message: text,
        description: text,
        resolution: text,
        references: [text],
        resource: { type: text, name: text, namespace: text },
        snippet: [{ line: 1, text, cause: true }],
        explanation: { rule: text },
      },
    ],
  };
}

/** One package with a name of a megabyte. */
function giantNameReport(): Report {
  const name = "<a&\u202e\n".repeat(175_000);
  const calm = hostileReport("calm");
  return {
    ...calm,
    packages: calm.packages.map((pkg) => ({ ...pkg, name, locations: [{ path: name, evidence: "installed" }] })),
    vulnerabilities: (calm.vulnerabilities ?? []).map((finding) => ({
      ...finding,
      title: name,
      package: { ...finding.package, name },
    })),
  };
}

/** Any UTF-16 code units, halves of pairs included; much quicker to make than fast-check's own binary strings. */
const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xff }), fc.integer({ min: 0, max: 0xffff })), { maxLength: 40 })
  .map((units) => String.fromCharCode(...units));

/** Tests the contract of every reporter, for any content of a report. */
export function testReporter(reporter: Reporter, suite: ReporterSuite): void {
  const render = (report: Report): string => [...reporter.render(report)].join("");
  const check = async (report: Report): Promise<void> => {
    const text = render(report);
    await suite.validate(text, report);
    if (suite.keepsControls === undefined) expect(forbidden.exec(text)?.[0]).toBeUndefined();
  };

  describe(`reporter ${reporter.id}`, () => {
    test("renders a full report", async () => {
      await check(sampleReport);
    });

    test("renders a report with findings of all kinds", async () => {
      await check(everyKindReport);
    });

    test.skipIf(!reporter.shows.includes("vulnerability"))(
      "says that unrated findings were left out, and not that there are none",
      async () => {
        const unrated = (sampleReport.vulnerabilities ?? []).slice(0, 2).map((finding) => ({
          finding: { ...finding, severity: "UNKNOWN" as const },
          by: "severity",
          reason: "UNKNOWN is not among CRITICAL",
        }));
        const message = "2 unrated findings left out: nobody states a severity";
        const diagnostics = [{ kind: "diagnostic", code: "unrated-findings", effect: "none", message } as const];
        const report: Report = { ...emptyReport, suppressed: unrated, diagnostics };
        await check(report);
        expect(render(report)).toContain("2 unrated findings left out");
        expect(render(report)).not.toMatch(/no (?:\w+ )?found|suppressed by rules|none found/i);
      },
    );

    test("renders a report without findings, and one that nobody looked up", async () => {
      await check(emptyReport);
      const { vulnerabilities: _, advisories: __, ...unasked } = sampleReport;
      await check({ ...unasked, coverage: { verdict: "unsupported", gaps: [] } });
    });

    test("renders the same characters for the same report in another order", () => {
      const { packages, vulnerabilities = [], suppressed = [], diagnostics } = sampleReport;
      const shuffled: Report = {
        ...sampleReport,
        packages: packages.toReversed(),
        vulnerabilities: vulnerabilities.toReversed(),
        suppressed: suppressed.toReversed(),
        diagnostics: diagnostics.toReversed(),
      };

      expect(render(shuffled)).toBe(render(sampleReport));
    });

    test("leaves the report as it was", () => {
      const before = JSON.stringify(sampleReport);

      render(sampleReport);

      expect(JSON.stringify(sampleReport)).toBe(before);
    });

    test.each(hostileTexts)("stays valid when every name is %j", async (text) => {
      await check(hostileReport(text));
    });

    test("stays valid for any text", async () => {
      await fc.assert(
        fc.asyncProperty(anyText, async (text) => {
          await check(hostileReport(text));
        }),
        { numRuns: 20 },
      );
    });

    test("stays valid and quick for names of a megabyte", async () => {
      const started = processorTime();

      await check(giantNameReport());

      expect(processorTime() - started).toBeLessThan(20_000);
    });
  });
}
