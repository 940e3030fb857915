import { readFileSync } from "node:fs";
import { findingKinds, severities } from "@plimsoll/model";
import { everyKindReport, sampleReport } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { template } from "./index.ts";

/** docs/guide/templates.md names what there is. */

const page = readFileSync(new URL("../../../../docs/guide/templates.md", import.meta.url), "utf8");
const render = (source: string, report = everyKindReport): string => [...template(source).render(report)].join("");

/** First cells of the page's tables. */
const named = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = ""]) => name);
const filters = named.slice(named.indexOf("raw"));

describe("docs/guide/templates.md", () => {
  test("has a template that works", () => {
    const source = /^```liquid\n([^]*?)^```/m.exec(page)?.[1] ?? "";
    const text = render(source, sampleReport);

    expect(text).toContain(`${sampleReport.artifact.name}: `);
    expect(text).toContain(sampleReport.vulnerabilities?.[0]?.id);
    expect(text).toMatch(/^Coverage: \w+$/m);
  });

  test("names every variable, and none that is not there", () => {
    const variables = named.slice(0, named.indexOf("raw"));

    expect(variables).toEqual(["report", "targets", "findings", "counts", "total", "unrated"]);
    for (const variable of variables) expect(render(`{{ ${variable} | json | raw }}`)).not.toBe("");
    for (const [, path = ""] of page.matchAll(/`((?:report|counts)\.\w+)`/g))
      if (path !== "report.diagnostics" && path !== "report.advisories")
        expect(`${path} ${render(`{{ ${path} | json | raw }}`)}`).not.toBe(`${path} `);
    expect(severities.every((severity) => page.includes(`counts.${severity}`))).toBe(true);
  });

  test("names keys that targets and findings have", () => {
    const row = (name: string): readonly string[] =>
      [...(new RegExp(`^\\| \`${name}\` \\|(.*)$`, "m").exec(page)?.[1] ?? "").matchAll(/`(\w+)`/g)].map(
        ([, key = ""]) => key,
      );

    for (const key of row("targets").filter((each) => !["os", "library", "path"].includes(each)))
      expect(`${key} ${render(`{{ targets[0].${key} | json | raw }}`)}`).not.toBe(`${key} `);
    for (const kind of findingKinds)
      for (const key of row("findings").filter((each) => each !== "title"))
        expect(
          `${key} ${render(`{% assign found = findings | where: "kind", "${kind}" | first %}{{ found.${key} | json | raw }}`)}`,
        ).not.toBe(`${key} `);
  });

  test("names filters that there are", () => {
    expect(filters).toEqual(["raw", "escape", "markdown", "csv", "json", "url"]);
    for (const filter of filters) expect(render(`{{ findings[0] | ${filter} }}`)).not.toContain("{{");
  });
});
