// Packages that are none of a registry's: every ecosystem tells them by one field, and the matcher keeps the registry's advisories from them.
import { matchesFile, observe } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { everyEcosystem } from "./index.ts";

/** Of each lock file or manifest: a text with each kind of source that its format has, and the origins of its packages by name. */
const cases: readonly (readonly [
  ecosystem: string,
  path: string,
  text: string,
  origins: Readonly<Record<string, string>>,
])[] = [
  [
    "npm",
    "package-lock.json",
    JSON.stringify({
      lockfileVersion: 3,
      packages: {
        "": { name: "app", version: "1.0.0" },
        "node_modules/ws": { resolved: "packages/ws", link: true },
        "packages/ws": { name: "ws", version: "1.0.0" },
        "node_modules/a": { version: "1.0.0", resolved: "https://npm.registry.example/a/-/a-1.0.0.tgz" },
        "node_modules/b": { version: "1.0.0", resolved: "git+ssh://git@github.com/x/b.git#0123" },
        "node_modules/c": { version: "1.0.0", resolved: "file:c-1.0.0.tgz" },
        "node_modules/d": { version: "1.0.0" },
      },
    }),
    { app: "project", ws: "project", a: "registry", b: "repository", c: "archive", d: "registry" },
  ],
  [
    "npm",
    "package-lock.json",
    JSON.stringify({
      name: "app",
      version: "1.0.0",
      lockfileVersion: 1,
      dependencies: { a: { version: "1.0.0" }, b: { version: "github:x/b#0123" }, c: { version: "file:../c" } },
    }),
    { app: "project", a: "registry", b: "repository", c: "path" },
  ],
  [
    "npm",
    "yarn.lock",
    '# yarn lockfile v1\n\na@^1:\n  version "1.0.0"\n\n"b@git+https://x/b.git":\n  version "1.0.0"\n\n"c@file:./c":\n  version "1.0.0"\n\n"d@link:./d":\n  version "0.0.0"\n',
    { a: "registry", b: "repository", c: "path", d: "path" },
  ],
  [
    "npm",
    "yarn.lock",
    '__metadata:\n  version: 8\n\n"a@npm:^1":\n  version: 1.0.0\n  resolution: "a@npm:1.0.0"\n\n"app@workspace:.":\n  version: 0.0.0-use.local\n  resolution: "app@workspace:."\n\n"p@portal:../p":\n  version: 0.0.0-use.local\n  resolution: "p@portal:../p"\n',
    { a: "registry", app: "project", p: "path" },
  ],
  [
    "npm",
    "pnpm-lock.yaml",
    "lockfileVersion: '9.0'\npackages:\n  a@1.0.0:\n    resolution: {integrity: sha512-x}\n  b@https://codeload.github.com/x/b/tar.gz/0123:\n    resolution: {tarball: https://codeload.github.com/x/b/tar.gz/0123}\n    version: 1.0.0\n  c@file:c:\n    resolution: {directory: c, type: directory}\n    version: 1.0.0\n  d@1.0.0:\n    resolution: {integrity: sha512-x, tarball: https://npm.registry.example/d/-/d-1.0.0.tgz}\n  e@git+https://x/e.git#0123:\n    resolution: {commit: '0123', repo: https://x/e.git, type: git}\n    version: 1.0.0\n",
    { a: "registry", b: "archive", c: "path", d: "registry", e: "repository" },
  ],
  [
    "npm",
    "bun.lock",
    '{"lockfileVersion":1,"workspaces":{"":{"name":"app"}},"packages":{"a":["a@1.0.0","",{},"sha512-x"],"w":["w@workspace:packages/w"],"g":["g@github:x/g#0123",{},"0123"],"f":["f@file:f",{}]}}',
    { a: "registry", w: "project", g: "repository", f: "path" },
  ],
  [
    "pypi",
    "poetry.lock",
    ["registry", "legacy", "git", "directory", "file", "url"]
      .map(
        (type) =>
          `[[package]]\nname = "${type}"\nversion = "1.0"\n${type === "registry" ? "" : `[package.source]\ntype = "${type}"\nurl = "x"\n`}`,
      )
      .join("\n"),
    { registry: "registry", legacy: "registry", git: "repository", directory: "path", file: "archive", url: "archive" },
  ],
  [
    "pypi",
    "uv.lock",
    ["registry", "virtual", "editable", "directory", "path", "git", "url"]
      .map((source) => `[[package]]\nname = "${source}"\nversion = "1.0"\nsource = { ${source} = "x" }\n`)
      .join("\n"),
    {
      registry: "registry",
      virtual: "project",
      editable: "project",
      directory: "path",
      path: "path",
      git: "repository",
      url: "archive",
    },
  ],
  [
    "pypi",
    "pdm.lock",
    '[[package]]\nname = "a"\nversion = "1.0"\n[[package]]\nname = "b"\nversion = "1.0"\ngit = "https://x/b.git"\n[[package]]\nname = "c"\nversion = "1.0"\npath = "./c"\neditable = true\n[[package]]\nname = "d"\nversion = "1.0"\nurl = "https://x/d.whl"\n',
    { a: "registry", b: "repository", c: "path", d: "archive" },
  ],
  [
    "pypi",
    "pylock.toml",
    '[[packages]]\nname = "a"\nversion = "1.0"\nindex = "https://x/simple"\n[[packages]]\nname = "b"\nversion = "1.0"\nvcs = { url = "https://x/b.git" }\n[[packages]]\nname = "c"\nversion = "1.0"\ndirectory = { path = "c" }\n[[packages]]\nname = "d"\nversion = "1.0"\narchive = { url = "https://x/d.tgz" }\n',
    { a: "registry", b: "repository", c: "path", d: "archive" },
  ],
  [
    "pypi",
    "Pipfile.lock",
    '{"_meta":{},"default":{"a":{"version":"==1.0"},"b":{"version":"==1.0","git":"https://x/b.git"},"c":{"version":"==1.0","path":"./c","editable":true}}}',
    { a: "registry", b: "repository", c: "path" },
  ],
  ["pypi", "src/app.egg-info/PKG-INFO", "Name: app\nVersion: 1.0\n", { app: "manifest" }],
  ["pypi", "site-packages/app-1.0-py3.egg-info/PKG-INFO", "Name: app\nVersion: 1.0\n", { app: "registry" }],
  [
    "composer",
    "composer.lock",
    '{"packages":[{"name":"x/a","version":"1.0.0","dist":{"type":"zip","url":"https://x"}},{"name":"x/b","version":"1.0.0","dist":{"type":"path","url":"packages/b"}}]}',
    { "x/a": "registry", "x/b": "path" },
  ],
  [
    "gem",
    "Gemfile.lock",
    "GIT\n  remote: https://x/g.git\n  specs:\n    g (1.0)\n\nPATH\n  remote: .\n  specs:\n    p (1.0)\n\nGEM\n  remote: https://gems.registry.example/\n  specs:\n    a (1.0)\n",
    { g: "repository", p: "project", a: "registry" },
  ],
  [
    "gem",
    "app.gemspec",
    'Gem::Specification.new do |s|\n  s.name = "app"\n  s.version = "1.0"\nend\n',
    { app: "manifest" },
  ],
  [
    "cargo",
    "Cargo.lock",
    'version = 4\n[[package]]\nname = "own"\nversion = "1.0.0"\n[[package]]\nname = "a"\nversion = "1.0.0"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\n[[package]]\nname = "m"\nversion = "1.0.0"\nsource = "sparse+https://cargo.registry.example/index/"\n[[package]]\nname = "g"\nversion = "1.0.0"\nsource = "git+https://x/g?branch=main#0123"\n',
    { own: "project", a: "registry", m: "registry", g: "repository" },
  ],
  [
    "golang",
    "go.mod",
    "module example.com/app\n\ngo 1.22\n\nrequire (\n\texample.com/a v1.0.0\n\texample.com/b v1.0.0\n)\n\nreplace example.com/b => ../b\n",
    { "example.com/a": "registry", "example.com/b": "path", "example.com/app": "project" },
  ],
  [
    "pub",
    "pubspec.lock",
    'packages:\n  a:\n    dependency: "direct main"\n    description: {name: a, url: "https://pub.registry.example"}\n    source: hosted\n    version: "1.0.0"\n  b:\n    dependency: transitive\n    description: {url: "https://x/b.git"}\n    source: git\n    version: "1.0.0"\n  c:\n    dependency: transitive\n    description: {path: "../c"}\n    source: path\n    version: "1.0.0"\n',
    { a: "registry", b: "repository", c: "path" },
  ],
  ["pub", "pubspec.yaml", "name: app\nversion: 1.0.0\n", { app: "manifest" }],
  [
    "hex",
    "mix.lock",
    '%{\n  "a": {:hex, :a, "1.0.0", "x", [:mix], [], "hexpm", "y"},\n  "g": {:git, "https://x/g.git", "0123", []},\n}\n',
    { a: "registry", g: "repository" },
  ],
  [
    "hex",
    "manifest.toml",
    'packages = [\n  { name = "a", version = "1.0.0", build_tools = ["gleam"], source = "hex" },\n  { name = "g", version = "1.0.0", build_tools = ["gleam"], source = "git", repo = "https://x/g" },\n  { name = "l", version = "1.0.0", build_tools = ["gleam"], source = "local", path = "../l" },\n]\n',
    { a: "registry", g: "repository", l: "path" },
  ],
  [
    "cocoapods",
    "Podfile.lock",
    'PODS:\n  - A (1.0)\n  - B (1.0)\n  - C/Core (1.0)\n\nDEPENDENCIES:\n  - A\n\nEXTERNAL SOURCES:\n  B:\n    :path: "../b"\n  C:\n    :git: https://x/c.git\n',
    { A: "registry", B: "path", "C/Core": "repository" },
  ],
  [
    "julia",
    "Manifest.toml",
    'julia_version = "1.9"\nmanifest_format = "2.0"\n[[deps.A]]\nuuid = "0a"\nversion = "1.0.0"\n[[deps.B]]\nuuid = "0b"\nversion = "1.0.0"\nrepo-url = "https://x/b.git"\n',
    { A: "registry", B: "repository" },
  ],
];

