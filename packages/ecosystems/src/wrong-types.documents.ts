/** A small document of each kind that analyzers read, with everything in it that they look at. */
export interface ExampleDocument {
  readonly ecosystem: string;
  readonly path: string;
  readonly notation: "json" | "toml" | "yaml";
  readonly document: unknown;
}

function json(ecosystem: string, path: string, document: unknown): ExampleDocument {
  return { ecosystem, path, notation: "json", document };
}

function toml(ecosystem: string, path: string, document: unknown): ExampleDocument {
  return { ecosystem, path, notation: "toml", document };
}

function yaml(ecosystem: string, path: string, document: unknown): ExampleDocument {
  return { ecosystem, path, notation: "yaml", document };
}

const sha512 = `sha512-${"A".repeat(86)}==`;

export const exampleDocuments: readonly ExampleDocument[] = [
  json("npm", "app/package-lock.json", {
    name: "app",
    version: "1.0.0",
    lockfileVersion: 3,
    packages: {
      "": { name: "app", version: "1.0.0", dependencies: { a: "^1.0.0" }, devDependencies: { b: "^2.0.0" } },
      "node_modules/a": {
        version: "1.0.0",
        resolved: "https://registry.example/a.tgz",
        integrity: sha512,
        license: ["MIT"],
        dependencies: { c: "^3.0.0" },
        optionalDependencies: { b: "^2.0.0" },
        peerDependencies: { b: "^2.0.0" },
      },
      "node_modules/b": { version: "2.0.0", dev: true },
      "node_modules/c": { version: "3.0.0" },
    },
  }),
  json("npm", "old/package-lock.json", {
    name: "app",
    version: "1.0.0",
    lockfileVersion: 1,
    dependencies: {
      a: {
        version: "1.0.0",
        integrity: sha512,
        requires: { b: "^2.0.0" },
        dependencies: { b: { version: "2.0.0", requires: { c: "1" } } },
      },
      c: { version: "1.0.0" },
    },
  }),
  yaml("npm", "app/pnpm-lock.yaml", {
    lockfileVersion: "9.0",
    importers: { ".": { dependencies: { a: { specifier: "^1.0.0", version: "1.0.0" } } } },
    packages: {
      "a@1.0.0": { resolution: { integrity: sha512 } },
      "b@2.0.0": { resolution: { tarball: "https://example.org/b.tgz" } },
    },
    snapshots: { "a@1.0.0": { dependencies: { b: "2.0.0" } }, "b@2.0.0": {} },
  }),
  json("npm", "app/bun.lock", {
    lockfileVersion: 1,
    workspaces: { "": { name: "app", dependencies: { a: "^1.0.0" }, devDependencies: { b: "^2.0.0" } } },
    packages: {
      a: ["a@1.0.0", "", { dependencies: { b: "^2.0.0" } }, sha512],
      b: ["b@2.0.0", "", {}, sha512],
    },
  }),
  json("npm", "app/deno.lock", {
    version: "4",
    npm: { "a@1.0.0": { integrity: sha512, dependencies: ["b"] }, "b@2.0.0": { integrity: sha512 } },
  }),
  json("npm", "two/deno.lock", {
    version: "2",
    npm: {
      specifiers: { a: "a@1.0.0" },
      packages: {
        "a@1.0.0": { integrity: sha512, dependencies: { b: "b@2.0.0" } },
        "b@2.0.0": { integrity: sha512, dependencies: {} },
      },
    },
  }),
  json("jsr", "app/deno.lock", {
    version: "5",
    specifiers: { "jsr:@a/b@^1": "1.0.0" },
    jsr: { "@a/b@1.0.0": {}, "@a/b@1.1.0": {}, "@a/c@1.0.0": { dependencies: ["jsr:@a/b@^1"] } },
  }),
  json("npm", "app/deno.json", {
    imports: { a: "npm:a@^1.0.0" },
    scopes: { "https://example.org/": { b: "npm:b@^2.0.0" } },
  }),
  json("npm", "app/package.json", {
    name: "app",
    version: "1.0.0",
    license: { type: "MIT" },
    licenses: [{ type: "MIT" }],
    dependencies: { a: "^1.0.0" },
    optionalDependencies: { b: "^2.0.0" },
    devDependencies: { c: "^3.0.0" },
    workspaces: ["packages/a"],
  }),
  json("npm", "app/node_modules/a/package.json", {
    name: "a",
    version: "1.0.0",
    licenses: [{ type: "MIT" }],
    dependencies: { b: "^1.0.0" },
  }),
  toml("pypi", "app/pdm.lock", {
    package: [
      { name: "a", version: "1.0", groups: ["dev"], dependencies: ["b>=2"] },
      { name: "b", version: "2.0", groups: ["default"] },
    ],
  }),
  toml("pypi", "app/pylock.toml", {
    packages: [
      { name: "a", version: "1.0", dependencies: [{ name: "b" }], vcs: { url: "https://example.org/a.git" } },
      { name: "b", version: "2.0", archive: { url: "https://example.org/b.zip" } },
    ],
  }),
  toml("pypi", "app/uv.lock", {
    package: [
      {
        name: "app",
        version: "1.0",
        source: { virtual: "." },
        dependencies: [{ name: "a" }],
        "dev-dependencies": { dev: [{ name: "b" }] },
        "optional-dependencies": { more: [{ name: "c" }] },
      },
      { name: "a", version: "1.0", source: { git: "https://example.org/a.git" }, dependencies: [{ name: "b" }] },
      { name: "b", version: "2.0" },
      { name: "c", version: "3.0" },
    ],
  }),
  toml("pypi", "app/poetry.lock", {
    package: [
      {
        name: "a",
        version: "1.0",
        groups: ["dev"],
        dependencies: { b: "*" },
        source: { type: "git", url: "https://example.org/a.git" },
      },
      { name: "b", version: "2.0", groups: ["main"] },
    ],
  }),
  toml("pypi", "app/pyproject.toml", {
    project: { dependencies: ["a==1.0"], "optional-dependencies": { more: ["b==2.0"] } },
    "dependency-groups": { dev: ["c==3.0"] },
  }),
  json("pypi", "app/Pipfile.lock", {
    _meta: { hash: { sha256: "0" } },
    default: { a: { version: "==1.0" } },
    develop: { b: { version: "==2.0", git: "https://example.org/b.git" } },
  }),
  json("nuget", "app/app.deps.json", {
    runtimeTarget: { name: ".NETCoreApp,Version=v8.0" },
    targets: {
      ".NETCoreApp,Version=v8.0": {
        "App/1.0.0": { dependencies: { A: "1.0.0" }, runtime: { "App.dll": {} } },
        "A/1.0.0": { runtime: { "lib/A.dll": {} } },
        "B/1.0.0": { native: { "lib/B.so": {} } },
        "C/1.0.0": { runtimeTargets: { "lib/C.so": {} } },
        "D/1.0.0": { resources: { "de/D.dll": {} } },
      },
    },
    libraries: {
      "App/1.0.0": { type: "project" },
      "A/1.0.0": { type: "package", sha512: sha512 },
      "B/1.0.0": { type: "package" },
      "C/1.0.0": { type: "package" },
      "D/1.0.0": { type: "package" },
    },
  }),
  json("nuget", "app/obj/project.assets.json", {
    targets: { "net8.0": { "A/1.0.0": { dependencies: { B: "[1.0.0, )" } }, "B/1.0.0": {} } },
    libraries: { "A/1.0.0": { type: "package", sha512: sha512 }, "B/1.0.0": { type: "package" } },
  }),
  json("nuget", "app/packages.lock.json", {
    version: 1,
    dependencies: {
      "net8.0": {
        A: { type: "Direct", resolved: "1.0.0", contentHash: "AAAA", dependencies: { B: "1.0.0" } },
        B: { type: "Transitive", resolved: "1.0.0" },
      },
    },
  }),
  toml("cargo", "app/Cargo.lock", {
    version: 3,
    package: [
      { name: "app", version: "0.1.0", dependencies: ["a"] },
      { name: "a", version: "1.0.0", source: "registry+https://github.com/rust-lang/crates.io-index" },
    ],
  }),
  toml("cargo", "app/Cargo.toml", {
    package: { name: "app", version: "0.1.0" },
    dependencies: { a: "=1.0.0", b: { version: "=2.0.0" } },
    "dev-dependencies": { c: "=3.0.0" },
  }),
  json("conan", "app/conan.lock", {
    version: "0.4",
    graph_lock: {
      nodes: {
        "0": { requires: ["1"], build_requires: ["3"], path: "conanfile.txt" },
        "1": { ref: "a/1.0", requires: ["2"] },
        "2": { ref: "b/2.0" },
        "3": { ref: "c/3.0", context: "build" },
      },
    },
  }),
  json("conan", "two/conan.lock", {
    version: "0.5",
    requires: ["a/1.0"],
    build_requires: ["b/2.0"],
    python_requires: ["c/3.0"],
  }),
  json("bitnami", "opt/bitnami/a/.spdx-a.spdx", {
    spdxVersion: "SPDX-2.3",
    SPDXID: "SPDXRef-DOCUMENT",
    documentDescribes: ["SPDXRef-a"],
    relationships: [{ spdxElementId: "SPDXRef-a", relatedSpdxElement: "SPDXRef-b", relationshipType: "CONTAINS" }],
    packages: [
      {
        SPDXID: "SPDXRef-a",
        name: "a",
        versionInfo: "1.0",
        licenseDeclared: "MIT",
        externalRefs: [
          { referenceType: "purl", referenceLocator: "pkg:bitnami/a@1.0-1?arch=amd64&distro=debian-12" },
          { referenceType: "cpe23Type", referenceLocator: "cpe:2.3:a:a:a:1.0:*:*:*:*:*:*:*" },
        ],
      },
      {
        SPDXID: "SPDXRef-b",
        name: "b",
        versionInfo: "2.0",
        externalRefs: [{ referenceType: "purl", referenceLocator: "pkg:npm/b@2.0" }],
        checksums: [{ algorithm: "SHA256", checksumValue: "a".repeat(64) }],
      },
    ],
  }),
  json("bitnami", "opt/bitnami/.bitnami_components.json", {
    a: { version: "1.0-1", arch: "amd64", distro: "debian-12" },
    b: { version: "2.0-1" },
  }),
  toml("julia", "app/Manifest.toml", {
    julia_version: "1.10.0",
    manifest_format: "2.0",
    deps: {
      A: [{ uuid: "00000000-0000-0000-0000-000000000001", version: "1.0.0", deps: ["B"] }],
      B: [{ uuid: "00000000-0000-0000-0000-000000000002", version: "2.0.0" }],
    },
  }),
  toml("julia", "old/Manifest.toml", {
    A: [{ uuid: "00000000-0000-0000-0000-000000000001", version: "1.0.0", deps: ["B"] }],
    B: [{ uuid: "00000000-0000-0000-0000-000000000002", version: "2.0.0" }],
  }),
  toml("julia", "depot/packages/A/abcde/Project.toml", {
    name: "A",
    uuid: "00000000-0000-0000-0000-000000000001",
    version: "1.0.0",
    deps: { B: "00000000-0000-0000-0000-000000000002" },
  }),
  json("swift", "app/Package.resolved", {
    version: 2,
    pins: [
      {
        identity: "a",
        location: "https://example.org/o/a.git",
        state: { version: "1.0.0", revision: "a".repeat(40) },
      },
    ],
  }),
  json("swift", "old/Package.resolved", {
    version: 1,
    object: {
      pins: [{ repositoryURL: "https://example.org/o/a.git", state: { version: "1.0.0", branch: null } }],
    },
  }),
  json("swift", "app/.build/workspace-state.json", {
    version: 6,
    object: {
      dependencies: [
        {
          packageRef: { location: "https://example.org/o/a.git" },
          state: { name: "sourceControlCheckout", checkoutState: { revision: "a".repeat(40), version: "1.0.0" } },
        },
      ],
    },
  }),
  json("nix-flake", "app/flake.lock", {
    version: 7,
    root: "root",
    nodes: {
      root: { inputs: { nixpkgs: "nixpkgs", utils: ["nixpkgs", "utils"] } },
      nixpkgs: {
        inputs: { utils: "utils" },
        locked: { type: "github", owner: "NixOS", repo: "nixpkgs", rev: "a".repeat(40) },
      },
      utils: { locked: { type: "github", owner: "numtide", repo: "flake-utils", rev: "b".repeat(40) } },
    },
  }),
  json("conda", "opt/conda/conda-meta/a-1.0-0.json", {
    name: "a",
    version: "1.0",
    build: "0",
    license: "MIT",
    depends: ["b >=2"],
    files: ["lib/a.so"],
  }),
  yaml("conda", "app/environment.yml", { name: "app", dependencies: ["a=1.0", { pip: ["b==2.0"] }] }),
  yaml("conda", "app/conda-lock.yml", {
    version: "1",
    package: [
      { name: "a", version: "1.0", manager: "conda", category: "dev", dependencies: { b: ">=2" } },
      { name: "b", version: "2.0", manager: "conda" },
    ],
  }),
  yaml("conda", "app/pixi.lock", {
    version: 6,
    packages: [
      { conda: "https://example.org/c/noarch/a-1.0-0.conda", license: "MIT", depends: ["b"], purls: ["pkg:pypi/a"] },
      { pypi: "https://example.org/c-1.0-py3-none-any.whl", name: "c", version: "1.0", requires_dist: ["d"] },
    ],
  }),
  yaml("pub", "app/pubspec.lock", {
    packages: {
      a: {
        dependency: "direct main",
        source: "hosted",
        version: "1.0.0",
        description: { name: "a", url: "https://example.org" },
      },
      flutter: { dependency: "direct main", description: "flutter", source: "sdk", version: "0.0.0" },
    },
    sdks: { dart: ">=3.0.0 <4.0.0", flutter: ">=3.10.0" },
  }),
  yaml("pub", "app/pubspec.yaml", { name: "a", version: "1.0.0" }),
  toml("maven", "gradle/libs.versions.toml", {
    versions: { a: "1.0", b: { strictly: "2.0" } },
    libraries: {
      a: { module: "org.example:a", version: { ref: "a" } },
      b: { group: "org.example", name: "b", version: { ref: "b" } },
      c: "org.example:c:3.0",
    },
  }),
  json("maven", "app/maven_install.json", {
    artifacts: { "org.example:a": { version: "1.0" }, "org.example:b": { version: "2.0" } },
    dependencies: { "org.example:a": ["org.example:b"] },
  }),
  json("maven", "old/maven_install.json", {
    dependency_tree: {
      dependencies: [
        { coord: "org.example:a:1.0", directDependencies: ["org.example:b:2.0"] },
        { coord: "org.example:b:2.0", directDependencies: [] },
      ],
    },
  }),
  json("maven", "app/build.sbt.lock", {
    lockVersion: 1,
    dependencies: [{ org: "org.example", name: "a", version: "1.0", configurations: ["test"] }],
  }),
  yaml("github-actions", ".github/workflows/a.yml", {
    jobs: {
      one: {
        steps: [{ uses: "actions/checkout@v4" }],
        container: { image: "alpine:3.20" },
        services: { db: { image: "postgres:16" } },
      },
      two: { uses: "owner/repo/.github/workflows/b.yml@v1" },
    },
  }),
  yaml("github-actions", "app/action.yml", {
    name: "a",
    runs: { using: "composite", steps: [{ uses: "actions/checkout@v4" }] },
  }),
  yaml("cocoapods", "app/Podfile.lock", {
    PODS: ["A (1.0)", { "B (2.0)": ["A (= 1.0)"] }],
    DEPENDENCIES: ["B"],
    "SPEC CHECKSUMS": { A: "a".repeat(40), B: "b".repeat(40) },
    "EXTERNAL SOURCES": { B: { ":path": "../B" } },
  }),
  json("spack", "opt/a/.spack/spec.json", {
    spec: {
      _meta: { version: 4 },
      nodes: [{ name: "a", version: "1.0", hash: "abc", arch: { platform: "linux", target: { name: "zen3" } } }],
    },
  }),
  json("nimble", "app/nimble.lock", {
    version: 2,
    packages: {
      a: { version: "1.0", vcsRevision: "a".repeat(40), url: "https://example.org/a", dependencies: ["b"] },
      b: { version: "2.0", dependencies: [] },
    },
  }),
  toml("hex", "app/manifest.toml", {
    generated: "by gleam",
    packages: [
      { name: "a", version: "1.0.0", build_tools: ["gleam"], requirements: ["b"], source: "hex" },
      { name: "b", version: "2.0.0", build_tools: ["gleam"], requirements: [], source: "hex" },
    ],
    requirements: { a: { version: ">= 1.0.0" } },
  }),
  toml("hex", "app/gleam.toml", {
    dependencies: { a: "1.0.0", b: { git: "https://example.org/b", ref: "main" }, c: { path: "../c" } },
    "dev-dependencies": { d: "2.0.0" },
  }),
  json("cran", "app/renv.lock", {
    R: { Version: "4.3.0" },
    Packages: {
      a: { Package: "a", Version: "1.0", Source: "Repository", Repository: "CRAN", Requirements: ["b"] },
      b: { Package: "b", Version: "2.0", Source: "Repository", Repository: "CRAN" },
    },
  }),
  json("bottlerocket", "usr/share/bottlerocket/application-inventory.json", {
    Content: [{ Name: "a", Version: "1.0", Release: "1", Epoch: "0", Architecture: "x86_64", Publisher: "B" }],
  }),
  yaml("hackage", "app/stack.yaml.lock", {
    packages: [{ completed: { hackage: `a-1.0@sha256:${"a".repeat(64)},100` }, original: { hackage: "a-1.0" } }],
    snapshots: [],
  }),
  yaml("hackage", "app/stack.yaml", { resolver: "lts-22.0", "extra-deps": ["a-1.0", "b-2.0"] }),
  json("cpan", "app/META.json", {
    "meta-spec": { version: 2 },
    name: "A",
    version: "1.0",
    license: ["perl_5"],
    author: ["A <a@example.org>"],
  }),
  toml("golang", "app/Gopkg.lock", {
    projects: [{ name: "example.org/a", version: "v1.0.0", revision: "a".repeat(40), packages: ["."] }],
  }),
  yaml("deb", "app/snap/manifest.yaml", {
    name: "a",
    architectures: ["amd64"],
    parts: { a: { "stage-packages": ["libc6=2.39-0ubuntu8"] }, b: { "stage-packages": ["bash=5.2-1"] } },
  }),
  yaml("deb", "app/usr/share/snappy/dpkg.yaml", {
    "package-repositories": [],
    packages: ["libc6:amd64=2.39-0ubuntu8"],
  }),
  json("deb", "var/lib/ubuntu-advantage/status.json", { services: [{ name: "esm-infra", status: "enabled" }] }),
  json("cos", "etc/cos-package-info.json", {
    installedPackages: [{ category: "app-arch", name: "gzip", version: "1.9", ebuild_version: "1.9" }],
  }),
  json("vcpkg", "app/vcpkg.json", {
    name: "app",
    dependencies: ["a"],
    overrides: [{ name: "a", version: "1.0" }],
  }),
  yaml("snap", "app/meta/snap.yaml", { name: "a", version: "1.0", license: "MIT", architectures: ["amd64"] }),
  json("homebrew", "opt/Cellar/a/1.0/INSTALL_RECEIPT.json", {
    source: { tap: "homebrew/core" },
    runtime_dependencies: [{ full_name: "b" }],
  }),
  json("vscode-extension", "root/.vscode-server/extensions/extensions.json", [
    { identifier: { id: "a.b" }, version: "1.0.0", metadata: { targetPlatform: "linux-x64" } },
  ]),
  json("chrome-extension", `Extensions/${"a".repeat(32)}/1.0_0/manifest.json`, { name: "A", version: "1.0" }),
  json("rpm", "root/buildinfo/content_manifests/a.json", { content_sets: ["rhel-9-baseos"] }),
  json("composer", "vendor/composer/installed.json", {
    packages: [
      { name: "a/a", version: "1.0.0", license: ["MIT"], require: { "a/b": "^1.0" }, source: { reference: "abc" } },
      { name: "a/b", version: "1.0.0", dist: { type: "path" } },
    ],
    "dev-package-names": ["a/b"],
  }),
  json("composer", "app/composer.lock", {
    packages: [{ name: "a/a", version: "1.0.0", license: ["MIT"], require: { "a/b": "^1.0" } }],
    "packages-dev": [{ name: "a/b", version: "1.0.0", source: { reference: "abc" }, dist: { type: "path" } }],
  }),
  toml("program", "app/mise.toml", { tools: { node: "22.1.0", go: ["1.22.0"], python: { version: "3.12.1" } } }),
  json("embedded-sbom", "usr/share/sbom/a.cdx.json", {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    metadata: { component: { "bom-ref": "app", type: "application", name: "app" } },
    components: [
      {
        "bom-ref": "a",
        type: "library",
        name: "a",
        version: "1.0",
        purl: "pkg:npm/a@1.0",
        licenses: [{ license: { id: "MIT" } }],
        hashes: [{ alg: "SHA-256", content: "a".repeat(64) }],
        components: [{ "bom-ref": "b", type: "library", name: "b", version: "2.0", purl: "pkg:npm/b@2.0" }],
      },
    ],
    dependencies: [{ ref: "a", dependsOn: ["b"] }],
  }),
];
