import { ScanError } from "@plimsoll/model";
import type { Finding, TriageRule, TriageRun, Verdict } from "@plimsoll/model";
import { countTurns, everyKindReport } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { filterRules, ignoreFile, triage, triageInTurns } from "./index.ts";
import { finding, pkg } from "./fixtures/literal-findings.ts";

const apk = pkg("pkg:apk/alpine/musl@1.1");
const lib = pkg("pkg:npm/left@1.0");
const findings = [
  finding("CVE-1", apk, { severity: "CRITICAL", fixedVersion: "1.2", status: "fixed" }),
  finding("CVE-2", apk, { severity: "LOW", status: "will_not_fix" }),
  finding("CVE-3", lib, { severity: "UNKNOWN" }),
];

describe("several rules", () => {
  test("the first that suppresses is named, and one that keeps changes nothing", () => {
    const rules = [
      { id: "keeper", judge: () => ({ kind: "keep" }) as const },
      ...filterRules({ ignoreUnfixed: true, severities: ["CRITICAL"] }),
    ];
    const { suppressed } = triage(findings, rules, [apk, lib]);
    expect(suppressed.map(({ by }) => by)).toEqual(["ignore-unfixed", "ignore-unfixed"]);
  });

  test("one that judges is named before a plain filter, wherever it stands", () => {
    const judged = ignoreFile("CVE-2", { name: ".trivyignore" });
    const filters = filterRules({ severities: ["CRITICAL"] });

    for (const rules of [
      [judged, ...filters],
      [...filters, judged],
    ])
      expect(triage(findings, rules, [apk, lib]).suppressed.map(({ by }) => by)).toEqual(["ignorefile", "severity"]);
  });

  test("each run starts afresh", () => {
    const counting = (seen: number): { id: string; judge: () => undefined; remarks: () => [] } => ({
      id: `${seen}`,
      judge: () => undefined,
      remarks: () => [],
    });
    let started = 0;
    const rule = { ...counting(0), start: () => counting(++started) };
    triage(findings, [rule]);
    triage(findings, [rule]);
    expect(started).toBe(2);
  });
});

