import { observe } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { stackProject } from "./freeze-files.ts";

const sha = "a".repeat(64);

test("stack.yaml: what stands besides the snapshot", async () => {
  const { packages, diagnostics } = await observe(
    stackProject,
    "app/stack.yaml",
    `snapshot: lts-22.1
packages: [.]
extra-deps:
- acme-missiles-0.3
- text-short-0.1.5@sha256:${sha},2893
- http-client-0.7.13@rev:2
- ./vendor/own-1.0
- vendor/own-2.0
- git: https://example.com/fork.git
  commit: abc
- https://example.com/archive-1.0.tar.gz
`,
  );

  expect(packages).toEqual([
    { name: "acme-missiles", version: "0.3", relationship: "direct" },
    { name: "text-short", version: "0.1.5", relationship: "direct", facts: { "cabal-file-sha256": sha } },
    { name: "http-client", version: "0.7.13", relationship: "direct" },
  ]);
  expect(diagnostics.map(({ code, message }) => [code, message])).toEqual([
    ["unknown-version", "app/stack.yaml: the version of the package from https://example.com/fork.git is not stated"],
    [
      "unknown-version",
      "app/stack.yaml: the version of the package from https://example.com/archive-1.0.tar.gz is not stated",
    ],
  ]);
});

test("the lock file beside it takes its place", () => {
  expect(stackProject.yieldsTo?.sibling).toBe("stack.yaml.lock");
});
