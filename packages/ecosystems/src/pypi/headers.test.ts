import { describe, expect, test } from "vitest";
import { parseHeaders } from "./headers.ts";

/** Each as Python 3.11's `email.message_from_string` reads it. */
describe("headers end where Python's do", () => {
  test.each<[string, string, Record<string, readonly string[]>]>([
    ["at an empty line", "Name: a\n\nVersion: 1\n", { name: ["a"], version: [] }],
    [
      "not at a line of white space, which continues a value",
      "License: Copyright\n        \n        Permission\nName: a\n",
      { license: ["Copyright\n\nPermission"], name: ["a"] },
    ],
    ["also with carriage returns", "Summary: x\r\n  \r\n  y\r\nName: a\r\n", { summary: ["x\n\ny"], name: ["a"] }],
    ["also with a tab", "Summary: x\n\t\nName: a\n", { summary: ["x"], name: ["a"] }],
    ["at a line that is no header", "Name: a\nstray text\nVersion: 1\n", { name: ["a"], version: [] }],
    ["at a name with a space", "Name: a\nSummary : x\nVersion: 1\n", { name: ["a"], version: [] }],
    ["at a name that is not ASCII", "Name: a\nÜber: x\nVersion: 1\n", { name: ["a"], version: [] }],
    [
      "not at an odd name, whose continuation is its own",
      "Name: a\nX_Y!: q\n z\nVersion: 1",
      { name: ["a"], version: ["1"] },
    ],
    ["nor where the name lacks", "Name: a\n: q\n z\nVersion: 1", { name: ["a"], version: ["1"] }],
    ["nor at a mailbox's separator", "Name: a\nFrom somebody\n z\nVersion: 1", { name: ["a"], version: ["1"] }],
    ["lone carriage returns end lines", "Name: a\rVersion: 1\r\rbody: 1", { name: ["a"], version: ["1"], body: [] }],
    ["names repeat in any case", "Classifier: a\nCLASSIFIER:b\n", { classifier: ["a", "b"] }],
  ])("%s", (_, text, expected) => {
    const headers = parseHeaders(text);
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, headers.all(name)]))).toEqual(expected);
  });

  test("blank lines before the first header are passed over, which Python does not", () => {
    expect(parseHeaders("\n\r\nName: a\n").first("name")).toBe("a");
  });
});
