import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parsePurl } from "@plimsoll/formats";
import { testEcosystem } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import * as exported from "./index.ts";
import { everyEcosystem, versionScheme } from "./index.ts";

const source = fileURLToPath(new URL(".", import.meta.url));
const folders = readdirSync(source, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== "shared")
  .map((entry) => entry.name);

/** What is on disk and not in the list, and the other way round. */
function unregistered(onDisk: readonly string[], listed: readonly string[]): readonly string[] {
  return [...onDisk.filter((name) => !listed.includes(name)), ...listed.filter((name) => !onDisk.includes(name))];
}

describe("the registry", () => {
  const ids = everyEcosystem.map(({ id }) => id);

  test("lists what is on disk", () => {
    expect(unregistered(folders, ids)).toEqual([]);
  });

  test("a planted folder that is not listed is seen, and so is a listed one without folder", () => {
    expect(unregistered([...folders, "planted"], [...ids, "ghost"])).toEqual(
      expect.arrayContaining(["planted", "ghost"]),
    );
  });

  test("is in alphabetical order, which is that of results nobody sorts", () => {
    expect(ids).toEqual([...ids].sort());
  });

  test("exports every ecosystem by name too", () => {
    const values = new Set<unknown>(Object.values(exported));

    expect(everyEcosystem.filter((ecosystem) => !values.has(ecosystem))).toEqual([]);
  });

  test.each(folders)("%s has a README", (folder) => {
    expect(existsSync(`${source}${folder}/README.md`)).toBe(true);
    expect(readFileSync(`${source}${folder}/README.md`, "utf8")).toMatch(/^# \S/);
  });

  test("analyzers with the same id are the same analyzer", () => {
    const byId = new Map<string, unknown>();
    for (const analyzer of everyEcosystem.flatMap(({ analyzers }) => analyzers)) {
      expect(byId.get(analyzer.id) ?? analyzer).toBe(analyzer);
      byId.set(analyzer.id, analyzer);
    }
  });

  test("shared code is used by more than one folder", () => {
    const files = readdirSync(`${source}shared`).filter(
      (name) => !/\.(test|fuzz)\.ts$/.test(name) && name.endsWith(".ts"),
    );
    const users = (name: string): number =>
      [...folders, "shared"].filter((folder) =>
        readdirSync(`${source}${folder}`)
          .filter((file) => file.endsWith(".ts") && file !== name)
          .some((file) => readFileSync(`${source}${folder}/${file}`, "utf8").includes(`/${name}"`)),
      ).length;
    const atFrontDoor = readFileSync(`${source}index.ts`, "utf8");

    // What only other shared files use is part of them.
    const alone = files.filter((name) => users(name) === 0 && !atFrontDoor.includes(`/${name}"`));
    expect(alone).toEqual([]);
  });
});

describe("versionScheme", () => {
  test.each([
    ["alpine", "1.2_rc1", "1.2"],
    ["apk", "1.2_rc1", "1.2"],
    ["debian", "1.0~rc1", "1.0"],
    ["deb", "1.0~rc1", "1.0"],
    ["dpkg", "1.0~rc1", "1.0"],
  ])("%s orders %s before %s", (id, a, b) => {
    expect(versionScheme(id)?.compare(a, b)).toBeLessThan(0);
  });

  test.each([
    ..."semver npm pypi maven rubygems packagist nuget debian alpine rpm go cargo hex pub cran hackage".split(" "),
    ..."alpm gentoo conan bitnami jvm generic fuzzy openssl datetime lexicographic".split(" "),
    ..."pacman portage pep440 composer gem golang".split(" "),
  ])("there is one called %s, and it knows that a version equals itself", (id) => {
    const version = id === "datetime" ? "2024-01-01T00:00:00Z" : "1.0.0";

    expect(versionScheme(id)?.compare(version, version)).toBe(0);
    expect(versionScheme(id)?.satisfies(version, "no range at all !")).not.toBe(true);
  });

  test.each(["", "unheard-of", "constructor", "__proto__"])("there is none called %j", (id) => {
    expect(versionScheme(id)).toBeUndefined();
  });

  test("two ecosystems with schemes of one id share the scheme", () => {
    for (const { versions } of everyEcosystem) expect(versionScheme(versions.id)).toBe(versions);
  });
});

for (const ecosystem of everyEcosystem) testEcosystem(ecosystem, { parsePurl });
