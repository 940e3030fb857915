import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sharedFile } from "@plimsoll/testkit";
import { expandWord, expandWords } from "./expand-words.ts";
import type { DockerfileInstruction } from "./instruction.ts";
import { parseDockerfile } from "./parse-dockerfile.ts";

interface ParserRow {
  readonly case: string;
  readonly dockerfile?: string;
  readonly error?: string;
  readonly semanticError?: string;
  readonly escape?: string;
  readonly instructions: readonly Record<string, unknown>[];
  readonly stages: readonly { readonly name: string; readonly base: string; readonly commands: number }[];
  readonly warnings: readonly string[];
}

interface WordRow {
  readonly case: string;
  readonly kind: "word" | "words";
  readonly env: Readonly<Record<string, string>>;
  readonly input: string;
  readonly expected?: string | readonly string[];
  readonly error?: boolean;
  readonly usedNames?: readonly string[];
  readonly unsetNames?: readonly string[];
}

function rows<Row>(name: string): readonly Row[] {
  const text = sharedFile(`conformance/misconfig/${name}.json`);
  return text === undefined ? [] : (JSON.parse(text) as Row[]);
}

function fields(instruction: DockerfileInstruction): Record<string, unknown> {
  const { cmd, flags, args, json, startLine, endLine, heredocs } = instruction;
  return { cmd, flags, args, json, startLine, endLine, heredocs };
}

describe.skipIf(sharedFile("conformance/misconfig/dockerfile-parser.json") === undefined)(
  "Dockerfiles are read as BuildKit reads them",
  () => {
    const table = rows<ParserRow>("dockerfile-parser");
    test.skipIf(table.length === 0).each(table)("$case", (row) => {
      const read = parseDockerfile(row.dockerfile ?? "");
      const refused = row.error !== undefined || row.semanticError !== undefined;

      expect(read.errors.length > 0, JSON.stringify(read.errors)).toBe(refused);
      if (row.error !== undefined) return;
      expect(read.escape).toBe(row.escape);
      expect(read.instructions.map(fields)).toEqual(
        row.instructions.map(({ cmd, flags, args, json, startLine, endLine, heredocs }) => ({
          cmd,
          flags,
          args,
          json,
          startLine,
          endLine,
          heredocs,
        })),
      );
      expect(read.warnings).toHaveLength(row.warnings.length);
      // BuildKit gives no stages of a file that it refuses.
      if (!refused)
        expect(
          read.stages.map(({ name, base, platform, instructions }) => ({
            name,
            base,
            platform,
            commands: instructions.length,
          })),
        ).toEqual(row.stages);
    });
  },
);

describe.skipIf(sharedFile("conformance/misconfig/dockerfile-words.json") === undefined)(
  "variables are replaced as BuildKit replaces them",
  () => {
    const table = rows<WordRow>("dockerfile-words");
    test.skipIf(table.length === 0).each(table)("$case $input", (row) => {
      const variables = new Map(Object.entries(row.env));
      if (row.error === true) {
        expect(() => expandWord(row.input, variables)).toThrow();
        return;
      }
      if (row.kind === "words") expect(expandWords(row.input, variables)).toEqual(row.expected);
      else {
        const expanded = expandWord(row.input, variables);
        expect(expanded.text).toBe(row.expected);
        if (row.usedNames !== undefined) expect(expanded.used).toEqual([...row.usedNames].sort());
        if (row.unsetNames !== undefined) expect(expanded.unset).toEqual([...row.unsetNames].sort());
      }
    });
  },
);

describe("what the build refuses is told with its line", () => {
  test.each([
    ["FROM a\nRUM x\n", 2, "no instruction"],
    ["FROM a\nCOPY --frm=b x y\n", 2, "no flag --frm"],
    ["FROM a\nCOPY x\n", 2, "at least 2"],
    ["FROM a b\n", 1, "FROM takes"],
    ["FROM a AS 1x\n", 1, "no name for a stage"],
    ["RUN x\nFROM a\n", 1, "before the first FROM"],
    ["FROM a\nSHELL bash\n", 2, "JSON"],
    ["FROM a\nONBUILD FROM b\n", 2, "cannot hold FROM"],
    ["FROM a\nRUN <<X\nopen\n", 2, "does not end"],
    ["# escape=x\nFROM a\n", 1, "backslash or a backtick"],
    ["FROM a\nCMD [1]\n", 2, "only strings"],
    ["ARG x\n", 0, "no FROM"],
    ["\u0000\u0001binary", 1, "no instruction"],
  ])("%j", (text, line, message) => {
    const { errors } = parseDockerfile(text);

    expect(errors[0]).toMatchObject({ line });
    expect(errors[0]?.message).toContain(message);
  });

  test("what stands behind an error is read all the same", () => {
    const read = parseDockerfile("FROM a\nRUM x\nENV x\nUSER root\n");

    expect(read.errors.map(({ line }) => line)).toEqual([2, 3]);
    expect(read.instructions.map(({ cmd }) => cmd)).toEqual(["FROM", "RUM", "USER"]);
  });
});

describe("hostile files", () => {
  test("any text is read, and lines grow", () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^(FROM|RUN|COPY|#|\\|<<A|A|ENV|["'$ \n\t])*$/), { maxLength: 12 }),
        (lines) => {
          const { instructions } = parseDockerfile(lines.join("\n"));
          let last = 0;
          for (const { startLine, endLine } of instructions) {
            expect(startLine).toBeGreaterThan(last);
            expect(endLine).toBeGreaterThanOrEqual(startLine);
            last = endLine;
          }
        },
      ),
    );
  });

  test("long lines, many continuations and many quotes cost linear time", () => {
    const size = 200_000;
    for (const text of [
      `FROM a\nRUN ${"\\\n".repeat(size)}x`,
      `FROM a\nENV ${'a="b" '.repeat(size)}`,
      `FROM a\nRUN ${"\\".repeat(size)}`,
      `FROM a\nRUN [${'"x",'.repeat(size)}`,
      `FROM a\nCOPY ${"<<A ".repeat(20)} /x\n${"A\n".repeat(size)}`,
      `# ${" ".repeat(size)}=`,
    ])
      expect(parseDockerfile(text).instructions.length).toBeLessThanOrEqual(size);
  });

  test("variables cannot grow without end", () => {
    const big = new Map([["a", "x".repeat(100_000)]]);

    expect(() => expandWord("$a".repeat(20), big)).toThrow("million");
    expect(() => expandWord(`\${a//${"*x".repeat(200)}y/z}`, big)).toThrow("too long");
    expect(() => expandWord("${a:-".repeat(10_000), new Map())).toThrow("too deeply");
    expect(expandWord("${__proto__}${constructor}", new Map()).unset).toEqual(["__proto__", "constructor"]);
  });
});
