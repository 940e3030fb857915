import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { randomFrom } from "./random.ts";
import type { Random } from "./random.ts";
import { repository } from "../rules/source-tree.ts";

/** What a `*.fuzz.ts` file exports. */
export interface FuzzTarget {
  /** Returns for success and for failures that are expected for bad input; throws for everything else. */
  fuzz(input: Uint8Array): void | Promise<void>;
  /** Inputs to start from, beside the files in `fixtures/` next to the target. */
  readonly seeds?: () => Iterable<FuzzSeed> | Promise<Iterable<FuzzSeed>>;
  /** Makes an input with the format's outer structure and odd contents; used for every second input. */
  readonly make?: (random: Random) => Uint8Array;
}

/** Text stands for its UTF-8 bytes. */
export type FuzzSeed = Uint8Array | string;

/** Larger fixtures would slow the loop down more than they teach it. */
const maxSeedBytes = 256 * 1024;

/** The targets of all packages: name (`formats/tar/read-tar`) and file, sorted by name. */
export function fuzzTargets(): readonly { readonly name: string; readonly file: string }[] {
  return readdirSync(join(repository, "packages"))
    .map((name) => `packages/${name}/src`)
    .filter((folder) => existsSync(join(repository, folder)))
    .flatMap((folder) =>
      readdirSync(join(repository, folder), { recursive: true, encoding: "utf8" }).map((path) => join(folder, path)),
    )
    .filter((path) => path.endsWith(".fuzz.ts"))
    .map((path) => path.replaceAll("\\", "/"))
    .sort()
    .map((path) => ({
      name: path
        .replace(/^packages\//, "")
        .replace("/src/", "/")
        .replace(/\.fuzz\.ts$/, ""),
      file: join(repository, path),
    }));
}

/** The seeds of a target: its own, its fixtures, the documents in the tests beside it, files of a further folder, and the empty input. */
export async function seedsOf(target: FuzzTarget, file: string, corpus?: string): Promise<readonly Uint8Array[]> {
  const own = [...((await target.seeds?.()) ?? [])].map((seed) =>
    typeof seed === "string" ? new TextEncoder().encode(seed) : seed,
  );
  const folders = [join(dirname(file), "fixtures"), ...(corpus === undefined ? [] : [corpus])];
  return [...own, ...folders.flatMap(filesBelow), ...documentsOfTests(dirname(file)), new Uint8Array(0)];
}

/** Inputs that a target makes itself, of those that {@link inputsOf} gives. */
const madeInputs = 10;

/** The seeds of a target, and some inputs that it makes; the same each time. */
export async function inputsOf(file: string): Promise<readonly Uint8Array[]> {
  const target = (await import(file)) as FuzzTarget; // as: named like one
  const random = randomFrom(1);
  const made = Array.from({ length: target.make === undefined ? 0 : madeInputs }, () => target.make?.(random));
  return [...(await seedsOf(target, file)), ...made.filter((input) => input !== undefined)];
}

/** Shorter texts in tests are names rather than documents, and more of them than this would take a run's whole time. */
const minDocumentLength = 24;
const maxDocuments = 150;

/** The string literals in the tests of a folder, which are usually documents that the target reads. */
export function documentsOfTests(folder: string): Uint8Array[] {
  const texts = readdirSync(folder)
    .filter((name) => name.endsWith(".test.ts") || name.endsWith(".documents.ts"))
    .sort()
    .flatMap((name) => textsIn(readFileSync(join(folder, name), "utf8")));
  const documents = [...new Set(texts)].filter((text) => text.length >= minDocumentLength);
  // The longest say most.
  return documents
    .sort((a, b) => b.length - a.length)
    .slice(0, maxDocuments)
    .map((text) => new TextEncoder().encode(text));
}

const literal = /"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\[^])*)`/g;
const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", 0: "\0" };

/** String literals of a program; parts that are computed are left as they are written. */
function textsIn(source: string): readonly string[] {
  return [...source.matchAll(literal)].map(([, double, single, template]) =>
    (double ?? single ?? template ?? "").replace(
      /\\(?:u([0-9a-fA-F]{4})|([^]))/g,
      (_, code: string | undefined, character: string) =>
        code === undefined ? (escapes[character] ?? character) : String.fromCharCode(Number.parseInt(code, 16)),
    ),
  );
}

function filesBelow(folder: string): Uint8Array[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => {
      const stats = statSync(path);
      return stats.isFile() && stats.size <= maxSeedBytes;
    })
    .map((path) => new Uint8Array(readFileSync(path)));
}
