/**
 * What is mutated, and by which tests it is told apart: those of its own package alone, since a rule that only a far-away test knows counts as
 * untested. Paths below `packages`. `leaveOut` names tests that measure time, which a mutant's switches and other work on the machine change, and
 * those that try hundreds of generated inputs or a very large one, which takes seconds for each mutant. `adjusted` changes code for the run: what remembers
 * what a mutant computed forgets, so that another can be tried in the same process, and large tables are read in part.
 */
export const groups = [
  {
    id: "matcher",
    title: "Matcher",
    mutate: /^matcher\/src\/(?!index)[\w-]+\.ts$/,
    tests: /^matcher\/src\/(?!turns)/,
  },
  {
    id: "triage",
    title: "Triage",
    mutate: /^triage\/src\/(?!index|fixtures)/,
    // The example of the guide is written into a copy of the whole tree.
    tests: /^triage\/src\/(?!guide-example)/,
    leaveOut: /^(?:half a million|with anything in its places|each hide their package)/,
    adjusted: [
      {
        file: "triage/src/purl-match.ts",
        from: "function partsOf(purl: string): PurlParts | undefined {\n",
        to: "function partsOf(purl: string): PurlParts | undefined {\n  parsed.clear();\n",
      },
    ],
  },
  {
    id: "versions",
    title: "Versions and their ranges",
    mutate: /^ecosystems\/src\/(?:shared\/versions\/[\w-]+|[\w-]+\/versions)\.ts$/,
    tests: /^ecosystems\/src\/(?:shared\/versions\/[\w-]+|[\w-]+\/versions)\.test\.ts$/,
    leaveOut:
      /^(?:still needs its exception|is linear in repetitions of|orders all versions totally|is undefined when a side is no version)/,
    adjusted: [
      {
        file: "model/src/version.ts",
        from: "  function parse(text: string): V | undefined {\n",
        to: "  function parse(text: string): V | undefined {\n    if (text.length >= 0) return grammar.parse(text);\n",
      },
      {
        file: "testkit/src/shared-data.ts",
        from: "const [heading = [], ...rows] = parseCsv(text);\n",
        to: "const [heading = [], ...all] = parseCsv(text);\n  const step = Math.ceil(all.length / 700);\n  const rows = all.filter((_, at) => at % step === 0);\n",
      },
    ],
  },
  {
    id: "overlay",
    title: "Layers on top of each other",
    mutate:
      /^(?:image\/src\/whiteouts|inventory\/src\/(?:image-path|look-again|merge-packages|merged-view|ownership|path-index|second-look|survivors))\.ts$/,
    tests: /^(?:image\/src\/whiteouts|inventory\/src\/(?!linear-work|turns)[\w-]+)\.test\.ts$/,
  },
];
