import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dockerArchive } from "@plimsoll/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitCodes } from "./command-line.ts";
import { adviceForCommand, adviceForFlag } from "./other-command-lines.ts";
import { adviceForReference } from "./other-scanners.ts";
import { runCli } from "./run-cli.ts";

let folder = "";
let image = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-others-"));
  image = join(folder, "shop.tar");
  const layers = [{ "srv/node_modules/lodash/package.json": '{"name":"lodash","version":"4.17.4"}' }];
  writeFileSync(image, await dockerArchive({ name: "shop", layers }));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  let stdout = "";
  let stderr = "";
  const code = await runCli(args, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env: { PLIMSOLL_CACHE_DIR: join(folder, "cache") },
    signal: new AbortController().signal,
    now: () => "2026-01-01T00:00:00Z",
  });
  return { code, stdout, stderr };
}

describe("what other scanners have", () => {
  test.each([
    [["image", "--vuln-type", "os", "app.tar"], "unknown option '--vuln-type'; use --pkg-types"],
    [["fs", ".", "--skip-dirs", "opt"], "unknown option '--skip-dirs'; use --ignore-paths 'DIR/**'"],
    [["image", "app.tar", "--fail-on", "high"], "unknown option '--fail-on'; use --exit-code 1 with --severity"],
    [["nginx"], "unknown command 'nginx'; to scan an image of this name: `plimsoll image nginx`"],
    [["db", "status"], "unknown command 'status'; use `plimsoll db info`"],
    [["k8s", "cluster"], "unknown command 'k8s'; clusters are not asked"],
    [["detect", "--source", "."], "unknown command 'detect'; use `plimsoll fs DIR --scanners secret`"],
    [["fs", ".", "--report-path", "x.json"], "unknown option '--report-path'; use --output FILE"],
    [["run", "--targets", "node"], "unknown command 'run'; use `plimsoll cis run`"],
    [["check", "policies"], "unknown command 'check'; use `plimsoll rego check`"],
    [["image", "dir:."], '"dir:." names no image; `plimsoll fs .` reads a source tree'],
    [["image", "sbom:bom.json"], '"sbom:bom.json" names no image; use `plimsoll sbom bom.json`'],
  ])("%j is told what it is here", async (args, expected) => {
    const { code, stdout, stderr } = await run(...args);

    expect(code).toBe(exitCodes.usage);
    expect(stdout).toBe("");
    expect(stderr).toContain(`error: ${expected}`);
    expect(stderr).not.toContain("Did you mean");
  });

  test("leads to the help of the command that was meant, and an image has no place below a command", async () => {
    expect((await run("image", "--nothing", "app.tar")).stderr).toContain("(`plimsoll image --help` lists options)");
    const { stderr } = await run("db", "nothing");
    expect(stderr).toBe("error: unknown command 'nothing'\n(`plimsoll db --help` lists commands and options)\n");
  });

  test("is not confused with a slip of the finger", async () => {
    const { stderr } = await run("image", "--sverity", "HIGH", "app.tar");

    expect(stderr).toContain("unknown option '--sverity'\n(Did you mean --severity?)");
  });

  test("is never advice about what plimsoll has itself", async () => {
    const help = (await Promise.all([run("image", "--help"), run("--help")])).map(({ stdout }) => stdout);
    const database = (await run("db", "--help")).stdout.replace(/(?<=\n {2})(?=[a-z])/g, "db ");
    const own = [...help, database].join("\n").match(/(?<=\s)--[a-z-]+|(?<=\n {2})(?:db )?[a-z]+/g) ?? [];

    expect(own.length).toBeGreaterThan(40);
    expect(own.filter((name) => adviceForFlag(name) ?? (name === "help" ? undefined : adviceForCommand(name)))).toEqual(
      [],
    );
  });
});

test.each(["alpine:3.19", "dir:3.2", "sbom:latest", "quay.io/dir/file:1.0", "registry:alpine", "docker:alpine"])(
  "%s is an image",
  (reference) => {
    expect(adviceForReference(reference)).toBeUndefined();
  },
);

describe("options that may be repeated", () => {
  test("do not take the image that follows", async () => {
    const ignore = join(folder, "rules");
    writeFileSync(ignore, "CVE-2020-0001\n");
    const { code, stdout } = await run("image", "--ignorefile", ignore, "--format", "cyclonedx", image);

    expect(code).toBe(exitCodes.done);
    expect(stdout).toContain("pkg:npm/lodash@4.17.4");
  });

  test("each have a value", async () => {
    const missing = ["first", "second"].map((name) => join(folder, name));
    writeFileSync(missing[0] ?? "", "CVE-2020-0001\n");
    const args = missing.flatMap((file) => ["--ignorefile", file]);

    expect((await run("image", ...args, "--format", "cyclonedx", image)).stderr).toContain("second");
  });
});

test("the kind of an archive may be said with --input too", async () => {
  const { code, stdout } = await run("image", "--input", `docker-archive:${image}`, "--format", "cyclonedx");

  expect(code).toBe(exitCodes.done);
  expect(stdout).toContain("pkg:npm/lodash@4.17.4");
});

describe("formats by the names of others", () => {
  const outputOf = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await run("image", image, ...args);
    expect({ code, stderr }).toEqual({ code: exitCodes.done, stderr: "" });
    return stdout;
  };

  test.each([
    [["-o", "cyclonedx-json"], '"bomFormat": "CycloneDX"'],
    [["-o", "cyclonedx-json@1.5"], '"specVersion": "1.5"'],
    [["-o", "cyclonedx-xml"], "<bom"],
    [["-o", "spdx-json"], '"spdxVersion"'],
    [["-f", "spdx-tag-value"], "SPDXVersion:"],
  ])("%j are understood", async (args, expected) => {
    expect(await outputOf(...args)).toContain(expected);
  });

  test("-o with a format and a file, as often as one likes, writes them all", async () => {
    const [bom, tags] = [join(folder, "bom.json"), join(folder, "bom.spdx")];

    expect(await outputOf("-o", `cyclonedx-json=${bom}`, "-o", `spdx=${tags}`, "-o", "spdx-json")).toContain("SPDXRef");
    expect(readFileSync(bom, "utf8")).toContain("CycloneDX");
    expect(readFileSync(tags, "utf8")).toContain("SPDXVersion:");
  });

  test("a file that is named like a format is a file where a format is given", async () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      expect(await outputOf("--format", "cyclonedx", "-o", "json")).toBe("");
      expect(readFileSync("json", "utf8")).toContain("CycloneDX");
    } finally {
      process.chdir(before);
    }
  });

  test.each([
    [["-o", "syft-json"], "--format json is Plimsoll's own"],
    [["--format", "purls"], 'there is no format "purls"; use --format csv'],
    [["--format", "json", "--format", "cyclonedx"], "only one report can go to stdout; --format cyclonedx=FILE"],
    [["--format", "json=a", "--format", "cyclonedx=a"], "two reports would be written to a"],
    [["--format", "json=a", "--output", "b"], "--output b: every report has a file already"],
    [["--format", "json="], 'there is no file behind the "="'],
  ])("%j is refused before anything is read", async (args, expected) => {
    const { code, stderr } = await run("image", "no-such-image.tar", ...args);

    expect(code).toBe(exitCodes.usage);
    expect(stderr).toContain(expected);
  });
});
