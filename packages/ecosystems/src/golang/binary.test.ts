import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { observe, sharedFile } from "@plimsoll/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AffectedPackage, Package } from "@plimsoll/model";
import { goBinary, packagesOf } from "./binary.ts";
import { parseModuleText } from "./build-info.ts";
import { golang } from "./index.ts";
import { mainVersion } from "./main-version.ts";

interface BinaryCase {
  readonly kind: string;
  readonly case: string;
  readonly goVersion: string;
  readonly modinfo: string;
  readonly packages: readonly { readonly name: string; readonly version?: string }[];
}

const cases = (JSON.parse(sharedFile("conformance/binary-metadata.json") ?? "[]") as BinaryCase[]).filter(
  ({ kind }) => kind === "go-buildinfo",
);

describe.skipIf(cases.length === 0)("published build information", () => {
  test.each(cases.map((one) => [one.case, one] as const))("%s", (_, { goVersion, modinfo, packages }) => {
    const found = packagesOf({ goVersion, ...parseModuleText(modinfo) });

    // One tool names the standard library after the toolchain, and neither agrees on the letter v.
    const expected = packages.map(
      ({ name, version = "" }) => `${name === "go" ? "stdlib" : name}@${version.replace(/^v/, "")}`,
    );
    const versioned = found.filter(({ version, relationship }) => relationship !== "root" || version !== "");
    expect(versioned.map(({ name, version }) => `${name}@${version.replace(/^v/, "")}`).sort()).toEqual(
      expected.sort(),
    );
  });
});

describe("the version of a main module built from a working copy", () => {
  const main = { path: "example.com/app", version: "(devel)" };

  test.each([
    ["-X main.version=v1.2.3", "v1.2.3"],
    ["-s -w -X 'example.com/app/internal.Version=1.2.3-rc.1'", "v1.2.3-rc.1"],
    ['-X other.com/lib.version=v9.9.9 -X "example.com/app/cmd.gitVersion=v1.0.0"', "v1.0.0"],
    ["-X main.version='v1.2.3'", "v1.2.3"],
    ["-X main.goVersion=1.22.1 -X main.kubeVersion=v1.28.0 -X main.Version=v1.2.3", "v1.2.3"],
    ["-X main.goVersion=1.22.1 -X main.kube_version=v1.28.0", undefined],
    ["-X k8s.io/component-base/version.gitVersion=v1.28.2", undefined],
    ["-X example.com/apple.Version=v9.9.9", undefined],
    ["-X example.com/app/vendor/other.com/lib.Version=v9.9.9", undefined],
    ["-X example.com/app.Version=v9.9.9 -X main.version=v1.0.0", "v1.0.0"],
    ["-X main.gitTag=v9.9.9 -X example.com/app/cmd.Version=v1.0.0", "v1.0.0"],
    ["-X main.version=v1.0.0 -X main.Version=v2.0.0 -X main.tag=v3.0.0", "v3.0.0"],
    ["-X main.appVersion=4.5.6", "v4.5.6"],
    ["-X main.commit=abc", undefined],
    ["-X main.version=dev", undefined],
    ["", undefined],
  ])("with -ldflags %j it is %s", (flags, expected) => {
    expect(mainVersion({ goVersion: "go1.22", main, dependencies: [], settings: new Map([["-ldflags", flags]]) })).toBe(
      expected,
    );
  });

  test.each([
    ["v1.5.0", "v1.5.0"],
    ["v1.5.0+dirty", "v1.5.0+dirty"],
    ["v0.0.0-20240426060020-0123456789ab", "v1.2.3"],
    ["v1.5.1-0.20240426060020-0123456789ab+dirty", "v1.2.3"],
    ["v1.5.1-rc.1.0.20240426060020-0123456789ab", "v1.2.3"],
  ])("%s and a stamp: %s", (version, expected) => {
    const settings = new Map([["-ldflags", "-X main.version=v1.2.3"]]);
    expect(mainVersion({ goVersion: "go1.24", main: { ...main, version }, dependencies: [], settings })).toBe(expected);
    if (expected === "v1.2.3")
      expect(
        mainVersion({ goVersion: "go1.24", main: { ...main, version }, dependencies: [], settings: new Map() }),
      ).toBe(version);
  });

  test("else it is the pseudo-version of the commit", () => {
    const settings = new Map([
      ["vcs.revision", "0123456789abcdef0123456789abcdef01234567"],
      ["vcs.time", "2024-04-26T06:00:20Z"],
    ]);

    expect(mainVersion({ goVersion: "go1.22", main, dependencies: [], settings })).toBe(
      "v0.0.0-20240426060020-0123456789ab",
    );
  });
});

