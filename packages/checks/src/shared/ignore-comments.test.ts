import { readConfigs } from "@plimsoll/configs";
import { growthProblem, madeLines } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { everyCheck } from "../every-check.ts";
import { runChecks } from "../run-checks.ts";
import type { CheckedConfigs } from "../run-checks.ts";

function run(path: string, text: string, ids: readonly string[], today?: string): CheckedConfigs {
  const checks = everyCheck.filter((check) => ids.includes(check.id));
  return runChecks(readConfigs([{ path, text }]).documents, { checks, today });
}

const pod = (comment: string, trailing = ""): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: agent}\nspec:\n  containers:\n${comment}  - name: a${trailing}\n    securityContext:\n      privileged: true\n`;

describe("comments ignore what they name", () => {
  test.each([
    ["a line above", pod("  #trivy:ignore:KSV-0017\n")],
    ["an alias", pod("  # trivy:ignore:AVD-KSV-0017\n")],
    ["any of a family", pod("  #trivy:ignore:ksv-*\n")],
    ["on the same line", pod("", " # plimsoll:ignore KSV-0017 it drives the disks")],
    ["beside the cause", `${pod("").trimEnd()} # plimsoll:ignore KSV-0017\n`],
    ["with an attribute", pod("  #trivy:ignore:KSV-0017[name=agent]\n")],
    ["with comments between", pod("  #trivy:ignore:KSV-0017\n  # note\n\n")],
    ["several at once", pod("  #trivy:ignore:KSV-0001 trivy:ignore:KSV-0017\n")],
    ["until a day that is to come", pod("  #trivy:ignore:KSV-0017:exp:2026-12-31\n")],
  ])("%s", (_, text) => {
    const { findings, suppressed } = run("a.yaml", text, ["KSV-0017"], "2026-11-28");

    expect(findings).toEqual([]);
    expect(suppressed).toMatchObject([
      { finding: { id: "KSV-0017" }, by: "comment", origin: expect.stringContaining("a.yaml, line ") as string },
    ]);
  });

  test.each([
    ["another check", pod("  #trivy:ignore:KSV-0018\n")],
    ["another resource", pod("  #trivy:ignore:KSV-0017[name=other]\n")],
    ["another line", `#trivy:ignore:KSV-0017\n${pod("")}`],
    ["an expired day", pod("  # plimsoll:ignore KSV-0017 for now until 2026-11-27\n")],
  ])("not %s, which is told", (_, text) => {
    const { findings, diagnostics } = run("a.yaml", text, ["KSV-0017"], "2026-11-28");

    expect(findings).toHaveLength(1);
    expect(diagnostics).toMatchObject([{ code: "triage", effect: "none" }]);
  });

  test("the reason is kept", () => {
    const { suppressed } = run("a.yaml", pod("  # plimsoll:ignore KSV-0017 it drives the disks until 2027-01-01\n"), [
      "KSV-0017",
    ]);

    expect(suppressed[0]?.reason).toBe("it drives the disks");
  });

  test("what has no place is ignored at the top of the file, by our own form", () => {
    const ours = run("Dockerfile", "# plimsoll:ignore DS-0026 a job\nFROM a:1\n", ["DS-0026"]);
    const theirs = run("Dockerfile", "#trivy:ignore:DS-0026\nFROM a:1\n", ["DS-0026"]);

    expect([ours.findings.length, theirs.findings.length]).toEqual([0, 1]);
  });

  test("a comment counts once for all documents of its file", () => {
    const text = `${pod("  #trivy:ignore:KSV-0017\n")}---\n${pod("")}`;
    const { findings, suppressed, diagnostics } = run("a.yaml", text, ["KSV-0017"]);

    expect([findings.length, suppressed.length, diagnostics.length]).toEqual([1, 1, 0]);
  });

  test("hostile comments cost linear time", () => {
    const size = 100_000;
    const text = `FROM a:1\n# plimsoll:ignore ${"*".repeat(1000)}x ${" until ".repeat(size)}\n#trivy:ignore:${"[".repeat(size)}\n${"#trivy:ignore:x\n".repeat(size)}`;
    expect(run("Dockerfile", text, ["DS-0001"]).findings).toEqual([]);
  });
});

test("twice as many comments and findings are about twice the work", async () => {
  const checks = everyCheck.filter(({ id }) => id === "KSV-0017");
  const made = new Map(
    [1, 2, 4].map((times) => {
      const pods = madeLines(100 * times, (at) => `${pod("  #trivy:ignore:KSV-0018\n").replace("agent", `a${at}`)}---`);
      return [times, readConfigs([{ path: "a.yaml", text: pods }]).documents];
    }),
  );

  expect(await growthProblem((times) => runChecks(made.get(times) ?? [], { checks }))).toBeUndefined();
});
