import { findingKinds, findingsOf, isProblem } from "@plimsoll/model";
import { everyKindReport } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { leftOutSentence } from "./index.ts";
import { readReport } from "./json/read.ts";
import { everyReporter, reporterFor } from "./reporters.ts";

const template = "{% for finding in findings %}{{ finding.kind }} {{ finding.id }}\n{% endfor %}";

describe.each([...everyReporter.keys()])("%s", (id) => {
  const reporter = reporterFor(id, { template, showSuppressed: true });
  const text = [...reporter.render(everyKindReport)].join("");

  test("shows every finding of the kinds that it declares", () => {
    const shown = findingsOf(everyKindReport).filter(({ kind }) => reporter.shows.includes(kind));

    for (const finding of shown.filter(isProblem)) expect(text).toContain(finding.id);
  });

  test("has no finding of another kind, and says what it left out", () => {
    const left = findingKinds.filter((kind) => !reporter.shows.includes(kind));
    const sentence = leftOutSentence(everyKindReport, reporter);

    for (const finding of findingsOf(everyKindReport))
      if (left.includes(finding.kind)) expect(text).not.toContain(`"${finding.fingerprint}"`);
    expect(sentence === undefined).toBe(left.length === 0);
    if (left.includes("secret")) expect(sentence).toContain("1 secret");
  });
});

test("of a report with all kinds nothing is lost in JSON", () => {
  expect(readReport([...reporterFor("json").render(everyKindReport)].join(""))).toEqual(everyKindReport);
});

test("a format that has room for a remark says in the document what is left out", () => {
  const { scan } = JSON.parse([...reporterFor("gitlab").render(everyKindReport)].join("")) as {
    readonly scan: { readonly messages: readonly { readonly value: string }[] };
  };

  expect(scan.messages.at(-1)?.value).toBe(
    "gitlab has no place for 1 secret, 1 license, 2 misconfigurations: left out",
  );
});

test("a check that passed is a test that passed, a result of its kind, and no annotation", () => {
  const render = (id: string): string => [...reporterFor(id).render(everyKindReport)].join("");
  const { runs } = JSON.parse(render("sarif")) as { readonly runs: readonly { readonly results: readonly object[] }[] };

  expect(render("github-annotations")).not.toContain("DS-0026");
  expect(render("junit")).toMatch(/<testcase name="\[LOW\] DS-0026"[^>]*(?:\/>|><\/testcase>)/);
  expect(runs[0]?.results).toContainEqual(expect.objectContaining({ ruleId: "DS-0026", kind: "pass", level: "none" }));
});
