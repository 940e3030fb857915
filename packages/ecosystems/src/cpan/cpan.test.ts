import { observe, testParserCases } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { cpan } from "./index.ts";
import { cpanInstalled, cpanMeta } from "./meta.ts";

testParserCases({
  folder: "perl/cpan",
  analyzers: [cpanMeta],
  as: (path) => (path.endsWith(".yml") ? "META.yml" : "META.json"),
  deviations: {
    "scalibr-testextract-skipped-yml-file": "a META.yml that a newer META.json would replace is read all the same",
  },
});

test("what a CPAN client installed", async () => {
  const meta = '{"name":"URI","version":"5.34","license":["perl_5"],"author":["Gisle Aas"]}';
  const { packages } = await observe(cpanInstalled, "usr/local/lib/perl5/site_perl/.meta/URI-5.34/MYMETA.json", meta);

  expect(packages).toEqual([{ name: "URI", version: "5.34", licenses: ["perl_5"], supplier: "Gisle Aas" }]);
  expect(cpan.purl(packages[0] ?? { name: "", version: "" }, undefined)).toBe("pkg:cpan/URI@5.34");
  expect((await observe(cpanInstalled, "src/URI/MYMETA.json", meta)).all).toEqual([]);
});
