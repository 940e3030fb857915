import { expect, test } from "vitest";
import { copyrightParagraphs } from "./copyright.ts";

const head = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nLicense: MIT\n";

test("paragraphs of a machine-readable copyright file are told with the name and the text of their licence", () => {
  const text = `${head}\nFiles: *\nCopyright: 2020 A\nLicense: GPL-2+ or BSD\n\nLicense: GPL-2+\n First line.\n .\n Last line.\n`;

  expect([...(copyrightParagraphs(text) ?? [])]).toEqual([
    { kind: "files", name: "MIT", text: "" },
    { kind: "files", name: "GPL-2+ or BSD", text: "" },
    { kind: "license", name: "GPL-2+", text: "First line.\n\nLast line." },
  ]);
});

test("a paragraph without a licence, or with an empty one, says nothing", () => {
  expect([...(copyrightParagraphs("Format: x\nLicense:\n\nFiles: a\n") ?? [])]).toEqual([]);
});

test("free text is no such file, though the word stands somewhere in it", () => {
  expect(copyrightParagraphs("This package was made by A.\n\nLicense: MIT\n")).toBeUndefined();
  expect(copyrightParagraphs(`${" ".repeat(2_000)}\nFormat: x\n`)).toBeUndefined();
});
