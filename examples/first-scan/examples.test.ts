import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const examples = fileURLToPath(new URL("..", import.meta.url));
const built = existsSync(join(examples, "../packages/plimsoll/dist/program/main.js"));
if (!built) console.warn("the packages are not built: the examples are not run (npm run setup builds them)");

/** Runs as a user would: in the example's folder, with a cache of its own and no colours. */
function run(example: string, ...args: string[]): { status: number | null; output: string } {
  const env = { ...process.env, PLIMSOLL_CACHE_DIR: cache, NO_COLOR: "1" };
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${example}.mjs`, ...args], {
    cwd: join(examples, example),
    encoding: "utf8",
    env,
  });
  return { status, output: stdout + stderr };
}

let cache = "";
beforeAll(() => void (cache = mkdtempSync(join(tmpdir(), "plimsoll-examples-"))));
afterAll(() => rmSync(cache, { recursive: true, force: true }));

describe.skipIf(!built)("the examples run", () => {
  test("first-scan finds what is there and nothing of what was removed or upgraded", () => {
    const { status, output } = run("first-scan");

    expect(status).toBe(0);
    for (const id of [
      "CVE-2019-1547",
      "CVE-2019-1549",
      "CVE-2019-1563",
      "CVE-2019-10744",
      "CVE-2018-3721",
      "CVE-2018-18074",
      "CVE-2023-32681",
      "CVE-2019-11324",
    ])
      expect(output).toContain(id);
    for (const id of ["CVE-2019-14697", "CVE-2021-44906"]) expect(output).not.toContain(id);
  });

  test("triage-gate refuses the image and says what to upgrade", () => {
    const { status, output } = run("triage-gate");

    expect(status).toBe(1);
    expect(output).toContain("CVE-2019-10744 in lodash 4.17.4: upgrade to 4.17.12");
  });

  test("pull-request-diff tells what the pull request fixes and lets it pass", () => {
    const { status, output } = run("pull-request-diff");

    expect(status).toBe(0);
    expect(output).toContain("**Nothing new.** 2 (2 critical) fixed");
    expect(output).toContain("musl was 1.1.22-r2 and is 1.1.22-r3");
  });

  test("registry-watch tells what a new database changes, without the image", async () => {
    const folder = join(cache, "registry");
    mkdirSync(folder);
    const image = join(folder, "app.tar");
    copyFileSync(join(examples, "first-scan/dist/app.tar"), image);
    const [database, newer] = [join(folder, "advisories.plimsoll"), join(folder, "newer.plimsoll")];
    const whole = join(examples, "first-scan/advisories");
    for (const [from, output] of [
      [join(whole, "npm"), database],
      [whole, newer],
    ] as const)
      spawnSync(process.execPath, [
        join(examples, "../packages/plimsoll/bin/plimsoll.js"),
        "db",
        "build",
        "--from",
        from,
        "--output",
        output,
      ]);
    expect(run("registry-watch", database, folder, "take", image)).toMatchObject({ status: 0 });
    rmSync(image);

    const child = spawn(process.execPath, ["registry-watch.mjs", database, folder], {
      cwd: join(examples, "registry-watch"),
    });
    let output = "";
    const seen = (text: string): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => void (output.includes(text) && resolve());
        child.stdout.on("data", look);
        look();
      });
    child.stdout.setEncoding("utf8").on("data", (part: string) => (output += part));
    await seen("up to date");
    renameSync(newer, database);
    await seen("CVE-2018-18074");
    child.kill("SIGINT");
    const code = await new Promise((resolve) => child.on("close", resolve));

    expect(code).toBe(0);
    expect(output).toMatch(/new \w+ CVE-2018-18074 in requests 2\.19\.1/);
  });

  test("own-analyzer finds its own advisory", () => {
    expect(run("own-analyzer")).toEqual({ status: 0, output: "HARBOUR-2026-1 HIGH crane 1.4.0 -> 1.4.2\n" });
  });

  test("sbom gives the same findings from the document as from the image", () => {
    const { status, output } = run(
      "sbom",
      "../first-scan/dist/app.tar",
      "../first-scan/dist/advisories.plimsoll",
      join(cache, "sbom.json"),
    );

    expect(status).toBe(0);
    expect(output).toContain("11 packages of app.tar");
    expect(output).toContain("11 findings today");
  });
});
