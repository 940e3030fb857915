import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { missingAtDoor, publicSurface, surfaceText, unexportedMentions } from "./public-surface.ts";
import { type Manifest, readManifests, repository } from "./source-tree.ts";

/** Declaration files of a manifest's `exports`, by their subpath. */
function entriesOf({ exports }: Manifest): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const visit = (subpath: string, value: unknown): void => {
    if (value === null || typeof value !== "object") return;
    for (const [condition, target] of Object.entries(value)) {
      if (condition === "types" && typeof target === "string") found.set(subpath, target);
      else visit(condition.startsWith(".") ? condition : subpath, target);
    }
  };
  visit(".", exports);
  return found;
}

/** Names of a package that its public ones mention and that callers are not meant to write down. */
const opaque: Readonly<Record<string, readonly string[]>> = {
  // Policies are made by compileModules; what a builtin of the engine itself is handed, and what its values have in common, is the engine's.
  rego: ["CompileSettings", "CompiledModules", "Context", "MadeValue", "Type"],
};

const published = [...readManifests()].filter(([, manifest]) => manifest.private !== true);
const golden = join(repository, "docs/generated/public-surface");

describe("what packages promise is as it was reviewed", () => {
  test.each(published)("%s", async (folder, manifest) => {
    const entries = entriesOf(manifest);
    expect(entries.size).toBeGreaterThan(0);
    const reviewed = new Map<string, string>();
    const texts = [...entries].map(([subpath, declarations]) => {
      const name = `${manifest.name}${subpath.slice(1)}`;
      const same = reviewed.get(declarations);
      if (same !== undefined) return `// ${name}: the same as ${same}\n`;
      reviewed.set(declarations, name);
      const surface = publicSurface(join(repository, "packages", folder, declarations));
      return `// ${name}\n\n${surfaceText(surface)}`;
    });
    // A change is accepted by looking at it and running this test with -u.
    await expect(texts.join("\n")).toMatchFileSnapshot(join(golden, `${folder}.txt`));
  });

  test("and no package is reviewed that is gone", () => {
    const folders = published.map(([folder]) => `${folder}.txt`).sort();
    expect(readdirSync(golden).sort()).toEqual(folders);
  });
});

describe("what the public names mention is public", () => {
  test.each(published)("%s", (folder, manifest) => {
    const surface = [...entriesOf(manifest).values()].flatMap((declarations) =>
      publicSurface(join(repository, "packages", folder, declarations)),
    );
    const hidden = unexportedMentions(surface).filter(
      (mention) => !(opaque[folder] ?? []).some((name) => mention.startsWith(`${name}, `)),
    );
    expect(hidden).toEqual([]);
  });
});

describe("whoever depends on plimsoll alone can write down every type", () => {
  const surfaces = new Map(
    published.map(([folder, manifest]) => [
      manifest.name,
      publicSurface(join(repository, "packages", folder, entriesOf(manifest).get(".") ?? "")),
    ]),
  );

  test.each(["node.d.ts", "index.d.ts"])("that the names of %s mention", (entry) => {
    const door = publicSurface(join(repository, "packages/plimsoll/dist", entry));
    expect(missingAtDoor(door, surfaces)).toEqual([]);
  });
});

