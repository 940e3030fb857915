import { observe, testParserCases } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { condaEnvironment, condaLock } from "./declared.ts";
import { conda } from "./index.ts";
import { condaMeta } from "./meta.ts";

const asMeta = (): string => "env/conda-meta/any.json";

testParserCases({ folder: "conda/meta", analyzers: [condaMeta], as: asMeta });
testParserCases({ folder: "conda/analyzer-meta", analyzers: [condaMeta], as: asMeta });
testParserCases({ folder: "conda/cataloger", analyzers: [condaMeta] });
testParserCases({ folder: "conda/analyzer-environment", analyzers: [condaEnvironment], as: () => "environment.yaml" });
testParserCases({ folder: "python/condameta", analyzers: [condaMeta], as: asMeta });

test("conda-meta: identity, files, and the Python distribution among them", async () => {
  const { all, packages } = await observe(
    condaMeta,
    "opt/conda/conda-meta/requests-2.31.0-py311_0.json",
    JSON.stringify({
      name: "requests",
      version: "2.31.0",
      build: "py311_0",
      channel: "https://conda.anaconda.org/conda-forge/noarch",
      subdir: "noarch",
      license: "Apache-2.0",
      depends: ["python >=3.7", "urllib3>=1.21"],
      files: ["lib/python3.11/site-packages/requests-2.31.0.dist-info/METADATA", "../escape", "/etc/passwd"],
    }),
  );

  expect(packages).toEqual([
    {
      name: "requests",
      version: "2.31.0",
      licenses: ["Apache-2.0"],
      dependsOn: ["python", "urllib3"],
      facts: { build: "py311_0", channel: "conda-forge", subdir: "noarch", pypi: "requests" },
    },
  ]);
  expect(all.at(-1)).toEqual({
    kind: "ownership",
    owner: "requests",
    paths: ["opt/conda/lib/python3.11/site-packages/requests-2.31.0.dist-info/METADATA"],
  });
  expect(conda.purl(packages[0] ?? { name: "", version: "" }, undefined)).toBe(
    "pkg:conda/requests@2.31.0?build=py311_0&channel=conda-forge&subdir=noarch",
  );
});

test("JSON files elsewhere are nobody's business here", async () => {
  expect((await observe(condaMeta, "app/package.json", "not JSON")).all).toEqual([]);
});

test("conda-lock: once for all platforms, without what pip installs", async () => {
  const { packages } = await observe(
    condaLock,
    "conda-lock.yml",
    "version: 1\npackage:\n- name: zlib\n  version: 1.2.13\n  manager: conda\n  platform: linux-64\n  dependencies: {libgcc-ng: '>=12', __glibc: '>=2'}\n  category: main\n- name: zlib\n  version: 1.2.13\n  manager: conda\n  platform: osx-64\n- name: pytest\n  version: '8.0'\n  category: dev\n- name: requests\n  version: '2'\n  manager: pip\n",
  );

  expect(packages).toEqual([
    { name: "zlib", version: "1.2.13", dependsOn: ["libgcc-ng"] },
    { name: "pytest", version: "8.0", scope: "dev" },
  ]);
});
