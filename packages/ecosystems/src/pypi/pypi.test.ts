import { observe } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { pypi } from "./index.ts";
import { pypiMetadata } from "./metadata.ts";
import { pypiRecord } from "./record.ts";
import { pypiRequirements } from "./requirements-file.ts";
import { poetryLock } from "./poetry-lock.ts";
import { pyLock } from "./pylock.ts";
import { uvLock } from "./toml-locks.ts";

describe("metadata of installed distributions", () => {
  test("name, version, licence, author and requirements outside of extras", async () => {
    const { packages } = await observe(
      pypiMetadata,
      "usr/lib/python3/site-packages/Jinja2-3.1.2.dist-info/METADATA",
      "Metadata-Version: 2.1\nName: Jinja2\nVersion: 3.1.2\nAuthor: Armin\nLicense: BSD-3-Clause\nRequires-Dist: MarkupSafe (>=2.0)\nRequires-Dist: Babel (>=2.7) ; extra == 'i18n'\n\nName: not this\n",
    );

    expect(packages).toEqual([
      {
        name: "Jinja2",
        version: "3.1.2",
        key: "jinja2",
        licenses: ["BSD-3-Clause"],
        supplier: "Armin",
        dependsOn: ["markupsafe"],
      },
    ]);
  });

  test.each([
    [
      "its title, where the field holds the whole licence",
      "License: MIT License\n        \n        Copyright (c) 2022\n",
      ["MIT License"],
    ],
    [
      "the classifier before the title",
      "License: New BSD\n        Copyright\nClassifier: License :: OSI Approved :: BSD License\n",
      ["BSD License"],
    ],
    [
      "nothing, where the licence begins without a title",
      `License: ${"Redistribution ".repeat(20)}\n        and use\n`,
      undefined,
    ],
    [
      "nothing, where the licence begins with its holder",
      "License: Copyright (c) 2020, A\n        All rights reserved.\n",
      undefined,
    ],
    ["nothing, where the field says that it is not known", "License: UNKNOWN\n", undefined],
  ])("a licence is %s", async (_, headers, licenses) => {
    const { packages } = await observe(
      pypiMetadata,
      "a-1.dist-info/METADATA",
      `Name: a\nVersion: 1\n${headers}\nText\n`,
    );

    expect(packages[0]?.licenses).toEqual(licenses);
  });

  test.each([
    ["a/b.dist-info/METADATA", 1],
    ["a/b.DIST-INFO/METADATA", 1],
    ["a/b.egg-info/PKG-INFO", 1],
    ["a/b.egg/EGG-INFO/PKG-INFO", 1],
    ["a/b.egg-info", 1],
    ["a/b/METADATA", 0],
    ["a/PKG-INFO", 0],
  ])("%s: %i package", async (path, count) => {
    expect((await observe(pypiMetadata, path, "Name: a\nVersion: 1\n")).packages).toHaveLength(count);
  });

  test.each([
    ["nothing", ""],
    ["half a file", "Metadata-Version: 2.1\nName: a\nVer"],
    ["binary", "\u0000\u0001\ufffd\n"],
    ["one long line", `Name: ${"a".repeat(100_000)}`],
  ])("%s leaves a diagnostic that names the file", async (_, text) => {
    const { packages, diagnostics } = await observe(pypiMetadata, "a/b.dist-info/METADATA", text);

    expect(packages).toEqual([]);
    expect(diagnostics.map(({ location }) => location?.path)).toEqual(["a/b.dist-info/METADATA"]);
  });

  test("the interpreter's own description is no package", async () => {
    expect(
      (await observe(pypiMetadata, "usr/lib/python2.7/Python.egg-info", "Name: Python\nVersion: 2.7.18\n")).all,
    ).toEqual([]);
  });
});

test("RECORD tells which files belong to a distribution", async () => {
  const { all } = await observe(
    pypiRecord,
    "usr/lib/site-packages/my_app-1.0.dist-info/RECORD",
    'my_app/__init__.py,sha256=x,1\n"my_app/a,""b"".py",,\n../../bin/my-app,,\n/etc/my-app.conf,,\n\n',
  );

  expect(all).toEqual([
    {
      kind: "ownership",
      owner: "my-app",
      paths: [
        "usr/lib/site-packages/my_app/__init__.py",
        'usr/lib/site-packages/my_app/a,"b".py',
        "usr/bin/my-app",
        "etc/my-app.conf",
      ],
    },
  ]);
});

test.each(["requirements.txt", "requirements-dev.txt", "dev-requirements.txt", "requirements/base.txt"])(
  "%s is read",
  async (path) => {
    expect((await observe(pypiRequirements, path, "a==1.0")).packages).toHaveLength(1);
  },
);