describe("what a rule answers", () => {
  const rule = (judge: TriageRule["judge"], rest: Partial<TriageRule> = {}): TriageRule => ({
    id: "mine",
    judge,
    ...rest,
  });
  /** As: answers of callers whom no types have checked. */
  const answering = (answer: unknown): TriageRule => rule(() => answer as Verdict | undefined);

  test.each([[undefined], [null], [{ kind: "keep" }]])("keeps a finding: %j", (answer) => {
    expect(triage(findings, [answering(answer)])).toEqual({ findings, suppressed: [], diagnostics: [] });
  });

  test("takes one out with what was said about it, and nothing else", () => {
    const verdict = { kind: "suppress", by: "me", reason: "r" } as const;
    const [one] = findings;
    const all = { ...verdict, scope: "s", expires: "2030-01-01", origin: "o" };

    expect(triage([one!], [answering(verdict)]).suppressed).toStrictEqual([{ finding: one, by: "me", reason: "r" }]);
    expect(triage([one!], [answering(all)]).suppressed).toStrictEqual([
      { finding: one, by: "me", reason: "r", scope: "s", expires: "2030-01-01", origin: "o" },
    ]);
  });

  test.each([
    [{ kind: "suppress", by: "me" }],
    [{ kind: "suppress", reason: "r" }],
    [{ kind: "drop", by: "me", reason: "r" }],
    [{ kind: "suppress", by: 1, reason: "r" }],
    [{}],
    [true],
    ["keep"],
  ])("is refused where it is no verdict: %j", (answer) => {
    expect(() => triage(findings, [answering(answer)])).toThrow(
      new TypeError(
        'the triage rule mine returned no verdict: { kind: "keep" }, { kind: "suppress", by, reason } or undefined',
      ),
    );
  });

  test("is refused where it is a promise, which would count as keeping", () => {
    expect(() => triage(findings, [answering(Promise.resolve({ kind: "keep" }))])).toThrow(
      new TypeError(
        "the triage rule mine returns a promise; fetch what it needs before the scan, and return the verdict synchronously",
      ),
    );
  });

  test.each<[string, TriageRule]>([
    ["judges", rule(() => fail())],
    ["starts", rule(() => undefined, { start: () => fail() })],
    ["remarks", rule(() => undefined, { remarks: () => fail() })],
  ])("is told with the rule's name where it throws as it %s", (_name, throwing) => {
    expect(() => triage(findings, [throwing])).toThrow(ScanError);
    expect(() => triage(findings, [throwing])).toThrow("The triage rule mine failed: no network");
  });

  test("is asked of rules alone", () => {
    const none = { id: "none" } as TriageRule; // as: no types have checked it

    expect(() => triage(findings, [none])).toThrow("triage: rules: an object has no judge()");
  });

  test("may rest on the artifact and its packages, and on the package of each finding", () => {
    const runs: TriageRun[] = [];
    const asked: unknown[] = [];
    const curious = rule(() => undefined, {
      start: (run) => {
        runs.push(run);
        return rule((each, of) => void asked.push([each.id, of?.name]));
      },
    });
    const { artifact } = everyKindReport;
    const ofNone: Finding = { ...everyKindReport.secrets![0]! };
    triage([...findings, ofNone], [curious], [apk], artifact);
    triage([], [curious]);

    expect(runs).toEqual([
      { artifact, packages: [apk] },
      { artifact: undefined, packages: [] },
    ]);
    expect(asked).toEqual([
      ["CVE-1", "musl"],
      ["CVE-2", "musl"],
      ["CVE-3", undefined],
      [ofNone.id, undefined],
    ]);
  });

  function fail(): never {
    throw new Error("no network");
  }
});

describe("findings without a rating that a choice of severities leaves out", () => {
  const unrated = (count: number) =>
    Array.from({ length: count }, (_, at) => finding(`CVE-${at}`, lib, { severity: "UNKNOWN" }));

  test.each([
    [1, "1 unrated finding left out: nobody states a severity, so none was chosen by it"],
    [2, "2 unrated findings left out: nobody states a severity, so none was chosen by it"],
  ])("are counted: %i", (count, message) => {
    expect(triage(unrated(count), filterRules({ severities: ["HIGH"] })).diagnostics).toEqual([
      { kind: "diagnostic", code: "unrated-findings", effect: "none", message },
    ]);
  });

  test("are not, where another rule took them out", () => {
    const rules = filterRules({ severities: ["HIGH"], ignoreUnfixed: true });
    expect(triage(unrated(2), rules).diagnostics).toEqual([]);
  });
});

describe("findings judged in turns", () => {
  const packages = Array.from({ length: 2_000 }, (_, at) => pkg(`pkg:npm/p${at}@1`));
  const findings = packages.map((each, at) =>
    finding(`CVE-1-${at}`, each, { severity: at % 2 === 0 ? "HIGH" : "LOW" }),
  );
  const rules = filterRules({ severities: ["HIGH"], ignoreUnfixed: true });

  test("are judged the same, and others have their turn", async () => {
    const turns = countTurns();
    const triaged = await triageInTurns(findings, rules, { packages });
    turns.stop();

    expect(triaged).toEqual(triage(findings, rules, packages));
    // 768 bytes for each, with 256 KiB in a turn.
    expect(turns.count).toBeGreaterThanOrEqual(4);
  });

  test("until somebody stops it", async () => {
    const controller = new AbortController();
    let asked = 0;
    const rule: TriageRule = {
      id: "stop",
      judge: () => {
        if (++asked === 10) controller.abort(new Error("over"));
        return undefined;
      },
    };

    await expect(triageInTurns(findings, [rule], { signal: controller.signal })).rejects.toThrow("over");
    expect(asked).toBeLessThan(20);
  });
});
