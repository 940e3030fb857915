import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { formatYaml, parseToml, parseYaml } from "@plimsoll/formats";
import type { Observation } from "@plimsoll/model";
import { analyzedFile, matchesFile, parserCases, tomlText, wrongContainers } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { everyEcosystem } from "./index.ts";
import { exampleDocuments } from "./wrong-types.documents.ts";

const analyzers = everyEcosystem.flatMap((ecosystem) => ecosystem.analyzers);
type Files = ReadonlyMap<string, Uint8Array>;

interface Said {
  /** What was found, without where it stands, and without who made it. */
  readonly found: readonly string[];
  readonly told: readonly string[];
  readonly analyzers: ReadonlySet<string>;
}

async function read(files: Files): Promise<Said> {
  const all = [...files].map(([path, content]) => analyzedFile(path, content, { executable: true }));
  const said: { observation: Observation; analyzer: string }[] = [];
  for (const analyzer of analyzers) {
    const matched = all.filter(({ path }) => matchesFile(analyzer.matches, path, files.get(path) ?? new Uint8Array()));
    const beside = {
      get: (path: string) => matched.find((file) => file.path === path),
      [Symbol.iterator]: () => matched.values(),
    };
    const runs =
      analyzer.kind === "file"
        ? matched.map((file) => analyzer.analyze(file, {}))
        : matched.length === 0
          ? []
          : [analyzer.analyze(beside, [], {})];
    for (const run of runs) for await (const observation of run) said.push({ observation, analyzer: analyzer.id });
  }
  const found = said.filter(({ observation }) => observation.kind !== "diagnostic");
  return {
    found: found.map(({ observation }) => comparable(observation)).sort(),
    told: said.flatMap(({ observation }) => (observation.kind === "diagnostic" ? [observation.message] : [])),
    analyzers: new Set(found.map(({ analyzer }) => analyzer)),
  };
}

function comparable(observation: Observation): string {
  return JSON.stringify(observation, (key, value: unknown) =>
    key === "line" || key === "supplier" ? undefined : value,
  );
}

interface Notation {
  readonly name: "json" | "toml" | "yaml";
  readonly parse: (text: string) => unknown;
  readonly write: (value: unknown) => string;
}

const notations: readonly Notation[] = [
  {
    name: "json",
    parse: (text): unknown => JSON.parse(text),
    // Some files are known by a member at the beginning of a line.
    write: (value) => JSON.stringify(value, undefined, 1),
  },
  {
    name: "toml",
    parse: parseToml,
    write: tomlText,
  },
  { name: "yaml", parse: (text) => parseYaml(text)[0], write: formatYaml },
];

