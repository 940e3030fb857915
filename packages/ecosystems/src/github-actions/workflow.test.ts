import { observe, testParserCases } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { githubActions } from "./index.ts";
import { githubWorkflow } from "./workflow.ts";

const as = (path: string): string => `.github/workflows/${path.slice(path.lastIndexOf("/") + 1)}`;

testParserCases({
  folder: "githubactions/cataloger",
  analyzers: [githubWorkflow],
  as,
  // Syft has another parser for workflows that are called.
  ignore: ({ facts }) => facts?.["workflow"] !== undefined,
});
testParserCases({ folder: "misc/githubactions", analyzers: [githubWorkflow], as });

test("tags, commits with and without comment, workflows, images and the repository's own", async () => {
  const { packages, all } = await observe(
    githubWorkflow,
    ".github/workflows/ci.yml",
    `jobs:
  call:
    uses: org/repo/.github/workflows/build.yml@v1.2.3
  build:
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
      - name: cache
        uses: "actions/cache/restore@v4"
      - uses: docker://alpine:3.20
      - uses: ./.github/actions/own
`,
  );

  expect(
    packages.map((pkg) => [
      githubActions.purl(pkg, undefined),
      pkg.facts,
      githubActions.advisoryKeys({ ...pkg, id: "1", ecosystem: "", purl: "", locations: [] }, undefined),
    ]),
  ).toEqual([
    [
      "pkg:github/org/repo@v1.2.3",
      { workflow: ".github/workflows/build.yml" },
      [{ namespace: "GitHub Actions", name: "org/repo", version: "1.2.3" }],
    ],
    [
      "pkg:github/actions/checkout@v4.2.2",
      { commit: "11bd71901bbe5b1630ceea73d27597364c9af683" },
      [{ namespace: "GitHub Actions", name: "actions/checkout", version: "4.2.2" }],
    ],
    ["pkg:github/actions/cache@v4#restore", undefined, []],
  ]);
  expect(all.map((one) => (one.kind === "package" ? one.line : undefined))).toEqual([3, 6, 8]);
});
