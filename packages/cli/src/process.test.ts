import { spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { dockerArchive } from "@plimsoll/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** The real program in a process of its own, in the surroundings that real machines have. */

const program = fileURLToPath(new URL("../bin/plimsoll.js", import.meta.url));
const built = existsSync(fileURLToPath(new URL("../dist/main.js", import.meta.url)));
if (!built) console.warn("the packages are not built: the program is not run (npm run setup builds them)");

let folder = "";
let image = "";
let database = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-process-"));
  image = join(folder, "shop.tar");
  const packages = Array.from({ length: 400 }, (_, index) => [
    `srv/node_modules/package-${index}/package.json`,
    JSON.stringify({ name: `package-${index}`, version: "1.0.0" }),
  ]);
  writeFileSync(image, await dockerArchive({ name: "shop", layers: [Object.fromEntries(packages)] }));
  mkdirSync(join(folder, "osv", "npm"), { recursive: true });
  for (let index = 0; index < 300; index++) {
    const affected = [
      {
        package: { ecosystem: "npm", name: `package-${index}` },
        ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: "2.0.0" }] }],
      },
    ];
    // The program looks at the clock: older advisories would be told to be old.
    const today = new Date().toISOString();
    const record = { id: `GHSA-${index}`, modified: today, affected };
    writeFileSync(join(folder, "osv", "npm", `GHSA-${index}.json`), JSON.stringify(record));
  }
  if (!built) return;
  database = join(folder, "advisories.plimsoll");
  expect(run(["db", "build", "--from", join(folder, "osv"), "--output", database]).status).toBe(0);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(args: readonly string[], env: Record<string, string> = {}, cwd = folder) {
  const all = { PATH: process.env["PATH"] ?? "", PLIMSOLL_CACHE_DIR: join(folder, "cache"), ...env };
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    encoding: "utf8",
    env: all,
    cwd,
  });
  return { status, signal, stdout, stderr };
}

function scan(...more: readonly string[]): readonly string[] {
  return ["image", image, "--db", database, "--offline", ...more];
}

