import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { observe } from "@plimsoll/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { npmInstalled } from "./installed.ts";
import { npmPackageLock } from "./package-lock.ts";

function hasNpm(): boolean {
  try {
    execFileSync("npm", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Packages in directories only, so that nothing is fetched: npm packs and installs them like any other. */
describe.skipIf(!hasNpm())("a tree that npm installed (needs the npm command)", () => {
  let folder = "";
  let listed: readonly string[] = [];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "plimsoll-npm-"));
    const define = (name: string, version: string, more: object = {}): void => {
      mkdirSync(join(folder, "sources", name), { recursive: true });
      writeFileSync(join(folder, "sources", name, "package.json"), JSON.stringify({ name, version, ...more }));
    };
    define("leaf", "1.2.3", { license: "MIT" });
    define("@scope/inner", "2.0.0-rc.1");
    define("outer", "0.1.0", { dependencies: { leaf: "1.2.3" }, bundleDependencies: ["leaf"] });
    mkdirSync(join(folder, "sources/outer/node_modules/leaf"), { recursive: true });
    writeFileSync(join(folder, "sources/outer/node_modules/leaf/package.json"), '{"name":"leaf","version":"1.2.3"}');
    mkdirSync(join(folder, "sources/outer/fixtures"));
    writeFileSync(join(folder, "sources/outer/fixtures/package.json"), '{"name":"fixture","version":"9.9.9"}');
    const packed = ["leaf", "@scope/inner", "outer"].map((name) => {
      const output = npm(join(folder, "sources", name), "pack", "--json", "--pack-destination", folder);
      return [name, `file:../${packedName(output)}`] as const;
    });
    mkdirSync(join(folder, "app"));
    writeFileSync(
      join(folder, "app/package.json"),
      JSON.stringify({ name: "app", version: "1.0.0", dependencies: Object.fromEntries(packed) }),
    );
    npm(join(folder, "app"), "install", "--offline", "--no-audit", "--no-fund", "--ignore-scripts");
    listed = installedIn(JSON.parse(npm(join(folder, "app"), "ls", "--all", "--json")) as NpmTree);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function npm(cwd: string, ...args: string[]): string {
    return execFileSync("npm", args, {
      cwd,
      encoding: "utf8",
      env: { ...process.env, npm_config_cache: join(folder, "cache") },
      stdio: ["ignore", "pipe", "ignore"],
    });
  }

  test("package.json files give what npm ls lists", async () => {
    const found: string[] = [];
    for (const path of readdirSync(join(folder, "app"), { recursive: true, encoding: "utf8" })) {
      if (!path.endsWith("package.json") || !path.includes("node_modules")) continue;
      const { packages } = await observe(
        npmInstalled,
        relative("/", join("/app", path)),
        readFileSync(join(folder, "app", path)),
      );
      found.push(...packages.map(({ name, version }) => `${name}@${version}`));
    }

    expect(found.sort()).toEqual(listed);
  });

  test("so does the lock file", async () => {
    const { packages } = await observe(
      npmPackageLock,
      "package-lock.json",
      readFileSync(join(folder, "app/package-lock.json")),
    );

    const locked = packages
      .filter(({ relationship }) => relationship !== "root")
      .map(({ name, version }) => `${name}@${version}`);
    expect(locked.sort()).toEqual(listed);
  });
});

interface NpmTree {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, NpmTree>>;
}

function installedIn(tree: NpmTree): readonly string[] {
  return Object.entries(tree.dependencies ?? {})
    .flatMap(([name, child]) => [`${name}@${child.version}`, ...installedIn(child)])
    .sort();
}

/** npm before version 12 prints a list, later ones an object by name. */
function packedName(output: string): string {
  const [first] = Object.values(JSON.parse(output) as Record<string, { filename: string }>);
  if (first === undefined) throw new Error("npm packed nothing");
  return first.filename;
}
