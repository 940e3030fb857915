import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { observe, sharedFile, testParserCases } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { cargoAuditable, cratesOf } from "./auditable.ts";
import { cargo } from "./index.ts";
import { cargoLock } from "./lock.ts";
import { cargoRequested } from "./requested.ts";
import { cargoManifest } from "./manifest.ts";

testParserCases({
  folder: "rust/analyzer-cargo",
  analyzers: [cargoLock],
  // They leave out what is only for development; here it is marked.
  ignore: ({ scope }) => scope === "dev",
});
testParserCases({ folder: "rust/cargo", analyzers: [cargoLock], as: () => "Cargo.lock" });
testParserCases({ folder: "rust/cargolock", analyzers: [cargoLock], as: () => "Cargo.lock" });
testParserCases({ folder: "rust/cataloger", analyzers: [cargoLock], as: () => "Cargo.lock" });
testParserCases({
  folder: "rust/cargotoml",
  analyzers: [cargoManifest, cargoRequested],
  as: () => "Cargo.toml",
});
testParserCases({ folder: "rust/analyzer-binary", analyzers: [cargoAuditable] });
testParserCases({ folder: "rust/cargoauditable", analyzers: [cargoAuditable] });
testParserCases({
  folder: "rust/binary",
  analyzers: [cargoAuditable],
  deviations: { "trivy-testparse-sad-path": "a file that is no program is nothing to report" },
});

interface AuditCase {
  readonly kind: string;
  readonly case: string;
  readonly audit: unknown;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
}

const audits = (JSON.parse(sharedFile("conformance/binary-metadata.json") ?? "[]") as AuditCase[]).filter(
  ({ kind }) => kind === "cargo-auditable",
);

describe.skipIf(audits.length === 0)("published audit documents", () => {
  test.each(audits.map((one) => [one.case, one] as const))("%s", (_, { audit, packages }) => {
    const ids = (list: readonly { name: string; version: string }[]): string[] =>
      list.map(({ name, version }) => `${name}@${version}`).sort();

    expect(ids(cratesOf(audit))).toEqual(ids(packages));
  });
});

/** The smallest ELF file with one section of the given name. */
function elfWith(name: string, content: Uint8Array): Uint8Array {
  const names = new TextEncoder().encode(`\0.shstrtab\0${name}\0`);
  const headers = 64 + content.length + names.length;
  const file = new Uint8Array(headers + 3 * 64);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setBigUint64(0x28, BigInt(headers), true);
  view.setUint16(0x3a, 64, true);
  view.setUint16(0x3c, 3, true);
  view.setUint16(0x3e, 1, true);
  file.set(content, 64);
  file.set(names, 64 + content.length);
  const section = (index: number, nameAt: number, offset: number, size: number): void => {
    const at = headers + index * 64;
    view.setUint32(at, nameAt, true);
    view.setUint32(at + 4, 1, true);
    view.setBigUint64(at + 24, BigInt(offset), true);
    view.setBigUint64(at + 32, BigInt(size), true);
  };
  section(1, 1, 64 + content.length, names.length);
  section(2, 11, 64, content.length);
  return file;
}

describe("programs built with cargo auditable", () => {
  const audit = {
    packages: [
      { name: "app", version: "0.1.0", source: "local", dependencies: [1, 2], root: true },
      { name: "serde", version: "1.0.0", source: "crates.io" },
      { name: "cc", version: "1.0.0", source: "crates.io", kind: "build" },
      { name: 7 },
    ],
  };

  test("the section is found and read", async () => {
    const program = elfWith(".dep-v0", deflateSync(JSON.stringify(audit)));

    expect((await observe(cargoAuditable, "bin/app", program)).packages).toEqual([
      {
        name: "app",
        version: "0.1.0",
        key: "app 0.1.0",
        relationship: "root",
        dependsOn: ["serde 1.0.0"],
        origin: "project",
        facts: { source: "local" },
      },
      { name: "serde", version: "1.0.0", key: "serde 1.0.0", facts: { source: "crates.io" } },
    ]);
  });

  test.each([
    ["that does not inflate", Uint8Array.of(1, 2, 3, 4, 5)],
    ["that is no JSON", deflateSync("not JSON")],
    ["that inflates to more than its limit", deflateSync(new Uint8Array(16 * 1024 * 1024))],
  ])("a section %s leaves a diagnostic", async (_, content) => {
    const { packages, diagnostics } = await observe(cargoAuditable, "bin/app", elfWith(".dep-v0", content));

    expect(packages).toEqual([]);
    expect(diagnostics.map(({ location }) => location?.path)).toEqual(["bin/app"]);
  });
});

