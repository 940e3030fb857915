import { observe } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { nixFlake } from "./index.ts";
import { flakeLock } from "./lock.ts";

const commit = (letter: string): string => letter.repeat(40);
const lock = {
  nodes: {
    nixpkgs: {
      locked: {
        lastModified: 1,
        narHash: "sha256-a",
        owner: "NixOS",
        repo: "nixpkgs",
        rev: commit("a"),
        type: "github",
      },
      original: { id: "nixpkgs", type: "indirect" },
    },
    systems: { locked: { owner: "nix-systems", repo: "default", rev: commit("b"), type: "gitlab" } },
    utils: {
      inputs: { nixpkgs: ["nixpkgs"], systems: "systems", mine: ["tool", "nixpkgs"], lost: ["none", "at all"] },
      locked: { type: "git", url: "https://example.org/flakes/utils.git?ref=main", rev: commit("c") },
    },
    archive: { flake: false, locked: { type: "tarball", url: "https://example.org/a/1.tar.gz", narHash: "sha256-b" } },
    own: { locked: { type: "path", path: "./sub" } },
    root: { inputs: { nixpkgs: "nixpkgs", tool: "utils", archive: "archive", own: "own" } },
  },
  root: "root",
  version: 7,
};

test("inputs with their commits, edges and places", async () => {
  const { packages, all, diagnostics } = await observe(flakeLock, "flake.lock", JSON.stringify(lock, null, 2));

  expect(diagnostics).toEqual([]);
  expect(
    packages.map((pkg) => [nixFlake.purl(pkg, undefined), pkg.key, pkg.relationship, pkg.dependsOn ?? []]),
  ).toEqual([
    [`pkg:github/nixos/nixpkgs@${commit("a")}`, "nixpkgs", "direct", []],
    [
      `pkg:generic/nix-systems%2Fdefault@${commit("b")}?vcs_url=git%2Bhttps:%2F%2Fgitlab.com%2Fnix-systems%2Fdefault`,
      "systems",
      "indirect",
      [],
    ],
    [
      `pkg:generic/utils@${commit("c")}?vcs_url=https:%2F%2Fexample.org%2Fflakes%2Futils.git%3Fref%3Dmain`,
      "utils",
      "direct",
      // `tool` is what the root calls `utils`, whose `nixpkgs` follows that of the root in turn.
      ["nixpkgs", "systems"],
    ],
    ["pkg:generic/1.tar.gz@sha256-b?download_url=https:%2F%2Fexample.org%2Fa%2F1.tar.gz", "archive", "direct", []],
  ]);
  expect(all.map((one) => (one.kind === "package" ? one.line : undefined))).toEqual([3, 17, 25, 46]);
});

test("inputs that follow each other in a circle end", async () => {
  const nodes = {
    root: { inputs: { a: ["b"], b: ["a"], c: "c" } },
    c: { ...lock.nodes.nixpkgs, inputs: { x: ["a"], y: Array.from({ length: 1_000 }, () => "c") } },
  };

  const { packages } = await observe(flakeLock, "flake.lock", JSON.stringify({ nodes, root: "root" }));

  expect(packages.map(({ key, dependsOn }) => [key, dependsOn])).toEqual([["c", undefined]]);
});

test("an input without a lock is named, the others are kept", async () => {
  const { packages, diagnostics } = await observe(
    flakeLock,
    "flake.lock",
    JSON.stringify({ nodes: { a: { locked: 1 }, b: lock.nodes.nixpkgs, root: { inputs: { a: "a", b: "b" } } } }),
  );

  expect(packages.map(({ key }) => key)).toEqual(["b"]);
  expect(diagnostics).toMatchObject([{ message: "flake.lock: the input a is not locked" }]);
});

test.each(["", "{", "[]", '{"nodes":[]}', '{"__proto__":{"nodes":{}}}'])("%j is reported", async (text) => {
  const { packages, diagnostics } = await observe(flakeLock, "flake.lock", text);

  expect(packages).toEqual([]);
  expect(diagnostics).toHaveLength(1);
});