describe("a change of the surface is seen", () => {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-surface-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function surfaceOf(files: Readonly<Record<string, string>>): string {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return surfaceText(publicSurface(join(folder, "index.d.ts")));
  }

  const index = 'export { scan } from "./scan.ts";\nexport type { Scan as Result } from "./scan.ts";\n';
  const scan =
    'import type { Report } from "@plimsoll/model";\n/** Scans.\n * @param path of it\n */\nexport declare function scan(path: string): Scan;\n' +
    "export interface Scan {\n    /** All of it. */\n    readonly report: Report;\n}\ndeclare const inner = 1;\nexport declare function unseen(): void;\n";

  test("names, what they take and what they give; not comments, nor what is not exported", () => {
    const before = surfaceOf({ "index.d.ts": index, "scan.d.ts": scan });
    expect(before).toBe(
      "export interface Scan {\n    readonly report: Report;\n}\nexport { Scan as Result };\n\nexport declare function scan(path: string): Scan;\n",
    );
    expect(surfaceOf({ "scan.d.ts": scan.replace("/** Scans.", "/** Looks.").replace("unseen", "hidden") })).toBe(
      before,
    );
    for (const [was, is] of [
      ["path: string", "path: string | URL"],
      ["readonly report: Report", "readonly report?: Report"],
    ] as const) {
      expect(surfaceOf({ "scan.d.ts": scan.replace(was, is) })).not.toBe(before);
    }
    expect(surfaceOf({ "scan.d.ts": scan, "index.d.ts": `${index}export { unseen } from "./scan.ts";\n` })).toContain(
      "unseen(): void",
    );
  });

  test("overloads, everything of a file, and what another package holds", () => {
    const text = surfaceOf({
      "index.d.ts": 'export * from "./more.ts";\nexport { purl } from "@plimsoll/model";\n',
      "more.d.ts":
        'import { kept } from "./kept.ts";\nexport { kept };\nexport declare function two(a: string): void;\nexport declare function two(a: number): void;\n',
      "kept.d.ts": "export declare const kept: 1;\n",
    });
    expect(text).toBe(
      'export declare const kept: 1;\n\nexport { purl } from "@plimsoll/model";\n\nexport declare function two(a: string): void;\nexport declare function two(a: number): void;\n',
    );
  });

  test("a type that is needed and not exported is told", () => {
    surfaceOf({
      "index.d.ts": 'export { scan } from "./scan.ts";\n',
      "scan.d.ts":
        'import type { Report } from "./report.ts";\nexport declare function scan(path: string, Report: number): Report;\n',
      "report.d.ts": "export interface Report {}\n",
    });
    const surface = publicSurface(join(folder, "index.d.ts"));
    expect(unexportedMentions(surface)).toEqual(["Report, which scan mentions"]);
    surfaceOf({
      "index.d.ts": 'export { scan } from "./scan.ts";\nexport type { Report } from "./report.ts";\n',
    });
    expect(unexportedMentions(publicSurface(join(folder, "index.d.ts")))).toEqual([]);
  });

  test("a type of another package is told, however far away it is needed", () => {
    surfaceOf({
      "model.d.ts":
        "export interface Report {\n    readonly of: Image;\n}\nexport interface Image {}\nexport interface Unneeded {}\n",
      "index.d.ts":
        'import type { Report } from "@plimsoll/model";\nexport interface Options {}\nexport declare function scan(options: Options): Report;\n',
    });
    const packages = new Map([["@plimsoll/model", publicSurface(join(folder, "model.d.ts"))]]);
    expect(missingAtDoor(publicSurface(join(folder, "index.d.ts")), packages)).toEqual([
      "Image, which Report mentions",
      "Report, which scan mentions",
    ]);
    surfaceOf({
      "index.d.ts":
        'import type { Report } from "@plimsoll/model";\nexport type { Image, Report } from "@plimsoll/model";\nexport declare function scan(): Report;\n',
    });
    expect(missingAtDoor(publicSurface(join(folder, "index.d.ts")), packages)).toEqual([]);
  });

  test("a comment beside a property hides nothing of what follows", () => {
    const text = surfaceOf({
      "index.d.ts":
        "export interface Event {\n    /** Of it. */ readonly size: number;\n}\nexport type Listener = (event: Event) => void;\n/** Tells. */\nexport declare function tell(): void;\n",
    });
    expect(text).toBe(
      "export interface Event {\n    readonly size: number;\n}\n\nexport type Listener = (event: Event) => void;\n\nexport declare function tell(): void;\n",
    );
  });

  test("a declaration that is not there is an error, not an empty surface", () => {
    expect(() => surfaceOf({ "index.d.ts": 'export { gone } from "./scan.ts";\n', "scan.d.ts": scan })).toThrow(/gone/);
    expect(() => surfaceOf({ "index.d.ts": 'export { gone } from "./never-built.ts";\n' })).toThrow(/build first/);
  });
});

test("the reviewed surface names what users import", () => {
  const text = readFileSync(join(golden, "plimsoll.txt"), "utf8");
  expect(text).toContain("scanImage");
});
