import { FormatError, rangesOf } from "@plimsoll/formats";
import type { Executable } from "@plimsoll/formats";
import { describe, expect, test } from "vitest";
import { readBuildInfo } from "./build-info.ts";
import { readLinkedPackages } from "./linked-packages.ts";

const base = 0x40_0000;
const modules =
  'path\texample.com/app\nmod\texample.com/app\tv1.0.0\t\ndep\texample.com/lib\tv1.2.3\th1:x=\nbuild\t-ldflags="-X main.version=v2"\n';
const sentinel = "0123456789abcdef";

/** A program with one writable segment at a fixed address. */
function program(bytes: Uint8Array, pointerSize: 4 | 8, littleEndian: boolean, name = ".data"): Executable {
  const section = { name, address: base, offset: 0, size: bytes.length, writable: true };
  return {
    format: "elf",
    littleEndian,
    pointerSize,
    sections: [section],
    segments: [section],
    content: rangesOf(bytes),
  };
}

/** Build information as linkers before Go 1.18 wrote it: two pointers to string headers. */
function pointerForm(pointerSize: 4 | 8, littleEndian: boolean): Uint8Array {
  const texts = ["go1.16.3", `${sentinel}${modules}${sentinel}`].map((text) => new TextEncoder().encode(text));
  const bytes = new Uint8Array(512);
  const view = new DataView(bytes.buffer);
  const write = (at: number, value: number): void => {
    if (pointerSize === 8) view.setBigUint64(at, BigInt(value), littleEndian);
    else view.setUint32(at, value, littleEndian);
  };
  bytes.set([0xff, ...new TextEncoder().encode(" Go buildinf:"), pointerSize, littleEndian ? 0 : 1], 16);
  let at = 128;
  texts.forEach((text, index) => {
    const header = 64 + index * 2 * pointerSize;
    write(16 + 16 + index * pointerSize, base + header);
    write(header, base + at);
    write(header + pointerSize, text.length);
    bytes.set(text, at);
    at += text.length;
  });
  return bytes;
}

/** The form since Go 1.18: lengths and texts follow the header. */
function inlineForm(text = `${sentinel}${modules}${sentinel}`): Uint8Array {
  const encoded = new TextEncoder().encode(text);
  const version = new TextEncoder().encode("go1.22.1");
  const length = [(encoded.length & 0x7f) | 0x80, encoded.length >> 7];
  const head = [0xff, ...new TextEncoder().encode(" Go buildinf:"), 8, 2, ...new Uint8Array(16)];
  return Uint8Array.from([...head, version.length, ...version, ...length, ...encoded, ...new Uint8Array(16)]);
}

describe("build information", () => {
  test.each([
    ["64-bit, little endian", 8, true],
    ["64-bit, big endian", 8, false],
    ["32-bit, little endian", 4, true],
  ] as const)("of Go before 1.18: %s", (_, pointerSize, littleEndian) => {
    const info = readBuildInfo(program(pointerForm(pointerSize, littleEndian), pointerSize, littleEndian));

    expect(info?.goVersion).toBe("go1.16.3");
    expect(info?.main).toMatchObject({ path: "example.com/app", version: "v1.0.0" });
    expect(info?.dependencies.map(({ path, version, sum }) => [path, version, sum])).toEqual([
      ["example.com/lib", "v1.2.3", "h1:x="],
    ]);
    expect(info?.settings.get("-ldflags")).toBe("-X main.version=v2");
  });

  test("since Go 1.18 it stands in its own section", () => {
    const info = readBuildInfo(program(inlineForm(), 8, true, ".go.buildinfo"));

    expect(info?.goVersion).toBe("go1.22.1");
    expect(info?.dependencies).toHaveLength(1);
  });

  test("a program built without modules has a version only", () => {
    expect(readBuildInfo(program(inlineForm("x"), 8, true))).toMatchObject({ goVersion: "go1.22.1", dependencies: [] });
  });

  test("a program that is not written in Go has none", () => {
    expect(readBuildInfo(program(new Uint8Array(4_096), 8, true))).toBeUndefined();
  });

  test.each([
    ["a length beyond the end", inlineForm().subarray(0, 60)],
    ["a pointer to nowhere", pointerForm(8, true).map((byte, at) => (at === 16 + 16 + 2 ? 0x7f : byte))],
  ])("%s is an error of the format", (_, bytes) => {
    expect(() => readBuildInfo(program(bytes, 8, true))).toThrow(FormatError);
  });
});

describe("linked packages", () => {
  /** A function table with names only, in the layout of a Go version. */
  function table(magic: number, names: readonly string[]): Uint8Array {
    const words = magic === 0xfffffffa ? 7 : 8;
    const first = magic === 0xfffffffa ? 2 : 3;
    const text = new TextEncoder().encode(`${names.join("\0")}\0`);
    const start = 8 + words * 8;
    const bytes = new Uint8Array(start + text.length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, magic, true);
    bytes.set([1, 8], 6);
    view.setBigUint64(8 + first * 8, BigInt(start), true);
    view.setBigUint64(8 + (first + 1) * 8, BigInt(start + text.length), true);
    bytes.set(text, start);
    return bytes;
  }

  test.each([0xfffffff1, 0xfffffff0, 0xfffffffa])("are read from tables with the magic number %i", (magic) => {
    const names = [
      "main.main",
      "golang.org/x/net/http2.(*Framer).ReadFrame",
      "gopkg.in/yaml%2ev3.Unmarshal",
      "sort.Sort[go.shape.struct { a/b.C }]",
      "type:.eq.x",
      "go:buildid",
    ];

    expect(readLinkedPackages(program(table(magic, names), 8, true, ".gopclntab"))).toEqual(
      new Set(["main", "golang.org/x/net/http2", "gopkg.in/yaml.v3", "sort"]),
    );
  });

  test("are found in the data of a Windows program, a window of it at a time", () => {
    const names = table(0xfffffff1, ["main.main", "example.com/lib.Run"]);
    const data = new Uint8Array(8 * 1024 * 1024);
    // The beginning of the table lies in two windows.
    data.set(names, 3 * 1024 * 1024 - 3);
    const windows: Executable = { ...program(data, 8, true), format: "pe" };
    let largest = 0;
    const read = (start: number, end: number): Uint8Array => {
      const part = windows.content.read(start, end);
      largest = Math.max(largest, part.length);
      return part;
    };

    expect(readLinkedPackages({ ...windows, content: { size: windows.content.size, read } })).toEqual(
      new Set(["main", "example.com/lib"]),
    );
    expect(largest).toBeLessThan(1_100_000);
  });

  test.each([new Uint8Array(8), new Uint8Array(256).fill(0xff), table(0xfffffff1, ["a.b"]).subarray(0, 20)])(
    "a damaged table tells nothing (%#)",
    (bytes) => {
      expect(readLinkedPackages(program(bytes, 8, true, ".gopclntab"))).toBeUndefined();
    },
  );
});
