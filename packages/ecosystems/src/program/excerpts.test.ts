import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { observe } from "@plimsoll/testkit";
import { afterAll, describe, expect, test } from "vitest";
import { programText } from "./program.ts";

interface Excerpt {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  /** Debian package and version. */
  readonly package: string;
  readonly text: string;
}

const excerpts = JSON.parse(
  readFileSync(new URL("fixtures/debian-excerpts.json", import.meta.url), "utf8"),
) as readonly Excerpt[];

async function found(path: string, bytes: Uint8Array): Promise<readonly string[]> {
  const { packages } = await observe(programText, path.slice(1), bytes);
  return packages.map(({ name, version }) => `${name} ${version}`);
}

describe("bytes of real programs", () => {
  test.each(excerpts.map((excerpt) => [excerpt.name, excerpt] as const))(
    "%s",
    async (_, { name, version, file, text }) => {
      const bytes = Uint8Array.from(`\u007fELF${"\0".repeat(60)}${text}`, (char) => char.charCodeAt(0));

      expect(await found(file, bytes)).toEqual([`${name} ${version}`]);
    },
  );

  test("are of more than eighty programs, in the versions of their packages", () => {
    expect(excerpts.length).toBeGreaterThan(80);
    const upstream = excerpts.filter(({ version, package: pkg }) => !pkg.replace("~beta", "-beta").includes(version));
    expect(upstream).toEqual([]);
  });
});

const fetches = process.env["PLIMSOLL_DEBIAN_PACKAGES"] === "1";
if (!fetches)
  console.warn("PLIMSOLL_DEBIAN_PACKAGES is not 1: whole programs of Debian packages are not fetched and read");

/** Debian 12 with its archive at hand: other releases have other programs. */
describe.skipIf(!fetches)("whole programs, as Debian packages bring them", () => {
  const folder = fetches ? mkdtempSync(join(tmpdir(), "plimsoll-debs-")) : "";
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(excerpts)(
    "$package: $file",
    async ({ name, package: pkg, file }) => {
      const [debian = ""] = pkg.split(" ");
      execFileSync("apt-get", ["download", debian], { cwd: folder, stdio: "ignore" });
      const [deb = ""] = readdirSync(folder).filter((each) => each.startsWith(`${debian}_`));
      execFileSync("dpkg-deb", ["-x", join(folder, deb), join(folder, debian)]);
      const [path] = readdirSync(join(folder, debian), { recursive: true, encoding: "utf8" }).filter((each) =>
        `/${each}`.startsWith(file),
      );
      if (path === undefined) throw new Error(`${file} is not in ${deb}`);
      const version = decodeURIComponent(deb.split("_")[1] ?? "").replace(/^\d+:/, "");
      const [told] = await found(file, new Uint8Array(readFileSync(join(folder, debian, path))));

      expect(told).toMatch(new RegExp(`^${name} `));
      expect(version.replace("~beta", "-beta")).toContain(told?.split(" ")[1]);
      rmSync(join(folder, debian), { recursive: true });
    },
    120_000,
  );
});