describe.skipIf(!built)("the program", () => {
  test("gives the same bytes in any locale and time zone, with and without a home", () => {
    const plain = run(scan("--format", "json"));
    const turkish = run(scan("--format", "json", "--no-cache"), {
      LC_ALL: "tr_TR.UTF-8",
      LANG: "tr_TR.UTF-8",
      TZ: "Pacific/Kiritimati",
    });
    const homeless = spawnSync(process.execPath, [program, ...scan("--format", "json", "--no-cache")], {
      encoding: "utf8",
      env: {},
    });

    expect(plain).toMatchObject({ status: 0, stderr: "" });
    expect(turkish.stdout).toBe(plain.stdout);
    expect({ status: homeless.status, stdout: homeless.stdout }).toEqual({ status: 0, stdout: plain.stdout });
  });

  test("needs no cache directory that can be written to", () => {
    const file = join(folder, "no-directory");
    writeFileSync(file, "");

    expect(run(scan(), { PLIMSOLL_CACHE_DIR: file })).toMatchObject({ status: 0, stderr: "" });
    expect(run(scan(), { PLIMSOLL_CACHE_DIR: "/dev/null/nowhere" })).toMatchObject({ status: 0, stderr: "" });
  });

  test.skipIf(!existsSync("/bin/sh"))("ends quietly when nobody reads its output any more", () => {
    const command = `"${process.execPath}" "${program}" image "${image}" --db "${database}" --offline --format json | head -c 10`;
    const { stdout, stderr, status } = spawnSync("/bin/sh", ["-c", command], { encoding: "utf8" });

    expect({ status, length: stdout.length, stderr }).toEqual({ status: 0, length: 10, stderr: "" });
  });

  test.skipIf(!existsSync("/dev/full"))("says in one line that there is no space, for results and for files", () => {
    const command = `"${process.execPath}" "${program}" image "${image}" --db "${database}" --offline > /dev/full`;
    const { stderr, status } = spawnSync("/bin/sh", ["-c", command], { encoding: "utf8" });
    const missing = run(scan("--output", join(folder, "nowhere", "report.txt")));

    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: "error: Cannot write the results to stdout: no space is left there; make some, or name another place\n",
    });
    expect(missing).toMatchObject({
      status: 1,
      stderr: `error: Cannot write ${join(folder, "nowhere", "report.txt")}: there is no such file or directory\n`,
    });
  });

  test.skipIf(process.platform === "win32")(
    "writes through no link to a file, and leaves devices in their place",
    () => {
      const linked = join(folder, "linked-report");
      const link = join(folder, "report-link");
      const device = join(folder, "device-link");
      symlinkSync(linked, link);
      symlinkSync("/dev/null", device);

      const reports = [link, device].map((output) => run(scan("--output", output)));
      const database = run(["db", "build", "--from", join(folder, "osv"), "--output", device]);

      expect(reports.map(({ status, stderr }) => ({ status, stderr }))).toEqual([
        { status: 1, stderr: `error: output: ${link} is a link; name a file, which need not be there yet\n` },
        { status: 0, stderr: "" },
      ]);
      expect(existsSync(linked)).toBe(false);
      expect(database).toMatchObject({
        status: 1,
        stderr: `error: output: ${device} is a link; name a file, which need not be there yet\n`,
      });
      expect([link, device].map((path) => lstatSync(path).isSymbolicLink())).toEqual([true, true]);
    },
  );

  test("draws nothing and asks nothing without a terminal", () => {
    const { stdout, stderr } = run(scan());

    expect(stderr).toBe("");
    expect(stdout).not.toContain("\u001b");
  });

  test.skipIf(process.platform === "win32").each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)(
    "stops at %s while it waits for an image, at once and without leaving a file",
    async (signal, expected) => {
      const temporary = join(folder, `tmp-${signal}`);
      mkdirSync(temporary);
      const output = join(temporary, "report.json");
      const child = spawn(process.execPath, [program, "image", "--input", "-", "--db", database, "--output", output], {
        env: { PATH: process.env["PATH"] ?? "", TMPDIR: temporary, PLIMSOLL_CACHE_DIR: join(temporary, "cache") },
        stdio: ["pipe", "ignore", "pipe"],
      });
      let stderr = "";
      child.stderr.setEncoding("utf8").on("data", (part: string) => (stderr += part));
      const ended = new Promise<number | null>((resolve) => child.on("close", (code) => resolve(code)));
      child.stdin.on("error", () => undefined);
      // More than the pipe holds: once it is taken, the program is reading.
      await new Promise((resolve) => child.stdin.write(readFileSync(image).subarray(0, 300_000), resolve));
      const asked = performance.now();
      child.kill(signal);
      const code = await ended;

      expect({ code, stderr }).toEqual({ code: expected, stderr: "error: Interrupted\n" });
      expect(performance.now() - asked).toBeLessThan(10_000);
      expect(readdirSync(temporary)).toEqual([]);
    },
  );

  describe("in a stranger's repository", () => {
    /** A working directory with these files. */
    function repository(name: string, files: Readonly<Record<string, string>>): string {
      const path = join(folder, name);
      mkdirSync(path, { recursive: true });
      for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
      return path;
    }

    const ids = (stdout: string): number =>
      (JSON.parse(stdout) as { vulnerabilities: unknown[] }).vulnerabilities.length;

    test("lets a planted plimsoll.yaml choose formats and filters, and nothing that is written, fetched or trusted", () => {
      const written = join(folder, "planted.txt");
      const cwd = repository("planted", {
        "plimsoll.yaml": [
          "format: json",
          `output: ${written}`,
          "template: pwned",
          "db: /nowhere",
          "offline: false",
          "quiet: true",
          "image:",
          "  cacert: /nowhere",
          "  insecure: true",
          "  username: me",
          "  cache-dir: /nowhere",
          "  ignorefile: [/etc/passwd]",
          "  vex: [/etc/passwd]",
          "  timeout: 1ms",
          "  db-key: [/nowhere]",
        ].join("\n"),
      });

      const { status, stdout, stderr } = run(scan(), {}, cwd);

      expect(status).toBe(0);
      expect(ids(stdout)).toBe(300);
      expect(existsSync(written)).toBe(false);
      expect(stderr).toContain("settings: plimsoll.yaml, found in the working directory\n");
      for (const key of [
        "output",
        "template",
        "quiet",
        "cacert",
        "insecure",
        "username",
        "cache-dir",
        "ignorefile",
        "vex",
        "timeout",
        "db-key",
      ])
        expect(stderr).toContain(`warning: plimsoll.yaml: "${key}" is left out, since nobody named this file`);

      // Nor which database counts where the command line names none.
      const home = join(folder, "planted-cache");
      mkdirSync(home);
      copyFileSync(database, join(home, "advisories.plimsoll"));
      const usual = run(["image", image], { PLIMSOLL_CACHE_DIR: home, PLIMSOLL_OFFLINE: "true" }, cwd);
      expect(ids(usual.stdout)).toBe(300);
      expect(usual.stderr).toContain('warning: plimsoll.yaml: "db" is left out, since nobody named this file');
    });

    test("lets a named file, the user's own and the environment say everything", () => {
      const output = join(folder, "chosen.json");
      const settings = `format: json\noutput: ${output}\n`;
      const cwd = repository("own", { "plimsoll.yaml": settings });
      mkdirSync(join(cwd, "home", "plimsoll"), { recursive: true });
      writeFileSync(join(cwd, "home", "plimsoll", "plimsoll.yaml"), settings);
      const ways: [readonly string[], Record<string, string>][] = [
        [["--config", "plimsoll.yaml"], {}],
        [[], { PLIMSOLL_CONFIG: "plimsoll.yaml" }],
        [[], { XDG_CONFIG_HOME: join(cwd, "home") }],
      ];
      for (const [args, env] of ways) {
        rmSync(output, { force: true });
        expect(run(scan(...args), env, cwd)).toMatchObject({ status: 0, stderr: expect.stringMatching(/^settings: /) });
        expect(ids(readFileSync(output, "utf8"))).toBe(300);
      }
      rmSync(output);
      const none = run(scan("--no-config", "--format", "json"), { XDG_CONFIG_HOME: join(cwd, "home") }, cwd);
      expect(none).toMatchObject({ status: 0, stderr: "" });
      expect(existsSync(output)).toBe(false);
    });

    test("counts on the last line what ignore files hid that nobody named, also with --quiet", () => {
      const cwd = repository("ignored", { ".trivyignore": "GHSA-1\nGHSA-2\n" });
      const line =
        "2 findings are left out by .trivyignore, found in the working directory; --no-ignore keeps what they hide\n";

      const quiet = run(scan("--quiet", "--format", "json"), {}, cwd);
      expect(quiet.stderr).toBe(line);
      expect(ids(quiet.stdout)).toBe(298);
      expect(run(scan(), {}, cwd).stderr.endsWith(line)).toBe(true);
      const all = run(scan("--no-ignore", "--format", "json"), {}, cwd);
      expect({ stderr: all.stderr, findings: ids(all.stdout) }).toEqual({ stderr: "", findings: 300 });
      expect(run(scan("--ignorefile", ".trivyignore", "--quiet"), {}, cwd).stderr).toBe("");
    });

    test.skipIf(process.platform === "win32")("waits for no pipe, whatever name it has", () => {
      const cwd = repository("pipes", {});
      mkdirSync(join(cwd, "layout", "blobs"), { recursive: true });
      const pipes = ["plimsoll.yaml", ".trivyignore", "layout/index.json", "advisories.db"].map((name) =>
        join(cwd, name),
      );
      expect(spawnSync("mkfifo", pipes).status).toBe(0);

      expect(run(scan("--quiet"), {}, cwd)).toMatchObject({ status: 0, signal: null });
      expect(run(["image", "layout", "--db", database, "--timeout", "60s"], {}, cwd)).toMatchObject({
        status: 1,
        stderr: expect.stringContaining("it is neither a file nor a directory"),
      });
      expect(run(["image", image, "--db", "advisories.db"], {}, cwd)).toMatchObject({ status: 1, signal: null });
    });
  });

  test.skipIf(process.platform === "win32")(
    "ends at the first signal with one line when stdin is no terminal",
    async () => {
      const slow = createServer(() => undefined);
      await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve));
      const { port } = slow.address() as AddressInfo;
      const child = spawn(process.execPath, [program, "image", `127.0.0.1:${port}/app`, "--db", database], {
        env: { PATH: process.env["PATH"] ?? "", PLIMSOLL_CACHE_DIR: join(folder, "signal-cache") },
        stdio: ["ignore", "ignore", "pipe"],
      });
      let stderr = "";
      child.stderr.setEncoding("utf8").on("data", (part: string) => (stderr += part));
      const ended = new Promise<number | null>((resolve) => child.on("close", (code) => resolve(code)));
      await new Promise((resolve) => slow.once("connection", resolve));
      child.kill("SIGTERM");

      expect({ code: await ended, stderr }).toEqual({ code: 143, stderr: "error: Interrupted\n" });
      slow.closeAllConnections();
      slow.close();
    },
  );
});