test("advisories speak of crates under their names", () => {
  const pkg = { name: "a", version: "1.0.0", id: "", ecosystem: "cargo", purl: "", locations: [] };

  expect(cargo.purl(pkg, undefined)).toBe("pkg:cargo/a@1.0.0");
  expect(cargo.advisoryKeys({ ...pkg, facts: { source: "crates.io" } }, undefined)).toEqual([
    { namespace: "crates.io", name: "a", version: "1.0.0" },
  ]);
});

test("Cargo.toml tells what only development needs", async () => {
  const { packages } = await observe(
    cargoLock,
    "Cargo.lock",
    `version = 4
[[package]]
name = "app"
version = "0.1.0"
dependencies = ["a", "renamed-real", "b", "t"]
[[package]]
name = "a"
version = "1.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
dependencies = ["shared"]
[[package]]
name = "b"
version = "1.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
dependencies = ["deep", "shared"]
[[package]]
name = "deep"
version = "1.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
[[package]]
name = "renamed-real"
version = "1.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
[[package]]
name = "shared"
version = "1.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
[[package]]
name = "t"
version = "1.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
`,
    {
      "Cargo.toml":
        '[package]\nname = "app"\nversion = "0.1.0"\n[dependencies]\na = "1"\n[dev-dependencies]\nb = "1"\nt = "1"\nalias = { package = "renamed-real", version = "1" }\n[target.\'cfg(windows)\'.dependencies]\nt = "1"\n',
    },
  );

  expect(packages.filter(({ scope }) => scope === "dev").map(({ name }) => name)).toEqual([
    "b",
    "deep",
    "renamed-real",
  ]);
});

function runs(program: string, ...args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

// Which asks a C compiler to link.
const hasRust = runs("rustc", "--version") && runs("cc", "--version");
const hasAuditable = hasRust && runs("cargo", "auditable", "--version");
if (!hasAuditable)
  console.warn(`${hasRust ? "cargo auditable" : "rustc"} is not here: programs are not built with it and read`);

describe.skipIf(!hasRust)("a program that rustc linked (needs rustc)", () => {
  test("with the section that cargo auditable adds, stripped or not", async () => {
    const folder = mkdtempSync(join(tmpdir(), "plimsoll-rust-"));
    try {
      const audit = {
        packages: [
          { name: "app", version: "0.1.0", source: "local", root: true },
          { name: "libc", version: "0.2.150", source: "registry" },
        ],
      };
      const bytes = [...deflateSync(JSON.stringify(audit))];
      writeFileSync(
        join(folder, "app.rs"),
        `#[used]\n#[link_section = ".dep-v0"]\nstatic AUDIT: [u8; ${bytes.length}] = [${bytes.join(",")}];\nfn main() {}\n`,
      );
      for (const flags of [[], ["-Cstrip=symbols"]]) {
        execFileSync("rustc", [...flags, "-o", join(folder, "app"), join(folder, "app.rs")], { stdio: "ignore" });
        const { packages } = await observe(cargoAuditable, "bin/app", readFileSync(join(folder, "app")));
        expect(packages.map(({ name, version, facts }) => [name, version, facts?.["source"]])).toEqual([
          ["app", "0.1.0", "local"],
          ["libc", "0.2.150", "crates.io"],
        ]);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe.skipIf(!hasAuditable)("a program that cargo auditable built (needs it)", () => {
  test("names the crates that went in, without those that only the build ran", async () => {
    const folder = mkdtempSync(join(tmpdir(), "plimsoll-auditable-"));
    try {
      crate(
        folder,
        "app",
        '[dependencies]\nfront = { path = "front" }\n[build-dependencies]\ngen = { path = "gen" }\n',
      );
      crate(join(folder, "front"), "front", '[dependencies]\nback = { path = "../back" }\n');
      crate(join(folder, "back"), "back", "");
      crate(join(folder, "gen"), "gen", "");
      writeFileSync(join(folder, "src", "main.rs"), "fn main() { front::run(); }\n");
      writeFileSync(join(folder, "build.rs"), "fn main() { gen::run(); }\n");
      execFileSync("cargo", ["auditable", "build", "--offline", "--release"], { cwd: folder, stdio: "ignore" });

      const program = readFileSync(join(folder, "target", "release", "app"));
      const { packages, diagnostics } = await observe(cargoAuditable, "bin/app", program);

      expect(diagnostics).toEqual([]);
      expect(packages.map(({ name, version, relationship }) => [name, version, relationship])).toEqual([
        ["app", "0.1.0", "root"],
        ["back", "0.1.0", undefined],
        ["front", "0.1.0", undefined],
      ]);
      expect(packages.find(({ name }) => name === "front")?.dependsOn).toEqual(["back 0.1.0"]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

function crate(folder: string, name: string, dependencies: string): void {
  mkdirSync(join(folder, "src"), { recursive: true });
  const heading = `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n`;
  writeFileSync(join(folder, "Cargo.toml"), heading + dependencies);
  writeFileSync(join(folder, "src", "lib.rs"), "pub fn run() {}\n");
}
