import { readFileSync } from "node:fs";
import { deflateRawSync } from "node:zlib";
import type { AnalyzedFile, LocatedObservation, Observation } from "@plimsoll/model";
import { analyzedFile, observe } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { assemblyFile } from "./assembly.ts";
import { depsJson } from "./deps-json.ts";
import { nuget } from "./index.ts";
import { nuspec } from "./nuspec.ts";
import { placedAssemblies } from "./placed-assemblies.ts";
import { singleFileBundle } from "./single-file-bundle.ts";

const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../../formats/src/pe/fixtures/${name}`, import.meta.url)));
const library = fixture("Shop.dll");
const shop = {
  name: "Shop",
  version: "2.3.1-beta.2",
  confidence: "approximate",
  supplier: "Example Ltd",
  dependsOn: ["mscorlib", "System.Core"],
  facts: {
    assemblyVersion: "2.0.0.0",
    fileVersion: "2.3.1.4711",
    productVersion: "2.3.1-beta.2+0a2e291c0d9c0c7675d445703e51750363a549ef",
  },
} as const;

/** The fixture with another text of the same length for its product version. */
function withProduct(text: string): Uint8Array {
  const bytes = Buffer.from(library);
  const old = Buffer.from("2.3.1-beta.2+0a2e291c0d9c0c7675d445703e51750363a549ef", "utf16le");
  const at = bytes.indexOf(old);
  Buffer.from(text.padEnd(old.length / 2, "\0"), "utf16le").copy(bytes, at);
  return new Uint8Array(bytes);
}

test("an assembly is called like itself and has the version of its product", async () => {
  const { all } = await observe(assemblyFile, "app/Shop.dll", library);

  expect(all).toEqual([{ kind: "package", package: shop }]);
  expect(nuget.purl(shop, undefined)).toBe("pkg:nuget/Shop@2.3.1-beta.2");
});

test("of a large program only what is needed is read", async () => {
  const program = new Uint8Array(library.length + 10_000_000);
  program.set(library);
  let bytesRead = 0;
  const file: AnalyzedFile = {
    ...analyzedFile("app/Shop.exe", program),
    bytes: () => Promise.reject(new Error("the program was read as a whole")),
    ranges: async () => ({
      size: program.length,
      read: (start, end) => {
        const part = program.subarray(start, end);
        bytesRead += part.length;
        return part;
      },
    }),
  };
  const found: Observation[] = [];
  for await (const observation of assemblyFile.analyze(file, {})) found.push(observation);

  expect(found).toEqual([{ kind: "package", package: shop }]);
  expect(bytesRead).toBeLessThan(1_000_000);
});

test.each([
  ["13.0.3+0a2e291", "13.0.3"],
  ["4.6.26515.06 @BuiltBy: dlab", "4.6.26515.06"],
  ["v1.2.3", "1.2.3"],
  ["8.0", "2.3.1.4711"],
  ["release of May", "2.3.1.4711"],
  ["0.0.0", "2.3.1.4711"],
  ["1.2.3 or later", "1.2.3"],
  ["1.2.3beta", "2.3.1.4711"],
])("the product version %j gives %s", async (product, version) => {
  expect((await observe(assemblyFile, "a.dll", withProduct(product))).packages[0]?.version).toBe(version);
});

test("an assembly without any version is told, not guessed", async () => {
  const { packages, diagnostics } = await observe(assemblyFile, "app/Plain.exe", fixture("Plain.exe"));

  expect(packages).toEqual([]);
  expect(diagnostics).toMatchObject([{ code: "unknown-version", effect: "none", location: { path: "app/Plain.exe" } }]);
});

test("what is no program, not managed, or part of Windows is none", async () => {
  expect((await observe(assemblyFile, "a.dll", "text")).all).toEqual([]);
  expect((await observe(assemblyFile, "Files/Windows/System32/a.dll", library)).all).toEqual([]);
  const native = library.slice();
  // The directory of the CLI header, in a 32-bit program.
  native.fill(0, 0x80 + 24 + 96 + 14 * 8, 0x80 + 24 + 96 + 15 * 8);
  expect((await observe(assemblyFile, "a.dll", native)).all).toEqual([]);
});

test("a damaged assembly is reported", async () => {
  const broken = library.slice();
  broken.set([0, 0, 0, 0], new TextDecoder("latin1").decode(broken).indexOf("BSJB"));

  expect((await observe(assemblyFile, "a.dll", broken)).diagnostics).toMatchObject([{ effect: "incomplete" }]);
});

describe("assemblies that a deps.json or a nuspec speaks of", () => {
  const document = JSON.stringify({
    runtimeTarget: { name: ".NETCoreApp,Version=v8.0" },
    targets: {
      ".NETCoreApp,Version=v8.0": {
        "Example.Shop/2.4.0": { runtime: { "lib/net8.0/Shop.dll": {} } },
        "Example.Native/1.0.0": { runtimeTargets: { "runtimes/unix/lib/net8.0/Other.dll": {} } },
      },
    },
    libraries: { "Example.Shop/2.4.0": { type: "package" }, "Example.Native/1.0.0": { type: "package" } },
  });

  async function place(
    stated: readonly (readonly [string, string])[],
    assemblies: readonly string[],
  ): Promise<readonly (readonly [string | undefined, string])[]> {
    const observed: LocatedObservation[] = [];
    for (const [path, text] of stated) {
      const analyzer = path.endsWith(".nuspec") ? nuspec : depsJson;
      for (const observation of (await observe(analyzer, path, text)).all)
        observed.push({ observation, path, analyzer: analyzer.id });
    }
    for (const path of assemblies)
      observed.push({ observation: { kind: "package", package: shop }, path, analyzer: "nuget/assembly" });
    const files = stated.map(([path, text]) => analyzedFile(path, text));
    const retained = { get: () => undefined, [Symbol.iterator]: () => files.values() };
    const said = [];
    for await (const one of placedAssemblies.analyze(retained, observed, {}))
      if (one.kind === "package") said.push([one.at, `${one.package.name}@${one.package.version}`] as const);
    return said;
  }

  test("files that a deps.json names belong to its package, also without their directory", async () => {
    expect(
      await place(
        [["app/web.deps.json", document]],
        ["app/Shop.dll", "app/runtimes/unix/lib/net8.0/Other.dll", "app/Own.dll", "elsewhere/Shop.dll"],
      ),
    ).toEqual([
      ["app/Shop.dll", "Example.Shop@2.4.0"],
      ["app/runtimes/unix/lib/net8.0/Other.dll", "Example.Native@1.0.0"],
    ]);
  });

  test("everything below a nuspec is of its package", async () => {
    const text =
      "<package><metadata><id>Example.Shop</id><version>2.3.1</version><authors>x</authors></metadata></package>";

    expect(
      await place(
        [["root/.nuget/packages/example.shop/2.3.1/example.shop.nuspec", text]],
        ["root/.nuget/packages/example.shop/2.3.1/lib/net6.0/Shop.dll"],
      ),
    ).toEqual([["root/.nuget/packages/example.shop/2.3.1/lib/net6.0/Shop.dll", "Example.Shop@2.3.1"]]);
  });
});

describe("programs published as one file", () => {
  const signature = Buffer.from([
    0x8b, 0x12, 0x02, 0xb9, 0x6a, 0x61, 0x20, 0x38, 0x72, 0x7b, 0x93, 0x02, 0x14, 0xd7, 0xa0, 0x32, 0x13, 0xf5, 0xb9,
    0xe6, 0xef, 0xae, 0x33, 0x18, 0xee, 0x3b, 0x2d, 0xce, 0x24, 0xb3, 0x6a, 0xae,
  ]);

  interface Content {
    readonly type: number;
    readonly path: string;
    readonly bytes: Uint8Array;
  }

  /** A host of 64 KiB with a bundle of the given version behind it. */
  function bundle(version: number, contents: readonly Content[]): Uint8Array {
    const host = Buffer.alloc(70_000);
    host.set([0x7f, 0x45, 0x4c, 0x46]);
    host.set(signature, 4_104);
    const parts: Buffer[] = [host];
    let length = host.length;
    const entries: Buffer[] = [];
    const number = (value: number): Buffer => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(BigInt(value));
      return bytes;
    };
    for (const { type, path, bytes } of contents) {
      const isPacked = version >= 6;
      const stored = isPacked ? deflateRawSync(bytes) : Buffer.from(bytes);
      entries.push(number(length), number(bytes.length), ...(isPacked ? [number(stored.length)] : []));
      entries.push(Buffer.from([type, path.length]), Buffer.from(path));
      parts.push(stored);
      length += stored.length;
    }
    host.writeBigUInt64LE(BigInt(length), 4_096);
    const head = Buffer.alloc(12);
    head.writeUInt32LE(version, 0);
    head.writeUInt32LE(contents.length, 8);
    parts.push(head, Buffer.from("\u0004name"), ...(version >= 2 ? [Buffer.alloc(40)] : []), ...entries);
    return new Uint8Array(Buffer.concat(parts));
  }

  test.each([1, 2, 6])("bundle version %i without a deps.json is known by its assemblies", async (version) => {
    const { all } = await observe(
      singleFileBundle,
      "app/web",
      bundle(version, [
        { type: 1, path: "Shop.dll", bytes: library },
        { type: 2, path: "libother.so", bytes: new Uint8Array(10) },
      ]),
    );

    expect(all).toEqual([{ kind: "package", package: shop, at: "app/web!/Shop.dll" }]);
  });

  test("the deps.json among the files of version 1 speaks for them", async () => {
    const text = '{"libraries":{"Example.Shop/2.4.0":{"type":"package"}}}';
    const { packages } = await observe(
      singleFileBundle,
      "app/web",
      bundle(1, [
        { type: 1, path: "Shop.dll", bytes: library },
        { type: 3, path: "web.deps.json", bytes: new TextEncoder().encode(text) },
      ]),
    );

    expect(packages.map(({ name, version }) => [name, version])).toEqual([["Example.Shop", "2.4.0"]]);
  });

  // The Go programs Syft and Grype have the marker among their constants; what they have before it pointed into their own headers.
  test.each([
    ["points into its first bytes", 0x11n],
    ["points to what is no bundle", 66_000n],
    ["is no offset", 0x6572_6f63_2074_656en],
  ])("a program that looks for bundles is none: what comes before its marker %s", async (_, pointer) => {
    const program = bundle(6, [{ type: 1, path: "Shop.dll", bytes: library }]);
    new DataView(program.buffer, program.byteOffset).setBigUint64(4_096, pointer, true);
    program.fill(0xa5, 66_000, 66_100);

    expect((await observe(singleFileBundle, "bin/syft", program)).all).toEqual([]);
  });

  test("a bundle that is cut is reported, a host without one is nothing", async () => {
    const whole = bundle(2, [{ type: 1, path: "Shop.dll", bytes: library }]);
    const { diagnostics } = await observe(singleFileBundle, "app/web", whole.subarray(0, whole.length - 5));
    const host = whole.slice(0, 70_000);
    host.fill(0, 4_096, 4_104);

    expect(diagnostics).toMatchObject([{ effect: "incomplete" }]);
    expect((await observe(singleFileBundle, "app/web", host)).all).toEqual([]);
  });

  test("a large program is read by parts, wherever its bundle lies", async () => {
    const content = bundle(1, [{ type: 1, path: "Shop.dll", bytes: library }]);
    const gap = 5_000_000;
    // What points into the bundle counts from the beginning of the program.
    const program = new Uint8Array(content.length + gap);
    program.set(content);
    program.copyWithin(gap + 4_000, 4_000);
    program.fill(0, 4_000, gap + 4_000);
    const header = 70_000 + library.length;
    const view = new DataView(program.buffer);
    view.setBigUint64(gap + 4_096, BigInt(header + gap), true);
    view.setBigUint64(header + gap + 12 + 5, BigInt(70_000 + gap), true);
    let largest = 0;
    const file: AnalyzedFile = {
      ...analyzedFile("app/web", program),
      bytes: () => Promise.reject(new Error("the program was read as a whole")),
      ranges: async () => ({
        size: program.length,
        read: (start, end) => {
          const part = program.subarray(start, end);
          largest = Math.max(largest, part.length);
          return part;
        },
      }),
    };
    const found: Observation[] = [];
    for await (const observation of singleFileBundle.analyze(file, {})) found.push(observation);

    expect(found).toEqual([{ kind: "package", package: shop, at: "app/web!/Shop.dll" }]);
    expect(largest).toBeLessThan(1_100_000);
  });
});