/** Ecosystems whose lock files and manifests name packages of a registry and nothing else, or whose names are addresses. */
const withoutOthers: ReadonlyMap<string, string> = new Map([
  ["conan", "recipes that were exported locally look like others"],
  ["cran", "renv says which repository, and packages of none are told as a gap of their own"],
  ["github-actions", "names are addresses of repositories"],
  ["hackage", "freeze files name constraints"],
  ["maven", "coordinates are verified by the registry, and files do not say where they were taken from"],
  ["nuget", "projects are left out where they are read"],
  ["opam", "pins are written as versions"],
  ["program", "tools are named by what their makers call them"],
  ["swift", "names are addresses of repositories"],
  ["vcpkg", "ports are built from one registry"],
]);

describe.each(cases)("%s: %s", (id, path, text, origins) => {
  test("tells where each package comes from", async () => {
    const bytes = new TextEncoder().encode(text);
    const analyzers = (everyEcosystem.find((one) => one.id === id)?.analyzers ?? []).filter(
      (analyzer) => analyzer.evidence !== "requested" && matchesFile(analyzer.matches, path, bytes),
    );
    const found = new Map<string, string>();
    for (const analyzer of analyzers)
      for (const { name, origin = "registry" } of (await observe(analyzer, path, text)).packages)
        found.set(name, origin);
    expect(Object.fromEntries(found)).toEqual(origins);
  });
});

test("every ecosystem with advisories and files that ask for packages is among these, or has its reason", () => {
  const pkg = { name: "a/b", version: "1.0.0", id: "", ecosystem: "", purl: "", locations: [] };
  const asked = everyEcosystem
    .filter(
      ({ class: kind, analyzers }) => kind === "library" && analyzers.some(({ evidence }) => evidence === "declared"),
    )
    .filter((ecosystem) => ecosystem.advisoryKeys({ ...pkg, ecosystem: ecosystem.id }, undefined).length > 0)
    .map(({ id }) => id);
  const held = new Set([...cases.map(([id]) => id), ...withoutOthers.keys()]);
  expect(asked.filter((id) => !held.has(id))).toEqual([]);
});