/** Other forms of the same thing, which real files have, are not wrong although they say less than what they replace. */
const otherForms: readonly (readonly [document: RegExp, change: RegExp, reason: string])[] = [
  [/package\.json$/, /[dD]ependencies to a list$/, "old packages have an empty list where an object belongs"],
  [/package\.json$/, /^workspaces to an object$/, "Yarn's form is an object, in which packages may be absent"],
  [/package\.json$/, /^licenses?(?:\.\*)? to (?:null|a text|a list|an object)$/, "texts, objects and lists of them"],
  [/(?:Cargo|gleam)\.toml$/, /dependencies\.\w+ to a text$/, "a requirement may be one text"],
  [/spec\.json$/, /target to a text$/, "a target may be one text"],
  [/composer\.lock$|installed\.json$/, /(?:source|dist) to null$/, "Composer writes null for what there is not"],
  [/composer\.lock$/, /^packages-dev to null$/, "Composer 1 wrote null where it locked nothing for development"],
  [/composer\.lock$|installed\.json$/, /require to a list$/, "PHP writes an object without members as a list"],
  [/composer\.lock$|installed\.json$/, /license to (?:null|a text)$/, "a licence may be one text, and be absent"],
  [/conan\.lock$/, /requires to an object$/, "the oldest locks have a mapping from references"],
  [/Manifest\.toml$/, /\.deps to (?:an object|a list)$/, "needs are a list, or a table where names are not unique"],
  [
    /pnpm-lock\.yaml$/,
    /[dD]ependencies\.[^.]+ to (?:true|null|7|a text)$/,
    "a plain text is a version, as in version 5",
  ],
  [/pubspec\.lock$/, /description to (?:true|null|7|a text)$/, "the description of a package of an SDK is a text"],
  [/\.versions\.toml$/, /^\w+\.[\w*-]+(?:\.version)? to a text$/, "libraries and versions may be one text"],
  [/mise\.toml$/, /^tools\.[\w*]+ to (?:a text|a list|an object)$/, "a tool has a text, a table, or a list of both"],
  [/installed\.json$/, /^ to a list$/, "Composer 1 had no object around its list"],
  [/workflows\//, /(?:container|services\.\w+) to (?:true|null|7|a text)$/, "an image may be named by a text"],
  [/package-lock\.json$|MYMETA\.json$|META\.json$/, /license to (?:null|a text)$/, "a licence may be one text"],
  [/snap\.yaml$/, /architectures to (?:true|null|7|a text)$/, "an architecture may be one text"],
  [/INSTALL_RECEIPT\.json$/, /runtime_dependencies to null$/, "Homebrew writes null where it does not know them"],
  [/extensions\.json$/, /metadata to null$/, "an extension that was installed from a file has none"],
  [/renv\.lock$/, /Requirements to (?:null|a text)$/, "a single requirement may be one text"],
  [
    /environment\.yml$/,
    /^dependencies\.\* to (?:true|null|7|a text)$/,
    "an item may be one text: a package of conda in place of the list of pip",
  ],
  [/workspace-state\.json$/, /checkoutState to null$/, "what is not checked out has null there"],
  [/spec\.json$/, /external to null$/, "Spack writes null for what it built itself"],
  [/flake\.lock$/, /inputs\.\w+ to a text$/, "an input is named by a text or by a path"],
  [/deno\.lock$/, /dependencies to an? (?:object|list)$/, "a list since version 4, a mapping before"],
];

/** What is lost without a word when one container of a document has another type. */
async function silentLosses(
  path: string,
  document: unknown,
  { name: notation, write }: Notation,
  beside: Files,
  skip: (change: string) => boolean,
): Promise<readonly string[]> {
  const filesWith = (value: unknown): Files => new Map([...beside, [path, new TextEncoder().encode(write(value))]]);
  const before = await read(filesWith(document));
  const lost: string[] = [];
  for (const { name, value } of wrongContainers(document)) {
    // TOML has no null, and is always a table.
    if (notation === "toml" && (name.startsWith(" to ") || name.endsWith("null"))) continue;
    if (otherForms.some(([files, changes]) => files.test(path) && changes.test(name)) || skip(name)) continue;
    const after = await read(filesWith(value));
    const isTold = after.told.some((message) => !before.told.includes(message));
    if (!isTold && JSON.stringify(after.found) !== JSON.stringify(before.found)) lost.push(`${path}: ${name}`);
  }
  return lost;
}

describe("no value of a wrong type loses packages in silence", () => {
  test.each(exampleDocuments.map((example) => [example.path, example] as const))("%s", async (path, example) => {
    const notation = notations.find(({ name }) => name === example.notation);
    if (notation === undefined) throw new Error(`no notation ${example.notation}`);
    const { found, told } = await read(new Map([[path, new TextEncoder().encode(notation.write(example.document))]]));

    expect(found.length, "the example holds something").toBeGreaterThan(0);
    expect(told, "and nothing of it is wrong").toEqual([]);
    expect(await silentLosses(path, example.document, notation, new Map(), () => false)).toEqual([]);
  });

  const cases = parserCases("").filter(({ error }) => !error);
  const folders = [...new Set(cases.map(({ dir }) => dir.replace(/\/.*/s, "")))];
  const done = new Map<string, number>();
  test.skipIf(cases.length === 0).each(folders)("in the published cases of other scanners: %s", async (folder) => {
    const lost: string[] = [];
    for (const parserCase of cases.filter(({ dir }) => dir.startsWith(`${folder}/`)))
      for (const [path, content] of parserCase.files) {
        const text = new TextDecoder().decode(content);
        const whole = await documentIn(path, text, parserCase.files);
        if (whole === undefined) continue;
        const { notation, document, by } = whole;
        const isDone = (change: string): boolean => {
          const key = `${by} ${change}`;
          done.set(key, (done.get(key) ?? 0) + 1);
          return (done.get(key) ?? 0) > 2;
        };
        lost.push(...(await silentLosses(path, document, notation, parserCase.files, isDone)));
      }

    expect(lost).toEqual([]);
  });

  test.skipIf(cases.length === 0)("and those are many", () => {
    expect(done.size).toBeGreaterThan(500);
  });

  test.skipIf(cases.length === 0)("and no real document is called wrong", async () => {
    const told = new Set<string>();
    for (const { files, dir } of cases)
      for (const message of (await read(files)).told)
        if (/ where .* belongs/.test(message)) told.add(`${dir}: ${message}`);

    expect([...told]).toEqual([]);
  });
});

interface ReadDocument {
  readonly notation: Notation;
  readonly document: unknown;
  readonly by: string;
}

/** A file as a document, where packages are read from it and from what is written anew alike. */
async function documentIn(path: string, text: string, files: Files): Promise<ReadDocument | undefined> {
  if (text.length > 100_000) return undefined;
  for (const notation of notations) {
    const document = parsed(notation, text);
    if (typeof document !== "object" || document === null) continue;
    const before = await read(files);
    const after = await read(new Map([...files, [path, new TextEncoder().encode(notation.write(document))]]));
    const isSame = before.found.length > 0 && JSON.stringify(before.found) === JSON.stringify(after.found);
    return isSame ? { notation, document, by: [...before.analyzers].join(" ") } : undefined;
  }
  return undefined;
}

function parsed({ parse }: Notation, text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

/** Files that parse documents, without telling of wrong types themselves. */
const toldElsewhere: Readonly<Record<string, string>> = {
  "cargo/requested.ts": "cargo/manifest reads the same file and tells",
  "composer/drupal.ts": "any program may have such a file",
  "npm/yarn-lock.ts": "its package.json is told of by npm/installed",
  "nuget/placed-assemblies.ts": "nuget/deps-json reads the same file and tells",
  "nuget/single-file-bundle.ts": "what it holds is read as a deps.json",
  "pypi/project-needs.ts": "pypi/pyproject reads the same file and tells",
  "pub/requested.ts": "pub/pubspec-lock reads the same file and tells",
};
/** Folders whose documents lie inside of programs or of compressed files. */
const packed: ReadonlySet<string> = new Set(["ai-model", "elf-note"]);

describe("every reader of documents tells", () => {
  const source = fileURLToPath(new URL(".", import.meta.url));
  const readers = readdirSync(source, { recursive: true, encoding: "utf8" })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => /^[\w-]+\/[\w-]+\.ts$/.test(name))
    .filter((name) =>
      /\b(?:parse(?:Json|JsonDocument|Yaml|Toml)|jsonDocumentSteps)\b/.test(readFileSync(source + name, "utf8")),
    );

  test("through the one reader of shapes", () => {
    const silent = readers.filter((name) => !/\breportWrong(?:Parts|Yaml)\(/.test(readFileSync(source + name, "utf8")));

    expect(silent.sort()).toEqual(Object.keys(toldElsewhere).sort());
  });

  test("and every ecosystem with such a reader has a document here that is made wrong in each place", () => {
    const here = new Set(exampleDocuments.map(({ ecosystem }) => ecosystem));
    const folders = new Set(readers.map((name) => name.slice(0, name.indexOf("/"))));

    expect([...folders].filter((folder) => !here.has(folder) && !packed.has(folder))).toEqual([]);
  });
});
