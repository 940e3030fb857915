import { observe, testParserCases } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { opam } from "./index.ts";
import { opamDescription, opamInstalled, opamLock, opamSwitch } from "./analyzers.ts";
import { readOpamFields } from "./opam-file.ts";

const state = "root/.opam/default/.opam-switch/switch-state";

describe("opam/switch", () => {
  test("tells what is installed from what was asked for", async () => {
    const { all } = await observe(
      opamSwitch,
      state,
      `opam-version: "2.0"
compiler: ["ocaml-base-compiler.4.14.0"]
roots: ["dune.3.6.1"]
installed: [
  "base-unix.base"
  # a comment
  "dune.3.6.1"
  "nonsense"
]
`,
    );

    expect(all).toMatchObject([
      { package: { name: "base-unix", version: "base", relationship: "indirect" }, line: 5 },
      { package: { name: "dune", version: "3.6.1", relationship: "direct" }, line: 7 },
      { kind: "diagnostic", location: { path: state, line: 8 } },
    ]);
  });
});

const description = `opam-version: "2.0"
maintainer: "A <a@example.org>"
license: ["MIT" "ISC"]
description: """
name: "not this" { [ """
depends: [
  "ocaml" {>= "4.08" & < "5.0"}
  ("lwt" | "async" {= "v0.16.0"}) (* either *)
  "alcotest" {with-test & >= "1.0"}
]
build: ["dune" "build" "-p" name]
url { src: "https://example.org/a.tbz" }
`;

describe("opam files", () => {
  test("of a switch are installed packages", async () => {
    const path = "root/.opam/default/.opam-switch/packages/cohttp.5.0.0/opam";
    const { packages } = await observe(opamInstalled, path, description);

    expect(packages).toEqual([
      {
        name: "cohttp",
        version: "5.0.0",
        licenses: ["MIT", "ISC"],
        supplier: "A <a@example.org>",
        dependsOn: ["ocaml", "lwt", "async"],
      },
    ]);
    expect((await observe(opamDescription, path, description)).all).toEqual([]);
  });

  test("of a project count when they state a version", async () => {
    expect((await observe(opamDescription, "app/cohttp.opam", description)).packages).toEqual([]);
    expect(
      (await observe(opamDescription, "app/cohttp.opam", `version: "1.2"\n${description}`)).packages,
    ).toMatchObject([{ name: "cohttp", version: "1.2", relationship: "root" }]);
    expect((await observe(opamDescription, "usr/bin/opam", "\u007fELF")).all).toEqual([]);
  });

  test("that are locked pin what they ask for", async () => {
    const { all } = await observe(
      opamLock,
      "app/cohttp.opam.locked",
      'opam-version: "2.0"\ndepends: [\n  "lwt" {= "5.6.1"}\n  "alcotest" {= "1.7.0" & with-test}\n  "free"\n]\n',
    );

    expect(all).toEqual([
      { kind: "package", package: { name: "lwt", version: "5.6.1" }, line: 3 },
      { kind: "package", package: { name: "alcotest", version: "1.7.0", scope: "dev" }, line: 4 },
    ]);
  });
});

test.each(["(*".repeat(100_000), '"'.repeat(99_999), "{".repeat(100_000), "a:".repeat(50_000), '"\\'.repeat(50_000)])(
  "odd text is read in linear time (%#)",
  (text) => {
    const start = performance.now();
    readOpamFields(text);

    expect(performance.now() - start).toBeLessThan(5_000);
  },
);

test("identity and advisories", () => {
  const pkg = { id: "a", ecosystem: "opam", purl: "pkg:opam/a", locations: [], name: "cohttp", version: "5.0.0" };

  expect(opam.purl(pkg, undefined)).toBe("pkg:opam/cohttp@5.0.0");
  expect(opam.advisoryKeys(pkg, undefined)).toEqual([{ namespace: "opam", name: "cohttp", version: "5.0.0" }]);
});

testParserCases({ folder: "ocaml/cataloger", analyzers: [opamInstalled, opamDescription] });
// The files of these cases are lists of packages, as a switch keeps them.
testParserCases({ folder: "ocaml/opam", analyzers: [opamSwitch], as: () => state });
