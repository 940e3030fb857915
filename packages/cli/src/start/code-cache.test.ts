import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { codeCache } from "./code-cache.ts";

const code = { name: "main.js", text: "the text", data: Buffer.from("compiled form"), codeBytes: 4711, modified: 12.5 };
let folder = "";
let program = "";
let home = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-code-"));
  program = join(folder, "program");
  home = join(folder, "home");
  mkdirSync(program);
  mkdirSync(home);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function cache(env: Record<string, string> = {}) {
  return codeCache(program, "program.js", { env, home });
}

function kept(): string {
  const [name = ""] = readdirSync(join(program, "compiled"));
  return join(program, "compiled", name);
}

describe("compiled code", () => {
  test("is read as it was written, beside the program, where nobody else may read it", () => {
    cache()?.write([code]);

    expect(cache()?.read("main.js")).toEqual(code);
    expect(cache()?.read("other.js")).toBeUndefined();
    expect(readdirSync(home)).toEqual([]);
  });

  test("of some files is kept beside that of others, however many", () => {
    const others = Array.from({ length: 700 }, (_, at) => ({ ...code, name: `part-${at}.js`, text: `text ${at}` }));
    cache()?.write([code]);
    cache()?.write(others);
    cache()?.write([{ ...code, name: "part-7.js", text: "another text", codeBytes: 5 }]);
    const read = cache();

    expect(["main.js", "part-7.js", "part-8.js", "part-700.js"].map((name) => read?.read(name)?.text)).toEqual([
      "the text",
      "another text",
      "text 8",
      undefined,
    ]);
    expect(read?.read("part-699.js")).toEqual(others[699]);
    expect(readdirSync(join(program, "compiled"))).toHaveLength(1);
  });

  test("is not read from a home that cannot be looked into", () => {
    chmodSync(program, 0o777);
    rmSync(home, { recursive: true });
    symlinkSync("home", home);

    expect(cache()?.read("main.js")).toBeUndefined();
  });

  test("is not read from what is no file", () => {
    cache()?.write([code]);
    const file = kept();
    rmSync(file);
    mkdirSync(file, { mode: 0o700 });

    expect(cache()?.read("main.js")).toBeUndefined();
  });

  test("is not read from a file that others may write", () => {
    cache()?.write([code]);
    chmodSync(kept(), 0o620);

    expect(cache()?.read("main.js")).toBeUndefined();
  });

  test("is not read through a link", () => {
    cache()?.write([code]);
    renameSync(kept(), join(folder, "elsewhere"));
    symlinkSync(
      join(folder, "elsewhere"),
      join(program, "compiled", `program.js.${process.versions.v8}-${process.arch}`),
    );

    expect(cache()?.read("main.js")).toBeUndefined();
  });

  test("is neither read from nor written to a folder that others may write", () => {
    cache()?.write([code]);
    chmodSync(join(program, "compiled"), 0o777);
    cache()?.write([{ ...code, name: "second.js" }]);

    expect(cache()?.read("main.js")).toBeUndefined();
    expect(readdirSync(join(program, "compiled"))).toHaveLength(1);
  });

  test("is neither read from nor written to a folder that is a link", () => {
    mkdirSync(join(folder, "elsewhere"));
    symlinkSync(join(folder, "elsewhere"), join(program, "compiled"));
    cache()?.write([code]);

    expect(readdirSync(join(folder, "elsewhere"))).toEqual([]);
  });

  test.each([
    ["cut short", (file: string) => truncateSync(file, 20)],
    ["empty", (file: string) => truncateSync(file, 0)],
    ["changed in one byte of the index", (file: string) => writeFileSync(file, readFileSync(file).fill(9, 24, 25))],
    ["changed in one byte of the code", (file: string) => writeFileSync(file, readFileSync(file).fill(9, 58, 59))],
    ["changed in one byte of the text", (file: string) => writeFileSync(file, readFileSync(file).fill(9, 72, 73))],
    ["grown", (file: string) => appendFileSync(file, "x")],
  ])("is not read from a file that is %s, which would crash the engine", (_, damage) => {
    cache()?.write([code]);
    damage(kept());

    expect(cache()?.read("main.js")).toBeUndefined();
  });

  test("goes to the user's own folder where the program's may be written by anybody", () => {
    chmodSync(program, 0o777);
    cache()?.write([code]);

    expect(existsSync(join(program, "compiled"))).toBe(false);
    expect(cache()?.read("main.js")).toEqual(code);
  });

  test("of programs that are gone is taken out of the user's folder", () => {
    chmodSync(program, 0o777);
    const old = join(home, ".cache", "plimsoll-code", "gone.js");
    cache()?.write([code]);
    writeFileSync(old, "");
    utimesSync(old, 0, 0);
    cache()?.write([code]);

    expect(existsSync(old)).toBe(false);
    expect(cache()?.read("main.js")).toEqual(code);
  });

  test("is not kept where PLIMSOLL_CODE_CACHE is off", () => {
    expect(cache({ PLIMSOLL_CODE_CACHE: "off" })).toBeUndefined();
  });
});
