import { observe, testParserCases } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { condaEnvironment, condaExplicit, condaLock } from "./declared.ts";
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

test("explicit lists: one address a line, whatever the file is called", async () => {
  const text = `# This file may be used to create an environment using:
# platform: linux-64
@EXPLICIT
https://conda.anaconda.org/conda-forge/linux-64/_libgcc_mutex-0.1-conda_forge.tar.bz2#d7c89558ba9fa0495403155b64376d81
https://conda.anaconda.org/conda-forge/noarch/python-dateutil-2.9.0-py311_0.conda
https://conda.example.com/t/my-token/get/other/linux-64/zlib-1.2.13-h166bdaf_4.conda#sha256:${"ab".repeat(32)}
nonsense
`;
  const { packages, diagnostics } = await observe(condaExplicit, "env/spec-file.txt", text);

  expect(packages).toEqual([
    {
      name: "_libgcc_mutex",
      version: "0.1",
      hashes: { md5: "d7c89558ba9fa0495403155b64376d81" },
      facts: { build: "conda_forge", channel: "conda-forge", subdir: "linux-64" },
    },
    {
      name: "python-dateutil",
      version: "2.9.0",
      facts: { build: "py311_0", channel: "conda-forge", subdir: "noarch" },
    },
    {
      name: "zlib",
      version: "1.2.13",
      hashes: { sha256: "ab".repeat(32) },
      facts: { build: "h166bdaf_4", channel: "other", subdir: "linux-64" },
    },
  ]);
  expect(diagnostics).toMatchObject([{ location: { path: "env/spec-file.txt", line: 7 } }]);
  expect((await observe(condaExplicit, "requirements.txt", "requests==2.0\n")).all).toEqual([]);
});
