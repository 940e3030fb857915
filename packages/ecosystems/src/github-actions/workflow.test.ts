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
  ignore: ({ facts }) => facts?.["workflow"] !== undefined || facts?.["image"] !== undefined,
});
testParserCases({
  folder: "misc/githubactions",
  analyzers: [githubWorkflow],
  as,
  ignore: ({ facts }) => facts?.["image"] !== undefined,
});

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
    ["pkg:docker/alpine@3.20", { image: "true" }, []],
  ]);
  expect(all.map((one) => (one.kind === "package" ? one.line : undefined))).toEqual([3, 6, 8, 9]);
});

test("images of jobs, services and actions", async () => {
  const digest = `sha256:${"ab".repeat(32)}`;
  const workflow = `jobs:
  build:
    container: node:20
    services:
      db:
        image: ghcr.io/owner/db:16@${digest}
      other:
        image: \${{ matrix.image }}
    steps: []
`;
  const purls = async (path: string, text: string): Promise<unknown> =>
    (await observe(githubWorkflow, path, text)).packages.map((pkg) => githubActions.purl(pkg, undefined));

  expect(await purls(".github/workflows/ci.yml", workflow)).toEqual([
    "pkg:docker/node@20",
    `pkg:docker/owner/db@sha256:${"ab".repeat(32)}?repository_url=ghcr.io`,
  ]);
  expect(await purls("action.yml", "runs:\n  using: docker\n  image: docker://localhost:5000/tool\n")).toEqual([
    "pkg:docker/tool@latest?repository_url=localhost:5000",
  ]);
  expect(await purls("action.yml", "runs:\n  using: docker\n  image: Dockerfile\n")).toEqual([]);
});

test("what moves is a gap, and so is what nobody publishes advisories for", () => {
  const gap = (version: string, facts?: Readonly<Record<string, string>>): string | undefined =>
    githubActions.lookupGap?.(
      {
        name: "a/b",
        version,
        id: "1",
        ecosystem: "",
        purl: "",
        locations: [],
        ...(facts === undefined ? {} : { facts }),
      },
      undefined,
    )?.code;

  expect(gap("v4")).toBe("unknown-version");
  expect(gap("main")).toBe("unknown-version");
  expect(gap("latest", { image: "true" })).toBe("no-advisories");
});

test("an action without a version to compare is a gap, and names are looked up in lower case", () => {
  const action = (version: string): Parameters<typeof githubActions.advisoryKeys>[0] => ({
    id: "1",
    name: "Tj-Actions/Changed-Files",
    version,
    ecosystem: "github-actions",
    purl: "",
    locations: [],
  });

  expect(githubActions.advisoryKeys(action("v45.0.1"), undefined)).toEqual([
    { namespace: "GitHub Actions", name: "tj-actions/changed-files", version: "45.0.1" },
  ]);
  for (const moving of ["v45", "main", "11bd71901bbe5b1630ceea73d27597364c9af683"]) {
    expect(githubActions.advisoryKeys(action(moving), undefined)).toEqual([]);
    expect(githubActions.lookupGap?.(action(moving), undefined)).toMatchObject({ code: "unknown-version" });
  }
});

test.each([
  [".github/workflows/ci.yml", 1],
  ["checkouts/app/.github/workflows/ci.yaml", 1],
  ["app/.github/actions/build/action.yml", 1],
  [".github/workflows/old/ci.yml", 0],
  ["app/x.github/workflows/ci.yml", 0],
  ["app/workflows/ci.yml", 0],
  ["app/transaction.yml", 0],
])("%s: %d actions are read", async (path, count) => {
  const text = "jobs: {a: {steps: [{uses: actions/checkout@v4}]}}\n";

  expect((await observe(githubWorkflow, path, text)).packages).toHaveLength(count);
});
