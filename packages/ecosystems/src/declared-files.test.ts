import type { Analyzer } from "@plimsoll/model";
import { feedAnalyzers } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { everyEcosystem } from "./index.ts";

/** Analyzers that may pass over a file in silence, and why. */
const silent = new Map([
  ["pypi/setup-py", "a program is no format: any text may be one"],
  ["pypi/conda", "the analyzers of conda read the same files, and name them"],
  ["pypi/pixi", "the analyzer of conda reads the same file, and names it"],
  ["jsr/deno-lock", "the analyzer of npm reads the same file, and names it"],
  ["opam/description", "other files are called opam, too, and a description need not state a version"],
  ["conda/explicit", "other lists have the same endings, and the line @EXPLICIT decides"],
  ["cran/source-description", "other files are called DESCRIPTION, too"],
  ["hex/gleam-manifest", "other tools give their files the same name"],
]);

/** Paths that a suffix alone does not make up. */
const paths = new Map([
  ["github-actions/workflow", ".github/workflows/ci.yml"],
  ["pypi/pylock", "pylock.toml"],
  ["pypi/requirements", "requirements.txt"],
]);

const declared = everyEcosystem
  .flatMap(({ analyzers }) => analyzers)
  .filter(({ evidence, id }) => evidence === "declared" && !silent.has(id));

function pathOf({ id, matches: [matcher] }: Analyzer): string {
  const known = paths.get(id);
  if (known !== undefined) return known;
  if (matcher !== undefined && "basename" in matcher) return `app/${matcher.basename}`;
  if (matcher !== undefined && "suffix" in matcher)
    return matcher.suffix.startsWith("/") ? `app${matcher.suffix}` : `app/${matcher.suffix}`;
  return matcher !== undefined && "path" in matcher ? matcher.path : "app/any";
}

const page = "<html><body>404 Not Found</body></html>";
const broken: readonly (readonly [string, Uint8Array])[] = [
  ["control characters", new TextEncoder().encode("\u0000\u0001 {{{{ [[[[ \n%%% <<<<<<< HEAD\n")],
  ["bytes that are no UTF-8", Uint8Array.from({ length: 512 }, (_, at) => 128 + ((at * 37) % 128))],
  ["the page of a proxy", new TextEncoder().encode(page)],
];

describe.each(declared.map((analyzer) => [analyzer.id, analyzer] as const))("%s", (_, analyzer) => {
  test.each(broken)("names a file that holds %s", async (_name, bytes) => {
    const said = await feedAnalyzers([analyzer], bytes, [pathOf(analyzer)]);

    expect(said.flatMap((one) => (one.kind === "diagnostic" ? [one.location?.path] : []))).toContain(pathOf(analyzer));
    expect(said.filter(({ kind }) => kind === "package")).toEqual([]);
  });
});

test.each([
  ["yarn.lock", "# yarn lockfile v1\n"],
  ["go.sum", ""],
  ["gradle.lockfile", "empty=classpath\n"],
  ["Gemfile.lock", "GEM\n  specs:\n\nPLATFORMS\n  ruby\n"],
  ["mix.lock", "%{\n}\n"],
  ["package-lock.json", '{"name":"a","lockfileVersion":3,"packages":{}}'],
  ["pnpm-lock.yaml", "lockfileVersion: '9.0'\n"],
  ["composer.lock", '{"packages":[],"packages-dev":[]}'],
  ["Podfile.lock", "PODFILE CHECKSUM: 0\n"],
  ["conanfile.txt", "[requires]\n"],
  ["requirements.txt", "# nothing yet\n--pre\n"],
  ["Cargo.lock", "version = 4\n"],
  ["pixi.lock", "version: 6\nenvironments: {}\npackages: []\n"],
  ["deno.lock", '{"version":"5","specifiers":{},"jsr":{}}'],
])("%s of a project without dependencies is nothing to report", async (path, text) => {
  const analyzers = everyEcosystem.flatMap((ecosystem) => ecosystem.analyzers);

  const said = await feedAnalyzers(analyzers, new TextEncoder().encode(text), [path]);

  expect(said.filter(({ kind }) => kind === "diagnostic")).toEqual([]);
});
