import { FormatError } from "@plimsoll/formats";
import { findingsOf, ScanError } from "@plimsoll/model";
import type { SecretFinding } from "@plimsoll/model";
import { everyKindReport } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { baseline, ignoreFile, triage } from "./index.ts";

const findings = findingsOf(everyKindReport);
const secret = findings.find((finding): finding is SecretFinding => finding.kind === "secret");
const { path = "", line = 0 } = secret?.location ?? {};

const judged = (text: string, of = findings) => triage(of, [baseline(text, { name: "before.json" })]);

describe("a baseline", () => {
  test("that is an earlier report takes out what it has, of every kind, and names what is gone", () => {
    const {
      findings: left,
      suppressed,
      diagnostics,
    } = judged(
      JSON.stringify({
        ...everyKindReport,
        secrets: [
          ...(everyKindReport.secrets ?? []),
          { id: "gone", fingerprint: "0".repeat(32), location: { path: "x" } },
        ],
      }),
    );

    expect(left).toEqual([]);
    expect(suppressed.map(({ by }) => by)).toEqual(findings.map(() => "baseline"));
    expect(suppressed).toContainEqual({
      finding: secret,
      by: "baseline",
      reason: "known finding of the baseline before.json",
      scope: `aws-access-key-id in ${path}`,
      origin: "before.json",
    });
    expect(diagnostics).toEqual([
      {
        kind: "diagnostic",
        code: "triage",
        effect: "none",
        message: `before.json: 1 of its ${findings.length + 1} findings is not there any more: gone in x`,
        location: { path: "before.json" },
      },
    ]);
  });

  test.each([
    [0, []],
    [2, ["before.json: 2 of its 2 findings are not there any more: secret, gone-2"]],
    [5, ["before.json: 5 of its 5 findings are not there any more: secret, gone-2, gone-3, gone-4, gone-5"]],
    [7, ["before.json: 7 of its 7 findings are not there any more: secret, gone-2, gone-3, gone-4, gone-5 and 2 more"]],
  ])("names five of %i findings that are gone, by what is known of them", (count, expected) => {
    const gone = Array.from({ length: count }, (_, at) => ({
      ...(at === 0 ? {} : { id: `gone-${at + 1}` }),
      fingerprint: `${at}`,
    }));
    const { diagnostics } = judged(JSON.stringify({ schemaVersion: 2, secrets: [...gone, { id: "without" }] }));

    expect(diagnostics.map(({ message }) => message)).toEqual(expected);
  });

  test("that has one fingerprint twice, as of two versions in one lock file, misses neither when it is there", () => {
    const twice = [...(everyKindReport.vulnerabilities ?? []), ...(everyKindReport.vulnerabilities ?? [])];
    const text = JSON.stringify({ schemaVersion: 2, vulnerabilities: twice });

    expect(judged(text).diagnostics).toEqual([]);
    expect(judged(text, []).diagnostics.map(({ message }) => message)).toEqual([
      expect.stringContaining(`${twice.length} of its ${twice.length} findings are not there any more`),
    ]);
  });

  test("may begin with a byte order mark", () => {
    expect(judged(`\uFEFF${JSON.stringify(everyKindReport)}`).findings).toEqual([]);
  });

  test("counts each run by itself", () => {
    const rule = baseline(JSON.stringify(everyKindReport), { name: "before.json" });

    expect(triage(findings, [rule]).diagnostics).toEqual([]);
    expect(triage([], [rule]).diagnostics).toHaveLength(1);
  });

  test("leaves what is new", () => {
    expect(judged(JSON.stringify({ ...everyKindReport, secrets: [] })).findings).toEqual([secret]);
  });

  test("of gitleaks knows secrets by rule, file and line, whether redacted or not", () => {
    const entry = { RuleID: "aws-access-token", File: path, StartLine: line, Match: "REDACTED", Secret: "REDACTED" };
    const known = { ...entry, RuleID: secret?.id };

    expect(judged(JSON.stringify([known])).suppressed.map(({ finding }) => finding.id)).toEqual([secret?.id]);
    expect(judged(JSON.stringify([{ ...known, StartLine: line + 1 }])).suppressed).toEqual([]);
    expect(judged(JSON.stringify([{ ...known, File: `other/${path}` }])).suppressed).toEqual([]);
  });

  const value = "A".repeat(20);
  const entry = { RuleID: secret?.id, File: path, StartLine: line + 40, Secret: value, Match: `KEY=${value}` };
  const masked = (match: string, rest: object = {}) => ({ ...secret, match, ...rest }) as SecretFinding;

  test.each([
    ["the same", entry, masked(`export KEY=${"*".repeat(20)}`), true],
    ["the same, with space around it", { ...entry, Match: ` KEY=${value}\r` }, masked(`KEY=${"*".repeat(20)}`), true],
    ["a long one", { ...entry, Secret: "A".repeat(60), Match: "A".repeat(60) }, masked("*".repeat(40)), true],
    ["another name", { ...entry, Match: `OTHER=${value}` }, masked(`KEY=${"*".repeat(20)}`), false],
    ["a shorter one", entry, masked(`KEY=${"*".repeat(19)}`), false],
    ["another file", { ...entry, File: "other" }, masked(`KEY=${"*".repeat(20)}`), false],
    ["another rule", { ...entry, RuleID: "other" }, masked(`KEY=${"*".repeat(20)}`), false],
    ["no text around it", { ...entry, Match: undefined }, masked(`KEY=${"*".repeat(20)}`), false],
    ["no secret", { ...entry, Secret: undefined, Match: "KEY=" }, masked(`KEY=${"*".repeat(20)}`), false],
    ["several lines", { ...entry, Match: `KEY=\n${value}` }, masked(`KEY=\n${"*".repeat(20)}`), false],
    ["a redacted one", { ...entry, Secret: "REDACTED", Match: "REDACTED" }, masked("*".repeat(8)), false],
  ] as const)("of gitleaks knows a secret on a moved line by what stands around it: %s", (_name, known, found, is) => {
    const { suppressed, diagnostics } = judged(JSON.stringify([known]), [...findings.slice(0, 1), found]);

    expect(suppressed).toHaveLength(is ? 1 : 0);
    expect(diagnostics.map(({ message }) => message)).toEqual(
      is
        ? []
        : [
            `before.json: 1 of its 1 findings is not there any more: ${known.RuleID} in ${known.File}:${known.StartLine}`,
          ],
    );
  });

  test("of gitleaks goes past what names no rule, file or line", () => {
    const { RuleID: _rule, ...withoutRule } = entry;
    const { File: _file, ...withoutFile } = entry;
    const { StartLine: _line, ...withoutLine } = entry;

    expect(
      judged(JSON.stringify([withoutRule, withoutFile, withoutLine, "text", { ...entry, StartLine: `${line}` }])),
    ).toEqual({ findings, suppressed: [], diagnostics: [] });
  });

  test.each(["", "{", "{}", '{"schemaVersion":1,"findings":[]}', '"text"'])("is nothing else: %s", (text) => {
    expect(() => judged(text)).toThrow(ScanError);
  });

  test("that is none says why", () => {
    const failureOf = (text: string) => {
      try {
        return judged(text);
      } catch (error) {
        return error;
      }
    };

    expect(failureOf("{}")).toMatchObject({
      failure: {
        kind: "malformed-document",
        label: "before.json",
        reason: "it is neither a JSON report of this version nor one of gitleaks",
      },
    });
    expect(failureOf("{")).toMatchObject({
      failure: { kind: "malformed-document", label: "before.json", reason: expect.stringContaining("JSON") },
      cause: expect.any(FormatError),
    });
  });
});

describe(".gitleaksignore", () => {
  const judge = (text: string) => triage(findings, [ignoreFile(text, { name: ".gitleaksignore" })]);

  test("takes fingerprints of files and of commits, and tells what matches nothing or cannot be read", () => {
    const id = secret?.id ?? "";

    expect(judge(`# accepted\n${path}:${id}:${line}\n`).suppressed).toMatchObject([
      { finding: { id }, by: "ignorefile", origin: ".gitleaksignore, line 2" },
    ]);
    expect(judge(`${"a".repeat(40)}:./${path}:${id}:${line}`).suppressed).toHaveLength(1);
    expect(judge(`${path}:${id}:${line + 1}\nnonsense\n`).diagnostics.map(({ message }) => message.slice(17))).toEqual([
      "line 2: nonsense is no fingerprint; the rule is not applied",
      `line 1: the rule for ${id} in ${path}:${line + 1} matched nothing`,
    ]);
  });
});