test("a replaced module is the one that was built, under the key of the one it replaces", () => {
  const text = "path\tx\nmod\tx\tv1.0.0\t\ndep\ta\tv1.0.0\n=>\tb\tv2.0.0\th1:x=\ndep\tc\tv1.0.0\n=>\t./c\t\n";

  expect(packagesOf({ goVersion: "devel go1.23-abc", ...parseModuleText(text) })).toEqual([
    { name: "x", version: "v1.0.0", relationship: "root", dependsOn: ["a", "c"] },
    { name: "b", version: "v2.0.0", key: "a", facts: { replaces: "a" } },
    { name: "./c", version: "", origin: "path", key: "c", facts: { replaces: "c" } },
  ]);
});

test.each([
  ["go1.22.1", "1.22.1"],
  ["go1.24.0 X:boringcrypto", "1.24.0"],
  ["go1.22rc1", "1.22rc1"],
  ["go1.19.13-fips", "1.19.13"],
  ["devel go1.23-0123456", undefined],
])("%s is the standard library of version %s", (goVersion, version) => {
  expect(packagesOf({ goVersion, dependencies: [], settings: new Map() })[0]?.version).toBe(version);
});

function hasGo(): boolean {
  try {
    execFileSync("go", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    // Said by the skipped block itself: its name tells what it needs.
    return false;
  }
}

describe.skipIf(!hasGo())("programs built here (needs the go command)", () => {
  let folder = "";

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "plimsoll-go-"));
    const write = (path: string, text: string): void => writeFileSync(join(folder, path), text);
    execFileSync("mkdir", ["-p", join(folder, "used"), join(folder, "unused")]);
    write(
      "go.mod",
      "module example.com/app\n\ngo 1.18\n\nrequire (\n\texample.com/used v1.0.0\n\texample.com/unused v1.0.0\n)\n\nreplace example.com/used => ./used\nreplace example.com/unused => ./unused\n",
    );
    write(
      "main.go",
      'package main\n\nimport (\n\t_ "example.com/unused"\n\t"example.com/used"\n)\n\nfunc main() { used.Speak() }\n',
    );
    write("used/go.mod", "module example.com/used\n\ngo 1.18\n");
    write("used/used.go", 'package used\n\n//go:noinline\nfunc Speak() { println("hi") }\n');
    write("unused/go.mod", "module example.com/unused\n\ngo 1.18\n");
    write("unused/unused.go", 'package unused\n\nfunc Quiet() { println("never") }\n');
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(["linux/amd64", "windows/amd64", "darwin/arm64", "linux/386"])(
    "for %s: main module, standard library, and what is linked",
    async (target) => {
      const [os = "", arch = ""] = target.split("/");
      const output = join(folder, `app-${os}-${arch}`);
      execFileSync("go", ["build", "-ldflags=-s -w -X main.version=v1.2.3", "-buildvcs=false", "-o", output, "."], {
        cwd: folder,
        env: {
          ...process.env,
          GOOS: os,
          GOARCH: arch,
          GOFLAGS: "-mod=mod",
          GOPROXY: "off",
          GOTOOLCHAIN: "local",
          CGO_ENABLED: "0",
        },
      });
      const { packages, diagnostics } = await observe(goBinary, "bin/app", readFileSync(output));
      const runtime = execFileSync("go", ["env", "GOVERSION"], { encoding: "utf8" }).trim().replace(/^go/, "");

      expect(diagnostics).toEqual([]);
      expect(
        packages.map(({ key, name, version, facts = {} }) => [
          key ?? name,
          version,
          ...Object.keys(facts)
            .filter((fact) => fact.startsWith("unlinked.") && facts[fact] === "bin/app")
            .map(() => "unlinked"),
        ]),
      ).toEqual([
        ["example.com/app", "v1.2.3"],
        ["stdlib", runtime.split(/[ -]/)[0]],
        ["example.com/unused", "", "unlinked"],
        ["example.com/used", ""],
      ]);
    },
    120_000,
  );

  test.each(["linux/amd64", "windows/amd64", "darwin/arm64"])(
    "for %s: vendored modules with versions, as go version -m lists them",
    async (target) => {
      const [os = "", arch = ""] = target.split("/");
      const place = join(folder, "vendored");
      const output = join(folder, `vendored-${os}-${arch}`);
      mkdirSync(join(place, "vendor/example.com/lib/v2/deep"), { recursive: true });
      const write = (path: string, text: string): void => writeFileSync(join(place, path), text);
      write("go.mod", "module example.com/vendored\n\ngo 1.18\n\nrequire example.com/lib/v2 v2.3.4-rc.1\n");
      write(
        "vendor/modules.txt",
        "# example.com/lib/v2 v2.3.4-rc.1\n## explicit; go 1.18\nexample.com/lib/v2\nexample.com/lib/v2/deep\n",
      );
      write("vendor/example.com/lib/v2/lib.go", "package lib\n\n//go:noinline\nfunc Other() { println(1) }\n");
      write("vendor/example.com/lib/v2/deep/deep.go", "package deep\n\n//go:noinline\nfunc Dive() { println(2) }\n");
      write("main.go", 'package main\n\nimport "example.com/lib/v2/deep"\n\nfunc main() { deep.Dive() }\n');
      execFileSync("go", ["build", "-mod=vendor", "-buildvcs=false", "-o", output, "."], {
        cwd: place,
        env: { ...process.env, GOOS: os, GOARCH: arch, GOPROXY: "off", GOTOOLCHAIN: "local", CGO_ENABLED: "0" },
      });
      const listed = execFileSync("go", ["version", "-m", output], { encoding: "utf8" });
      const { packages } = await observe(goBinary, "bin/app", readFileSync(output));
      const modules = packages.filter(({ name, relationship }) => name !== "stdlib" && relationship !== "root");

      expect([...listed.matchAll(/^\tdep\t(\S+)\t(\S+)/gm)].map(([, name, version]) => `${name} ${version}`)).toEqual(
        modules.map(({ name, version }) => `${name} ${version}`),
      );
      expect(Object.values(modules[0]?.facts ?? {})).toEqual(["deep"]);
    },
    120_000,
  );

  test("the modules are those that go version -m lists", async () => {
    const tool = execFileSync("go", ["env", "GOROOT"], { encoding: "utf8" }).trim();
    const program = ["bin/gofmt", "bin/go"].map((path) => join(tool, path)).find((path) => existsSync(path));
    if (program === undefined) throw new Error("no Go program in GOROOT");
    const listed = execFileSync("go", ["version", "-m", program], { encoding: "utf8" });
    const { packages } = await observe(goBinary, "bin/tool", readFileSync(program));

    expect(
      packages
        .filter(({ name, relationship }) => name !== "stdlib" && relationship !== "root")
        .map(({ name, version }) => `${name} ${version}`),
    ).toEqual([...listed.matchAll(/^\tdep\t(\S+)\t(\S+)/gm)].map(([, name, version]) => `${name} ${version}`));
    expect(packages.find(({ name }) => name === "stdlib")?.version).toBe(/: go(\S+)/.exec(listed)?.[1]);
  });
});

