import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FormatError } from "../format-error.ts";
import { readAssembly } from "./assembly.ts";
import { readPe } from "./pe.ts";
import { readVersionResource } from "./version-resource.ts";

const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`fixtures/${name}`, import.meta.url)));
const library = fixture("Shop.dll");

test("an assembly's manifest names it and what it is compiled against", () => {
  expect(readAssembly(readPe(library))).toEqual({
    name: "Shop",
    version: "2.0.0.0",
    references: [
      { name: "mscorlib", version: "4.0.0.0" },
      { name: "System.Core", version: "4.0.0.0" },
    ],
  });
  expect(readAssembly(readPe(fixture("Plain.exe")))).toEqual({
    name: "Plain",
    version: "0.0.0.0",
    references: [
      { name: "Shop", version: "2.0.0.0" },
      { name: "mscorlib", version: "4.0.0.0" },
    ],
  });
});

test("a version resource has numbers and texts", () => {
  const resource = readVersionResource(readPe(library));

  expect(resource).toMatchObject({ fileVersion: "2.3.1.4711" });
  expect(Object.fromEntries(resource?.texts ?? [])).toMatchObject({
    CompanyName: "Example Ltd",
    FileDescription: "Shop",
    FileVersion: "2.3.1.4711",
    InternalName: "Shop",
    ProductName: "Shop of examples",
    ProductVersion: "2.3.1-beta.2+0a2e291c0d9c0c7675d445703e51750363a549ef",
  });
});

test("every cut of an assembly is refused, or read as far as it goes", () => {
  for (let length = 0; length < library.length; length += 7)
    for (const read of [readAssembly, readVersionResource] as const) {
      try {
        read(readPe(library.subarray(0, length)));
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }
});

test("counts of rows that nobody has do not make work", () => {
  const bytes = library.slice();
  const at = new TextDecoder("latin1").decode(bytes).indexOf("#~");
  // The counts follow the masks of the first stream, which lies where its header says, behind the metadata's signature.
  const root = new TextDecoder("latin1").decode(bytes).indexOf("BSJB");
  const tables = root + new DataView(bytes.buffer).getUint32(at - 8, true);
  for (let count = 0; count < 8; count++)
    new DataView(bytes.buffer).setUint32(tables + 24 + count * 4, 0xffff_ffff, true);

  expect(() => readAssembly(readPe(bytes))).toThrow(FormatError);
});
