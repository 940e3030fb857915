import { observe, testParserCases } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { pypiPixi } from "../pypi/pixi.ts";
import { condaEnvironment, condaExplicit, condaLock } from "./declared.ts";
import { conda } from "./index.ts";
import { condaMeta } from "./meta.ts";
import { condaPixi } from "./pixi.ts";

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
  const { all, packages } = await observe(
    condaLock,
    "conda-lock.yml",
    "version: 1\npackage:\n- name: zlib\n  version: 1.2.13\n  manager: conda\n  platform: linux-64\n  dependencies: {libgcc-ng: '>=12', __glibc: '>=2'}\n  category: main\n- name: zlib\n  version: 1.2.13\n  manager: conda\n  platform: osx-64\n- name: pytest\n  version: '8.0'\n  category: dev\n- name: requests\n  version: '2'\n  manager: pip\n",
  );

  expect(packages).toEqual([
    { name: "zlib", version: "1.2.13", dependsOn: ["libgcc-ng"] },
    { name: "pytest", version: "8.0", scope: "dev" },
  ]);
  expect(all).toMatchObject([{ line: 3 }, { line: 13 }]);
});

describe("pixi.lock", () => {
  const wheel = "https://files.pythonhosted.org/packages/ab/certifi-2024.8.30-py3-none-any.whl";
  const channel = "https://conda.anaconda.org/conda-forge";
  const locked = `version: 6
environments:
  default:
    packages:
      linux-64:
      - conda: ${channel}/linux-64/zlib-1.2.13-h166bdaf_4.conda
      - pypi: ${wheel}
packages:
- conda: ${channel}/linux-64/zlib-1.2.13-h166bdaf_4.conda
  sha256: ${"ab".repeat(32)}
  depends:
  - __glibc >=2.17,<3.0.a0
  - libgcc >=13
  license: Zlib
  purls: []
- conda: ${channel}/osx-64/zlib-1.2.13-h166bdaf_4.conda
- conda: ${channel}/noarch/requests-2.31.0-pyhd8ed1ab_0.conda
  purls:
  - pkg:pypi/requests?source=hash-mapping
- conda: .
  name: built
  version: 0.2.0
- conda: ../no-version
- pypi: ${wheel}
  name: certifi
  version: 2024.8.30
  requires_dist:
  - idna>=2
  - pytest ; extra == 'dev'
- pypi: https://example.org/whl/torch-2.0.0%2Bcu118-cp311-cp311-linux_x86_64.whl
- pypi: ./
  name: app
  version: 0.1.0
- pypi: git+https://example.org/own.git@abc
  name: own
  version: 1.0.0
`;

  test("packages of conda, once for all platforms", async () => {
    const { all } = await observe(condaPixi, "pixi.lock", locked);

    expect(all).toEqual([
      {
        kind: "package",
        package: { name: "zlib", version: "1.2.13", licenses: ["Zlib"], dependsOn: ["libgcc"] },
        line: 9,
      },
      { kind: "package", package: { name: "requests", version: "2.31.0" }, line: 17 },
      { kind: "package", package: { name: "built", version: "0.2.0", origin: "path" }, line: 20 },
    ]);
  });

  test("what comes from PyPI, and what packages of conda are there", async () => {
    const { all } = await observe(pypiPixi, "pixi.lock", locked);

    expect(all).toMatchObject([
      { package: { name: "certifi", version: "2024.8.30", dependsOn: ["idna"] }, line: 24 },
      { package: { name: "torch", version: "2.0.0+cu118" }, line: 30 },
      { package: { name: "app", version: "0.1.0", origin: "project" }, line: 31 },
      { package: { name: "own", origin: "repository" } },
      { package: { name: "requests", version: "2.31.0", confidence: "approximate" }, line: 17 },
    ]);
    expect(all).toHaveLength(5);
  });

  test.each([
    [
      "4",
      `packages:\n- kind: conda\n  name: zlib\n  version: 1.2.13\n  url: ${channel}/linux-64/x.conda\n- kind: pypi\n  name: certifi\n  version: 2024.8.30\n  url: ${wheel}\n- kind: pypi\n  name: app\n  version: 0.1.0\n  path: .\n`,
    ],
    [
      "3",
      `package:\n- name: zlib\n  version: 1.2.13\n  manager: conda\n  url: ${channel}/linux-64/x.conda\n- name: certifi\n  version: 2024.8.30\n  manager: pip\n  url: ${wheel}\n- name: app\n  version: 0.1.0\n  manager: pip\n  url: .\n`,
    ],
  ])("version %s", async (version, packages) => {
    const text = `version: ${version}\n${packages}`;

    expect((await observe(condaPixi, "pixi.lock", text)).packages).toMatchObject([{ name: "zlib", version: "1.2.13" }]);
    expect((await observe(pypiPixi, "pixi.lock", text)).packages).toMatchObject([
      { name: "certifi" },
      { name: "app", origin: "project" },
    ]);
  });

  test.each(["packages: [", "packages: 7", "packages: [{conda: []}]", "text"])("%j is told once", async (text) => {
    expect((await observe(condaPixi, "pixi.lock", text)).diagnostics).toHaveLength(1);
    expect((await observe(pypiPixi, "pixi.lock", text)).all).toEqual([]);
  });
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
