import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Report } from "@plimsoll/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "./run-cli.ts";

const isc = `ISC License

Copyright (c) 2004-2010 Jane Doe

Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby
granted, provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL
IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT,
INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF
THIS SOFTWARE.
`;
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-licenses-"));
  const files = {
    "node_modules/one/package.json": '{"name":"one","version":"1.0.0","license":"MIT OR Apache-2.0"}',
    "node_modules/one/LICENSE": isc,
    "node_modules/two/package.json": '{"name":"two","version":"2.0.0","license":"ISC"}',
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, "tree", path, ".."), { recursive: true });
    writeFileSync(join(folder, "tree", path), text);
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

async function scan(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  let stdout = "";
  let stderr = "";
  const code = await runCli(
    ["rootfs", join(folder, "tree"), "--scanners", "license", "--no-cache", "--offline", ...args],
    {
      stdout: { write: (text) => (stdout += text) },
      stderr: { write: (text) => (stderr += text) },
      env: {},
      signal: new AbortController().signal,
      now: () => "2026-01-01T00:00:00Z",
    },
  );
  return { code, stdout, stderr };
}

describe("plimsoll rootfs --scanners license", () => {
  test("--format notices has the texts of licences and whose work the packages are", async () => {
    const { code, stdout } = await scan("--format", "notices");

    expect(code).toBe(0);
    expect(stdout).toMatch(
      /\nISC\n=+\n\none 1\.0\.0\n {4}Copyright \(c\) 2004-2010 Jane Doe\ntwo 2\.0\.0\n\nISC:\n\nISC License/,
    );
    expect(stdout).toContain("TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION");
    expect(stdout.match(/Permission to use, copy, modify/g)).toHaveLength(1);
  });

  test("a text that is another licence than the package states is told", async () => {
    const report = JSON.parse((await scan("--format", "json")).stdout) as Report;
    const conflict = report.licenses?.find(({ explanation }) => explanation.notes !== undefined);

    expect(conflict).toMatchObject({
      id: "ISC",
      package: { name: "one" },
      copyrights: ["Copyright (c) 2004-2010 Jane Doe"],
      explanation: { notes: ["one states MIT OR Apache-2.0, which does not name ISC"] },
    });
  });

  test.each([
    ["as an option", ["--license-categories", "forbidden=ISC,SSPL-1.0"]],
    ["in a file", ["--config", "settings.yaml"]],
  ])("--license-categories replaces a list, %s", async (_how, args) => {
    const settings = join(folder, "settings.yaml");
    writeFileSync(settings, "rootfs:\n  license-categories:\n    forbidden: [ISC, SSPL-1.0]\n    restricted: [MIT]\n");
    const { code, stdout, stderr } = await scan(
      "--format",
      "json",
      ...args.map((arg) => (arg === "settings.yaml" ? settings : arg)),
    );
    expect({ code, stderr: stderr.replace(/^settings: .*\n/, "") }).toEqual({ code: 0, stderr: "" });
    const report = JSON.parse(stdout) as Report;

    expect(report.licenses?.filter(({ id }) => id === "ISC").map(({ category }) => category)).toEqual([
      "forbidden",
      "forbidden",
    ]);
  });

  test.each([["ISC"], ["evil=ISC"]])("--license-categories %s is wrong usage", async (value) => {
    const { code, stderr } = await scan("--license-categories", value);

    expect(code).toBe(2);
    expect(stderr).toContain("--license-categories");
  });
});
