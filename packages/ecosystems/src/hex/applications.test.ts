import { observe, testParserCases } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { hexApplications } from "./applications.ts";
import { hex } from "./index.ts";

testParserCases({
  folder: "erlang/cataloger",
  analyzers: [hexApplications],
  only: ({ files }) => [...files.keys()].some((path) => path.endsWith(".app")),
  as: (path) => `ebin/${path}`,
});

test("applications of a release: a package of hex.pm by name, and a part of Erlang itself", async () => {
  const ranch = `{application, 'ranch', [\n\t{description, "Socket acceptor pool: 100% \\"Erlang\\"."},\n\t{vsn, "2.1.0"},\n\t{applications, [kernel,stdlib,ssl]}]}.`;
  const kernel = `%% {vsn, "0.0.0"}\n{application, kernel,\n [\n  {description, "ERTS  CXC 138 10"},\n  {vsn, "8.5.3"}, % of 25.2\n  {applications, []}]}.\n`;
  const { packages } = await observe(hexApplications, "app/lib/ranch-2.1.0/ebin/ranch.app", ranch);
  const own = await observe(hexApplications, "usr/lib/erlang/lib/kernel-8.5.3/ebin/kernel.app", kernel);
  const keys = [...packages, ...own.packages].map((pkg) =>
    hex.advisoryKeys({ ...pkg, id: "", ecosystem: "hex", purl: "", locations: [] }, undefined),
  );

  expect(packages).toEqual([
    { name: "ranch", version: "2.1.0", dependsOn: ["kernel", "stdlib", "ssl"], facts: { kind: "application" } },
  ]);
  expect([...packages, ...own.packages].map((pkg) => hex.purl(pkg, undefined))).toEqual([
    "pkg:hex/ranch@2.1.0",
    "pkg:otp/kernel@8.5.3",
  ]);
  expect(keys).toEqual([[{ namespace: "Hex", name: "ranch", version: "2.1.0", guessed: true }], []]);
});

test.each([
  ["Applications/Notes.app", '{application, a, [{vsn, "1"}]}.', 0],
  ["lib/a/ebin/a.app", "{application, a, [{vsn, git}]}.", 1],
  ["lib/a/ebin/a.app", "\0\0", 1],
  ["lib/a/ebin/a.app", `{application, a, [{vsn, ${'"'.repeat(50_000)}`, 1],
])("%s that says nothing: %#", async (path, text, problems) => {
  const { packages, diagnostics } = await observe(hexApplications, path, text);

  expect([packages.length, diagnostics.length]).toEqual([0, problems]);
});
