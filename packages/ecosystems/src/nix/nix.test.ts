import { observe } from "@plimsoll/testkit";
import type { FileAnalyzer } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import { nix, parseStorePath } from "./index.ts";

const [register, programs] = nix.analyzers as readonly [FileAnalyzer, FileAnalyzer];
const hash = "0c0ca2nwyaypm8cinvr8hnhwb8ivwhqq";

describe("store paths", () => {
  test.each([
    ["glibc-2.38-44", ["glibc", "2.38-44", undefined]],
    ["glibc-2.38-44-bin", ["glibc", "2.38-44", "bin"]],
    ["python3.11-requests-2.31.0", ["python3.11-requests", "2.31.0", undefined]],
    ["openssl-3.0.12-dev", ["openssl", "3.0.12", "dev"]],
    ["source", undefined],
    ["bash-5.2.drv", undefined],
    ["-1", undefined],
  ])("%s is %j", (entry, expected) => {
    const found = parseStorePath(`nix/store/${hash}-${entry}/bin/x`)?.package;

    expect(found === undefined ? undefined : [found.name, found.version, found.facts?.["output"]]).toEqual(expected);
  });

  test.each(["nix/store/short-a-1/x", "opt/x", `opt/nix/store/${hash}-a-1`])("%s is none", (path) => {
    expect(parseStorePath(path)).toBeUndefined();
  });
});

test("a program stands for the store path it lies in", async () => {
  const { all } = await observe(programs, `nix/store/${hash}-bash-5.2/bin/bash`, "#!");

  expect(all).toEqual([
    {
      kind: "package",
      package: { name: "bash", version: "5.2", key: `${hash}-bash-5.2`, facts: { outputhash: hash } },
      at: `nix/store/${hash}-bash-5.2`,
    },
  ]);
  expect((await observe(programs, "usr/bin/bash", "#!")).all).toEqual([]);
});

test("a register that is no database is reported", async () => {
  expect((await observe(register, "nix/var/nix/db/db.sqlite", "x")).diagnostics).toHaveLength(1);
});
