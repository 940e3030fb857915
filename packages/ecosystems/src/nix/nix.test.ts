import { readFileSync } from "node:fs";
import type { FileAnalyzer, TreeAnalyzer } from "@plimsoll/model";
import { observe } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { parseStorePath } from "../shared/reading/store-paths.ts";
import { nix, nixStore } from "./index.ts";

const [register, paths] = nix.analyzers as readonly [TreeAnalyzer, FileAnalyzer];
const hash = "0c0ca2nwyaypm8cinvr8hnhwb8ivwhqq";

describe("store paths", () => {
  test.each([
    ["glibc-2.38-44", ["glibc", "2.38-44", undefined]],
    ["glibc-2.38-44-bin", ["glibc", "2.38-44", "bin"]],
    ["python3.11-requests-2.31.0", ["python3.11-requests", "2.31.0", undefined]],
    ["openssl-3.0.12-dev", ["openssl", "3.0.12", "dev"]],
    ["source", undefined],
    ["bash-5.2.drv", undefined],
    ["hello-2.12.1.tar.gz", undefined],
    ["glib-2.78.4-fix.patch", undefined],
    ["libxml2-2.11.5-py", ["libxml2", "2.11.5", "py"]],
    ["-1", undefined],
  ])("%s is %j", (entry, expected) => {
    const found = parseStorePath(nixStore, `nix/store/${hash}-${entry}/bin/x`)?.package;

    expect(found === undefined ? undefined : [found.name, found.version, found.facts?.["output"]]).toEqual(expected);
  });

  test.each(["nix/store/short-a-1/x", "opt/x", `opt/nix/store/${hash}-a-1`])("%s is none", (path) => {
    expect(parseStorePath(nixStore, path)).toBeUndefined();
  });
});

test("any file stands for the store path it lies in, and so does a path that is a file itself", async () => {
  const entry = { name: "bash", version: "5.2", key: `${hash}-bash-5.2`, facts: { outputhash: hash } };
  for (const path of [`nix/store/${hash}-bash-5.2/share/doc/a.txt`, `nix/store/${hash}-bash-5.2`])
    expect((await observe(paths, path, "")).all).toEqual([
      { kind: "package", package: entry, at: `nix/store/${hash}-bash-5.2` },
    ]);
  expect((await observe(paths, "nix/store/.links/abc", "")).all).toEqual([]);
});

test("a register that Nix made", async () => {
  const { all } = await observe(
    register,
    nixStore.register,
    new Uint8Array(readFileSync(new URL("fixtures/db.sqlite", import.meta.url))),
  );

  expect(all).toEqual([
    {
      kind: "package",
      package: {
        name: "hello",
        version: "2.12.1",
        key: "g7sbf6fkif2zlgwyn8i11yzg8r2m8zlf-hello-2.12.1",
        facts: { outputhash: "g7sbf6fkif2zlgwyn8i11yzg8r2m8zlf" },
      },
      at: "nix/store/g7sbf6fkif2zlgwyn8i11yzg8r2m8zlf-hello-2.12.1",
    },
  ]);
});

test("a register that is no database is reported", async () => {
  expect((await observe(register, nixStore.register, "x")).diagnostics).toHaveLength(1);
});