describe("what is linked", () => {
  const info = {
    goVersion: "go1.22.1",
    main: { path: "example.com/app", version: "" },
    dependencies: [
      { path: "golang.org/x/net", version: "v0.1.0" },
      { path: "golang.org/x/text", version: "v0.1.0" },
    ],
    settings: new Map<string, string>(),
  };
  const linked = new Set(["main", "net/http", "runtime", "golang.org/x/net/html", "golang.org/x/net/http2/hpack"]);
  const found = (name: string, paths: readonly string[]): Package => {
    const [first] = packagesOf(info, linked, "bin/app").filter((pkg) => pkg.name === name);
    if (first === undefined) throw new Error(name);
    const locations = paths.map((path) => ({ path, evidence: "installed" as const }));
    return { ...first, id: name, ecosystem: "golang", purl: "", locations };
  };
  const naming = (...paths: readonly string[]): AffectedPackage => ({
    advisory: "GO-1",
    namespace: "Go",
    name: "",
    ranges: [],
    qualifiers: { imports: paths.map((path) => ({ path })) },
  });

  test.each([
    ["golang.org/x/text", naming(), "No code of golang.org/x/text is linked into bin/app"],
    ["golang.org/x/net", naming(), undefined],
    ["golang.org/x/net", naming("golang.org/x/net/html"), undefined],
    ["golang.org/x/net", naming("golang.org/x/net/http2"), "No code of golang.org/x/net/http2 is linked into bin/app"],
    ["stdlib", naming("crypto/tls"), "No code of crypto/tls is linked into bin/app"],
    ["stdlib", naming("crypto/tls", "net/http"), undefined],
  ])("%s and an advisory: doubt %#", (name, affected, doubt) => {
    expect(golang.applicability?.doubts?.(found(name, ["bin/app"]), affected)).toBe(doubt);
  });

  test("no doubt where another place is not known to lack it, or names in the program are obfuscated", () => {
    expect(golang.applicability?.doubts?.(found("golang.org/x/text", ["bin/app", "go.mod"]), naming())).toBeUndefined();
    expect(packagesOf(info, new Set(["aB3x", "qq.z/w"]), "bin/app").filter(({ facts }) => facts !== undefined)).toEqual(
      [],
    );
  });
});

describe("files that are no Go programs", () => {
  test.each([
    ["an ELF header alone", Uint8Array.of(0x7f, 0x45, 0x4c, 0x46)],
    ["a damaged ELF file", Uint8Array.from({ length: 200 }, (_, at) => [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1][at] ?? 0xff)],
    ["a DOS program", new TextEncoder().encode(`MZ${"x".repeat(100)}`)],
    ["a Java class", Uint8Array.of(0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 52, 0, 1, 2, 3)],
    ["a script", new TextEncoder().encode("#!/bin/sh\n")],
  ])("%s says nothing", async (_, bytes) => {
    expect((await observe(goBinary, "bin/x", bytes)).all).toEqual([]);
  });
});