test("uv: what only development needs is marked, down the graph", async () => {
  const { packages } = await observe(
    uvLock,
    "uv.lock",
    '[[package]]\nname = "app"\nversion = "0"\nsource = { virtual = "." }\ndependencies = [{ name = "a" }]\n[package.dev-dependencies]\ndev = [{ name = "d" }]\n[[package]]\nname = "a"\nversion = "1"\n[[package]]\nname = "d"\nversion = "1"\ndependencies = [{ name = "e" }]\n[[package]]\nname = "e"\nversion = "1"\n',
  );

  expect(packages.map(({ name, scope, relationship }) => [name, scope, relationship])).toEqual([
    ["app", undefined, "root"],
    ["a", undefined, "direct"],
    ["d", "dev", "direct"],
    ["e", "dev", "indirect"],
  ]);
});

test("uv: what an extra adds is needed by the package that has it, where somebody asks for the extra", async () => {
  const entry = (name: string, rest: string): string => `[[package]]\nname = "${name}"\nversion = "1"\n${rest}\n`;
  const { packages } = await observe(
    uvLock,
    "uv.lock",
    [
      entry(
        "app",
        'source = { virtual = "." }\ndependencies = [{ name = "msal" }]\n[package.dev-dependencies]\ndev = [{ name = "cryptography" }, { name = "coverage", extra = ["toml"] }]',
      ),
      entry("msal", 'dependencies = [{ name = "PyJWT", extra = ["crypto"] }]'),
      entry("pyjwt", '[package.optional-dependencies]\ncrypto = [{ name = "cryptography" }]'),
      entry("cryptography", ""),
      entry("coverage", '[package.optional-dependencies]\ntoml = [{ name = "tomli" }]'),
      entry("tomli", ""),
    ].join(""),
  );

  expect(packages.map(({ name, scope, dependsOn }) => [name, scope, dependsOn])).toEqual([
    ["app", undefined, ["msal@1", "cryptography@1", "coverage@1"]],
    ["msal", undefined, ["pyjwt@1"]],
    ["pyjwt", undefined, ["cryptography@1"]],
    // Development asks for it by name, the application by an extra: it is installed with the application.
    ["cryptography", undefined, undefined],
    ["coverage", "dev", ["tomli@1"]],
    ["tomli", "dev", undefined],
  ]);
});

test.each([
  [
    '[project]\ndependencies = ["Re.quests>=2", "pip>24"]\noptional-dependencies.test = ["pytest"]\n',
    ["direct", "direct", "indirect"],
  ],
  ["[tool.black]\n", [undefined, undefined, undefined]],
  // Its build backend reads them from requirements.txt.
  [
    '[project]\ndynamic = ["version", "dependencies"]\noptional-dependencies.test = ["pytest"]\n',
    [undefined, undefined, undefined],
  ],
  [
    '[project]\ndynamic = ["dependencies"]\n[tool.poetry.dependencies]\npython = "^3"\nre-quests = "^2"\n',
    ["direct", "indirect", "indirect"],
  ],
  [undefined, [undefined, undefined, undefined]],
])("pylock: pyproject.toml beside it says what is asked for directly: %j", async (project, expected) => {
  const lock = ["re-quests", "pytest", "idna"]
    .map((name) => `[[packages]]\nname = "${name}"\nversion = "1"\n`)
    .join("");
  for (const path of ["a/pylock.toml", "a/pylock.dev.toml"]) {
    const { packages } = await observe(
      pyLock,
      path,
      lock,
      project === undefined ? {} : { "a/pyproject.toml": project },
    );

    expect(packages.map(({ relationship }) => relationship)).toEqual(expected);
  }
  expect((await observe(pyLock, "a/pylock.dev.old.toml", lock)).all).toEqual([]);
});

test("a lock file with entries of wrong types keeps the rest", async () => {
  const { packages } = await observe(
    poetryLock,
    "poetry.lock",
    '[[package]]\nname = 1\n[[package]]\nname = "a"\nversion = "1"\ndependencies = []\n',
  );

  expect(packages).toEqual([{ name: "a", version: "1", key: "a@1" }]);
});

test("look-up goes by the normalised name, display by the given one", () => {
  const pkg = { name: "Zope.Interface_X", version: "1.0" };

  expect(pypi.purl(pkg, undefined)).toBe("pkg:pypi/zope-interface-x@1.0");
  expect(pypi.advisoryKeys({ ...pkg, id: "", ecosystem: "pypi", purl: "", locations: [] }, undefined)).toEqual([
    { namespace: "PyPI", name: "zope-interface-x", version: "1.0" },
  ]);
});
