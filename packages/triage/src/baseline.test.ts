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
    expect(diagnostics.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^before\.json: 1 of its \d+ findings is not there any more: gone in x$/),
    ]);
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

  test("of gitleaks knows secrets on moved lines by what stands around them", () => {
    const value = "A".repeat(20);
    const moved = { RuleID: secret?.id, File: path, StartLine: line + 40, Secret: value };
    const finding = { ...secret, match: `KEY=${"*".repeat(20)}` } as SecretFinding;

    expect(judged(JSON.stringify([{ ...moved, Match: `KEY=${value}` }]), [finding]).suppressed).toHaveLength(1);
    expect(judged(JSON.stringify([{ ...moved, Match: `OTHER=${value}` }]), [finding]).suppressed).toEqual([]);
  });

  test.each(["", "{", "{}", '{"schemaVersion":1,"findings":[]}', '"text"'])("is nothing else: %s", (text) => {
    expect(() => judged(text)).toThrow(ScanError);
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
