import type { FileAnalyzer } from "@plimsoll/model";
import { FormatError } from "@plimsoll/formats";
import { observe, testParserCases } from "@plimsoll/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { macapps } from "./index.ts";
import { readPropertyTexts } from "./property-list.ts";

const [information] = macapps.analyzers as readonly [FileAnalyzer];
const path = "Applications/Chrome.app/Contents/Info.plist";

/** A binary property list of one dictionary of texts. */
function binaryList(texts: Readonly<Record<string, string>>): Uint8Array {
  const strings = [...Object.keys(texts), ...Object.values(texts)];
  const bytes: number[] = [...new TextEncoder().encode("bplist00")];
  const offsets = [bytes.length];
  bytes.push(0xd0 | (strings.length / 2), ...strings.map((_, at) => at + 1));
  for (const text of strings) {
    offsets.push(bytes.length);
    const units = Array.from(text, (char) => char.charCodeAt(0));
    if (units.some((unit) => unit > 127))
      bytes.push(0x60 | units.length, ...units.flatMap((unit) => [unit >> 8, unit & 255]));
    else bytes.push(...(units.length < 15 ? [0x50 | units.length] : [0x5f, 0x10, units.length]), ...units);
  }
  const table = bytes.length;
  const word = (value: number): number[] => [0, 0, 0, 0, 0, 0, value >> 8, value & 255];
  bytes.push(...offsets, 0, 0, 0, 0, 0, 0, 1, 1, ...word(offsets.length), ...word(0), ...word(table));
  return new Uint8Array(bytes);
}

const texts = { CFBundleName: "Größe", CFBundleShortVersionString: "1.0", CFBundleIdentifier: "a.b" };

describe("macapps/information", () => {
  test("reads binary and XML property lists alike", async () => {
    const xml = `<?xml version="1.0"?><plist version="1.0"><dict>${Object.entries(texts)
      .map(([key, value]) => `<key>${key}</key><string>${value}</string>`)
      .join("")}<key>LSFlag</key><true/></dict></plist>`;
    const expected = [{ name: "Größe", version: "1.0", facts: { bundleidentifier: "a.b" } }];

    expect((await observe(information, path, xml)).packages).toEqual(expected);
    expect((await observe(information, path, binaryList(texts))).packages).toEqual(expected);
  });

  test.each(["", "nonsense", "<plist/>", "<plist><dict><key>CFBundleName</key><string>a</string></dict></plist>"])(
    "reports %j",
    async (text) => {
      const { packages, diagnostics } = await observe(information, path, text);

      expect(packages).toEqual([]);
      expect(diagnostics).toHaveLength(1);
    },
  );
});

test("numbers without bytes are refused, since they would never end", () => {
  const list = binaryList(texts);
  list[list.length - 25] = 0;

  expect(() => readPropertyTexts(list, new Set())).toThrow(FormatError);
});

test("a damaged binary list is read or refused", () => {
  const list = binaryList(texts);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(list.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 }), (changes) => {
      const copy = list.slice();
      for (const [at, byte] of changes) copy[at] = byte;
      try {
        readPropertyTexts(copy, new Set(Object.keys(texts)));
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
      }
    }),
    { numRuns: 500 },
  );
});

testParserCases({ folder: "os/macapps", analyzers: [information], as: () => path });
testParserCases({ folder: "apple/cataloger", analyzers: [information] });
