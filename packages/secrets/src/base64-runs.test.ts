import { Buffer } from "node:buffer";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodedSpan, encodedTexts } from "./base64-runs.ts";
import { findSecrets } from "./index.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

/** Made up, and put together here so that no scanner takes this file for a leak. */
const awsKey = "AKI" + "AQ3EGUYT2XK7BNMLP";

test("text in base64 is found wherever it stands, in either alphabet, with or without padding", () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 18, maxLength: 200, unit: "grapheme-ascii" }),
      fc.string({ maxLength: 60, unit: fc.constantFrom(" ", "\n", ":", '"', "\u00e9") }),
      fc.constantFrom("base64", "base64url"),
      (text, before, alphabet) => {
        const encoded = Buffer.from(text).toString(alphabet as BufferEncoding);
        const [found] = encodedTexts(utf8(`${before}${encoded}"\n`));

        expect(new TextDecoder().decode(found?.decoded)).toBe(text);
        expect(found?.start).toBe(utf8(before).length);
        expect((found?.end ?? 0) - (found?.start ?? 0)).toBe(encoded.length);
      },
    ),
    { numRuns: 200 },
  );
});

test("a stretch that was begun elsewhere is read from its next group", () => {
  const encoded = Buffer.from("a secret is hidden in here somewhere").toString("base64");
  for (const cut of [0, 1, 2, 3]) {
    const [found] = encodedTexts(utf8(encoded.slice(cut)), { cut: true });
    expect(new TextDecoder().decode(found?.decoded)).toContain("hidden in here");
  }
});

test("what is no text when decoded is passed over", () => {
  expect([...encodedTexts(utf8("0123456789abcdef".repeat(8)))]).toEqual([]);
  expect([...encodedTexts(utf8("short words of a text, none of them encoded"))]).toEqual([]);
});

test("the span of decoded bytes is that of the groups that encode them", () => {
  const encoded = { start: 10, end: 38, decoded: new Uint8Array(20), width: 1 } as const;

  expect(encodedSpan(encoded, { start: 4, end: 7 })).toEqual({ start: 14, end: 22 });
  expect(encodedSpan(encoded, { start: 0, end: 20 })).toEqual({ start: 10, end: 38 });
});

test("a secret in base64 is told, masked, once, and one level deep", () => {
  const once = Buffer.from(`key: ${awsKey}\n`).toString("base64");
  const [found, ...others] = findSecrets(utf8(`kind: x\ndata: ${once}\n`), { path: "s.yaml" });

  expect(found).toMatchObject({ id: "aws-access-key-id", encoded: "base64", line: 2, column: 11 });
  expect(others).toEqual([]);
  // The first character of the key shares a group with what stands before it.
  expect(found?.match).not.toContain(Buffer.from(awsKey.slice(1)).toString("base64").slice(0, 8));
  expect(found?.match).toMatch(/\*{28}/);
  const twice = Buffer.from(once).toString("base64");
  expect(findSecrets(utf8(`data: ${twice}\n`), { path: "s.yaml" })).toEqual([]);
});

test("text in wrapped base64 is found whole, with every character's place", () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 100, maxLength: 400, unit: "grapheme-ascii" }),
      fc.constantFrom(64, 76),
      fc.constantFrom("\n", "\r\n", "\n    "),
      fc.nat(99),
      (text, line, end, at) => {
        const encoded = Buffer.from(text).toString("base64");
        const lines = encoded.match(new RegExp(`.{1,${line}}`, "g")) ?? [];
        const file = `data: |\n${lines.join(end)}\nmore: 1\n`;
        const [found, ...others] = encodedTexts(utf8(file));

        expect(others).toEqual([]);
        expect(new TextDecoder().decode(found?.decoded)).toBe(text);
        if (found === undefined) return;
        const span = encodedSpan(found, { start: at, end: at + 1 });
        const group = file.slice(span.start, span.end).replace(/\s+/g, "");
        expect(Buffer.from(group, "base64").toString()).toContain(text.charAt(at));
        expect(group).toHaveLength(4);
      },
    ),
    { numRuns: 200 },
  );
});

test.each([
  ["little-endian", (text: string) => Buffer.from(text, "utf16le")],
  ["big-endian", (text: string) => Buffer.from(text, "utf16le").swap16()],
])("a secret in the base64 of UTF-16 is found, %s", (_order, encode) => {
  // As `powershell -EncodedCommand` takes it.
  const encoded = encode(`$env:KEY = '${awsKey}'; Get-Item é`).toString("base64");
  const [found, ...others] = findSecrets(utf8(`run -EncodedCommand ${encoded}\n`), { path: "a.ps1" });

  expect(found).toMatchObject({ id: "aws-access-key-id", encoded: "base64", line: 1 });
  expect(others).toEqual([]);
  const shown = Buffer.from(encoded.slice((found?.column ?? 0) - 21, (found?.endColumn ?? 0) - 21), "base64");
  expect(shown.toString("latin1").replaceAll("\0", "")).toContain(awsKey);
});

test("a secret that is wrapped over two lines of base64 is found on both and masked", () => {
  const text = `[default]\nregion = eu-central-1\naws_access_key_id = ${awsKey}\nmore = of the same\n`;
  const lines =
    Buffer.from(text)
      .toString("base64")
      .match(/.{1,76}/g) ?? [];
  const [found, ...others] = findSecrets(utf8(`${lines.join("\n")}\n`), { path: "a.txt" });

  expect(found).toMatchObject({ id: "aws-access-key-id", encoded: "base64", line: 1, endLine: 2 });
  expect(others).toEqual([]);
  expect(found?.match).not.toContain((lines[1] ?? "").slice(0, 12));
});

test("lines of base64 that are no text cost time linear in their number", () => {
  const line = Buffer.from(Uint8Array.from({ length: 48 }, (_byte, at) => (at * 37 + 128) % 256)).toString("base64");
  expect([...encodedTexts(utf8(`${line}\n`.repeat(50_000)))]).toEqual([]);
});
