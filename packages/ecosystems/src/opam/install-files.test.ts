import type { LocatedObservation } from "@plimsoll/model";
import { analyzedFile } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { opamInstallFiles } from "./install-files.ts";

test("packages whose files are in a switch that has no state", async () => {
  const files = [
    ["root/.opam/4.14/.opam-switch/install/cohttp.install", 'lib: ["x"]'],
    ["root/.opam/4.14/.opam-switch/install/dune.install", ""],
    ["root/.opam/4.14/.opam-switch/install/known.install", ""],
    ["root/.opam/4.14/lib/cohttp/META", 'description = ""\nversion = "5.0.0"\npackage "a" (\n version = "1"\n)\n'],
  ].map(([path = "", text = ""]) => analyzedFile(path, text));
  const observed: LocatedObservation[] = [
    {
      observation: { kind: "package", package: { name: "known", version: "1.0" } },
      path: "root/.opam/4.14/.opam-switch/switch-state",
      analyzer: "opam/switch",
    },
  ];
  const retained = {
    get: (path: string) => files.find((file) => file.path === path),
    [Symbol.iterator]: () => files.values(),
  };
  const all = [];
  for await (const one of opamInstallFiles.analyze(retained, observed, {})) all.push(one);

  expect(all).toMatchObject([
    { package: { name: "cohttp", version: "5.0.0" }, at: "root/.opam/4.14/.opam-switch/install/cohttp.install" },
    { kind: "diagnostic", code: "unknown-version", effect: "none" },
  ]);
});

test("only files of switches are kept", async () => {
  const wants = (path: string): unknown => opamInstallFiles.wants?.(analyzedFile(path, ""));

  expect(wants("usr/share/doc/a.install")).toBe(false);
  expect(wants("opt/Foo.jar/META")).toBe(false);
  expect(wants("s/lib/lwt/META")).toBe(true);
});
