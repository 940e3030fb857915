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

const code = { data: Buffer.from("compiled form"), codeBytes: 4711 };
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
  return codeCache(program, { env, home });
}

function kept(): string {
  const [name = ""] = readdirSync(join(program, "compiled"));
  return join(program, "compiled", name);
}

describe("compiled code", () => {
  test("is read as it was written, beside the program, where nobody else may read it", () => {
    cache()?.write("main.js", code);

    expect(cache()?.read("main.js")).toEqual(code);
    expect(cache()?.read("other.js")).toBeUndefined();
    expect(readdirSync(home)).toEqual([]);
  });

  test("is not read from a file that others may write", () => {
    cache()?.write("main.js", code);
    chmodSync(kept(), 0o620);

    expect(cache()?.read("main.js")).toBeUndefined();
  });

  test("is not read through a link", () => {
    cache()?.write("main.js", code);
    renameSync(kept(), join(folder, "elsewhere"));
    symlinkSync(join(folder, "elsewhere"), join(program, "compiled", `main.js.${process.versions.v8}-${process.arch}`));

    expect(cache()?.read("main.js")).toBeUndefined();
  });

  test("is neither read from nor written to a folder that others may write", () => {
    cache()?.write("main.js", code);
    chmodSync(join(program, "compiled"), 0o777);
    cache()?.write("second.js", code);

    expect(cache()?.read("main.js")).toBeUndefined();
    expect(readdirSync(join(program, "compiled"))).toHaveLength(1);
  });

  test("is neither read from nor written to a folder that is a link", () => {
    mkdirSync(join(folder, "elsewhere"));
    symlinkSync(join(folder, "elsewhere"), join(program, "compiled"));
    cache()?.write("main.js", code);

    expect(readdirSync(join(folder, "elsewhere"))).toEqual([]);
  });

  test.each([
    ["cut short", (file: string) => truncateSync(file, 20)],
    ["empty", (file: string) => truncateSync(file, 0)],
    ["changed in one byte", (file: string) => writeFileSync(file, readFileSync(file).fill(0, 24, 25))],
    ["grown", (file: string) => appendFileSync(file, "x")],
  ])("is not read from a file that is %s, which would crash the engine", (_, damage) => {
    cache()?.write("main.js", code);
    damage(kept());

    expect(cache()?.read("main.js")).toBeUndefined();
  });

  test("goes to the user's own folder where the program's may be written by anybody", () => {
    chmodSync(program, 0o777);
    cache()?.write("main.js", code);

    expect(existsSync(join(program, "compiled"))).toBe(false);
    expect(cache()?.read("main.js")).toEqual(code);
  });

  test("of programs that are gone is taken out of the user's folder", () => {
    chmodSync(program, 0o777);
    const old = join(home, ".cache", "plimsoll-code", "gone.js");
    cache()?.write("main.js", code);
    writeFileSync(old, "");
    utimesSync(old, 0, 0);
    cache()?.write("main.js", code);

    expect(existsSync(old)).toBe(false);
    expect(cache()?.read("main.js")).toEqual(code);
  });

  test("is not kept where PLIMSOLL_CODE_CACHE is off", () => {
    expect(cache({ PLIMSOLL_CODE_CACHE: "off" })).toBeUndefined();
  });
});
