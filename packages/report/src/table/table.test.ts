import { emptyReport, sampleReport, testReporter } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { displayWidth } from "./display-width.ts";
import { table, type TableOptions } from "./index.ts";

function render(report = sampleReport, options: TableOptions = {}): string {
  return [...table(options).render(report)].join("");
}

testReporter(table(), { validate: (text) => expect(text).toMatch(/\nCoverage: .+\n/) });

describe("the table", () => {
  test("groups findings by what was looked at and counts them by severity", () => {
    const text = render();

    expect(text).toContain("OS packages (alpine 3.10.9)\n===========================\nTotal: 1 (1 medium)\n");
    expect(text).toContain("npm packages\n============\nTotal: 2 (1 critical, 1 negligible)\n");
    expect(text).toContain("Vulnerabilities: 3 (1 critical, 1 medium, 1 negligible)");
  });

  test("says what to upgrade and which layer brought how much", () => {
    const text = render();

    expect(text).toContain("1 of 2 can be fixed by upgrading:\n  lodash 4.17.4 → 4.17.12 fixes 1 of 2\n");
    expect(text).toContain("layer 0 (base image): 1 (1 medium)  /bin/sh -c #(nop) ADD file:alpine in /\n");
  });

  test("says that nothing was found, and that nothing could be looked at", () => {
    expect(render(emptyReport)).toContain("No vulnerabilities found.\nCoverage: Complete");

    const blind = render({
      ...emptyReport,
      coverage: { verdict: "unsupported", gaps: [{ code: "x", message: "Slackware is not supported" }] },
    });
    expect(blind).toContain("No vulnerabilities found in what could be looked up.");
    expect(blind).toContain(
      "Coverage: Nothing could be looked up, so no findings does not mean no vulnerabilities.\n  - Slackware is not supported\n",
    );

    const gap = "Slackware is not supported, since nobody publishes its advisories in a form that can be matched";
    const narrow = render(
      { ...emptyReport, coverage: { verdict: "partial", gaps: [{ code: "x", message: gap }] } },
      { width: 60 },
    );
    expect(narrow.split("\n").filter((line) => displayWidth(line) > 60)).toEqual([]);
    expect(narrow.replaceAll(/\n {2,}(?!- )/g, " ")).toContain(`  - ${gap}\n`);

    const { vulnerabilities: _, ...unasked } = emptyReport;
    expect(render(unasked)).toContain("Coverage: Not looked up: no advisories were given");
  });

  test("breaks no path in the middle of a name, and no address at all", () => {
    const text = render(sampleReport, { width: 100 });

    expect(text).toContain("https://nvd.nist.gov/vuln/detail/CVE-2019-10744\n");
    for (const part of ["app/", "node_modules/", "lodash/", "package.json", "GHSA-xxxx-yyyy-zzzz"])
      expect(text).toMatch(new RegExp(`│ ${part.replaceAll(".", "\\.")} +│`));
  });

  test("makes ids links where the terminal has some", () => {
    const text = render(sampleReport, { width: 120, links: true });
    const link = "\u001b]8;;https://nvd.nist.gov/vuln/detail/CVE-2019-10744\u001b\\CVE-2019-10744\u001b]8;;\u001b\\";

    expect(text).toContain(link);
    expect(text.replaceAll(link, "")).not.toContain("https://nvd.nist.gov/vuln/detail/CVE-2019-10744");
  });

  test("shows the worst section first", () => {
    const text = render(sampleReport, { width: 120 });

    expect(text.indexOf("\nnpm packages\n")).toBeLessThan(text.indexOf("\nOS packages"));
  });

  test.each([100, 120, 200])("draws a grid that fits a terminal of %i columns", (width) => {
    const grid = render(sampleReport, { width })
      .split("\n")
      .filter((line) => /^[│┌├└]/.test(line));

    expect(grid.length).toBeGreaterThan(0);
    expect(Math.max(...grid.map(displayWidth))).toBeLessThanOrEqual(width);
  });

  test("lists the findings where seven columns would not fit", () => {
    const text = render(sampleReport, { width: 80 });

    expect(text).not.toContain("┌");
    expect(text).toContain(
      "lodash 4.17.4\napp/node_modules/lodash/package.json\n  CRITICAL CVE-2019-10744, fixed in 4.17.12, exploited (KEV), EPSS 31 %\n    Prototype pollution in lodash\n    https://nvd.nist.gov/vuln/detail/CVE-2019-10744\n",
    );
  });

  test("lists all packages when asked", () => {
    expect(render()).not.toContain("ssl_client");
    expect(render(sampleReport, { listAllPackages: true })).toMatch(/│ ssl_client │ 1.30.1-r5 │ busybox 1.30.1-r5 │/);
  });

  test("shows who needs the vulnerable package when asked", () => {
    const text = render(sampleReport, { dependencyTree: true });

    expect(text).toContain("lodash@4.17.4 (CRITICAL: 1, NEGLIGIBLE: 1)\n└── shop@1.0.0, root\n");
    expect(text).toContain("musl@1.1.22-r3 (MEDIUM: 1)\n└── ssl_client@1.30.1-r5\n");
  });

  test("survives dependency cycles", () => {
    const packages = sampleReport.packages.map((pkg) => ({
      ...pkg,
      dependencies: sampleReport.packages.map(({ id }) => id),
    }));

    expect(render({ ...sampleReport, packages }, { dependencyTree: true }).length).toBeLessThan(100_000);
  });

  test("tells how many findings are suppressed, and which when asked", () => {
    expect(render()).toContain("1 more is suppressed by rules.");
    expect(render(sampleReport, { showSuppressed: true })).toContain(
      "CVE-2019-14697 in ssl_client 1.30.1-r5: vex, not_affected",
    );
  });

  test("paints only when asked", () => {
    expect(render()).not.toContain("\u001b[");
    expect(render(sampleReport, { color: true })).toContain("\u001b[1;31mCRITICAL");
  });
});
