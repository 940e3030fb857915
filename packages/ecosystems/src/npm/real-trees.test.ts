import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FileAnalyzer } from "@plimsoll/model";
import { observe } from "@plimsoll/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { npmArchives } from "./archives.ts";
import { npmInstalled } from "./installed.ts";

const fetches = process.env["PLIMSOLL_REAL_INSTALLS"] === "1";
if (!fetches) console.warn("PLIMSOLL_REAL_INSTALLS is not 1: trees of npm, pnpm and yarn are not installed and read");

/** The most used packages of the registry that are applications' own choice. */
const wanted =
  "lodash chalk react axios express commander debug async request moment tslib uuid semver glob yargs minimatch rimraf fs-extra bluebird webpack".split(
    " ",
  );

interface Tree {
  readonly name?: string;
  readonly from?: string;
  readonly version?: string;
  readonly deduped?: boolean;
  readonly dependencies?: Readonly<Record<string, Tree>>;
  readonly optionalDependencies?: Readonly<Record<string, Tree>>;
}

interface YarnTree {
  readonly name: string;
  readonly shadow?: boolean;
  readonly children?: readonly YarnTree[];
}

describe.skipIf(!fetches)(
  "what each package manager installs of the twenty most used packages is what it lists",
  () => {
    const folder = fetches ? mkdtempSync(join(tmpdir(), "plimsoll-trees-")) : "";
    beforeAll(() => {
      const dependencies = Object.fromEntries(wanted.map((name) => [name, "*"]));
      for (const manager of ["npm", "pnpm", "yarn1", "yarn4"]) {
        mkdirSync(join(folder, manager));
        writeFileSync(
          join(folder, manager, "package.json"),
          JSON.stringify({ name: "app", version: "1.0.0", private: true, dependencies }),
        );
      }
      writeFileSync(
        join(folder, "yarn4/.yarnrc.yml"),
        "nodeLinker: pnp\nenableGlobalCache: false\nenableScripts: false\n",
      );
      writeFileSync(join(folder, "yarn4/yarn.lock"), "");
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    function run(manager: string, command: string, ...args: readonly string[]): string {
      return execFileSync(command, args, {
        cwd: join(folder, manager),
        encoding: "utf8",
        maxBuffer: 256 * 1024 * 1024,
        stdio: ["ignore", "pipe", "ignore"],
      });
    }

    async function found(manager: string, analyzer: FileAnalyzer, suffix: string): Promise<readonly string[]> {
      const all = new Set<string>();
      for (const entry of readdirSync(join(folder, manager), { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name);
        if (!entry.isFile() || !path.endsWith(suffix)) continue;
        const { packages } = await observe(analyzer, path.slice(folder.length + 1), new Uint8Array(readFileSync(path)));
        for (const { name, version, relationship } of packages)
          if (relationship !== "root") all.add(`${name}@${version}`);
      }
      return [...all].sort();
    }

    function namesIn(tree: Tree): readonly string[] {
      return [tree.dependencies, tree.optionalDependencies].flatMap((list) =>
        Object.entries(list ?? {}).flatMap(([name, child]) => [
          ...(child.version === undefined || !/^\d/.test(child.version)
            ? []
            : [`${child.from ?? child.name ?? name}@${child.version}`]),
          ...namesIn(child),
        ]),
      );
    }

    const sorted = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();

    test("npm", async () => {
      run("npm", "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts");

      const listed = namesIn(JSON.parse(run("npm", "npm", "ls", "--all", "--json")) as Tree);
      expect(await found("npm", npmInstalled, "/package.json")).toEqual(sorted(listed));
    });

    test("pnpm", async () => {
      run("pnpm", "npx", "--yes", "pnpm@10", "install", "--ignore-scripts", "--config.engine-strict=false");

      const [root = {}] = JSON.parse(
        run("pnpm", "npx", "--yes", "pnpm@10", "list", "--depth", "Infinity", "--json"),
      ) as readonly Tree[];
      expect(await found("pnpm", npmInstalled, "/package.json")).toEqual(sorted(namesIn(root)));
    });

    test("yarn 1", async () => {
      run("yarn1", "npx", "--yes", "yarn@1.22.22", "install", "--ignore-scripts", "--ignore-engines");

      const lines = run("yarn1", "npx", "--yes", "yarn@1.22.22", "list", "--json").trim().split("\n");
      const namesOf = (trees: readonly YarnTree[]): readonly string[] =>
        trees.flatMap(({ name, shadow, children = [] }) => [
          ...(shadow === true || !/@\d+\.\d+\.\d+[^ ]*$/.test(name) ? [] : [name]),
          ...namesOf(children),
        ]);
      const { data } = JSON.parse(lines.at(-1) ?? "{}") as { data: { trees: readonly YarnTree[] } };
      expect(await found("yarn1", npmInstalled, "/package.json")).toEqual(sorted(namesOf(data.trees)));
    });

    test("yarn 4 with its zip cache", async () => {
      run("yarn4", "npx", "--yes", "@yarnpkg/cli-dist@4", "install");

      const lines = run("yarn4", "npx", "--yes", "@yarnpkg/cli-dist@4", "info", "--all", "--recursive", "--json");
      const listed = lines
        .trim()
        .split("\n")
        .flatMap((line) => {
          const { value } = JSON.parse(line) as { value: string };
          const [, name, version] = /^(@?[^@]+)@(?:npm:|virtual:[0-9a-f]+#npm:)(.+)$/.exec(value) ?? [];
          return name === undefined ? [] : [`${name}@${version}`];
        });
      expect(await found("yarn4", npmArchives, ".zip")).toEqual(sorted(listed));
    });
  },
);
