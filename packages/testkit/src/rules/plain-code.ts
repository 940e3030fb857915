// What the compiler and the linter let pass and this house does not. All take the text of one source file.

/** A line of code without its comment and with its texts emptied, and whether a comment on it or above it gives a reason. */
interface Line {
  readonly number: number;
  readonly code: string;
  readonly text: string;
  readonly reasoned: boolean;
}

function linesOf(text: string): readonly Line[] {
  const withoutBlocks = text.replaceAll(/\/\*[^]*?\*\//g, (block) => block.replaceAll(/[^\n]/g, " "));
  const lines = withoutBlocks.split("\n");
  return lines.map((line, index) => {
    const emptied = line.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`/g, '""');
    const code = emptied.replace(/\/\/.*$/, "");
    const reasoned = code !== emptied || /^\s*\/\//.test(lines[index - 1] ?? "");
    return { number: index + 1, code, text: line.trim(), reasoned };
  });
}

/** What asks the machine for something that is not in the input: the hour, chance, a locale's order or spelling. */
const undetermined =
  /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.now\b|\brandomUUID\b|\bgetRandomValues\b|\.toLocale\w*\(|\blocaleCompare\b|\bIntl\.Collator\b|\bnew Intl\.\w+\((?!"en-US"|locale\b)/;

/** Lines of a neutral source whose result depends on the machine. */
export function undeterminedLines(text: string): readonly string[] {
  const raw = text.split("\n");
  return linesOf(text)
    .filter(({ code, number }) => undetermined.test(code) && undetermined.test(raw[number - 1] ?? ""))
    .map(({ number, text: line }) => `${number}: ${line}`);
}

/** Lines that load a module of Node in a way that the list of imports does not show. */
export function hiddenNodeImports(text: string): readonly string[] {
  const code = text.replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "");
  return [...code.matchAll(/\bimport\(\s*["'`]node:[^)]*\)|\brequire\([^)]*\)|\bgetBuiltinModule\([^)]*\)/g)].map(
    ([found]) => found,
  );
}

/** `as` and `!` that no comment on the line or above it gives a reason for. `as const` claims nothing. */
export function unreasonedAssertions(text: string): readonly string[] {
  let inImport = false;
  return linesOf(text).flatMap(({ number, code, text: line, reasoned }) => {
    if (/^\s*(import|export)\s*(type\s*)?[{*]/.test(code)) inImport = true;
    const skipped = inImport;
    if (/;\s*$/.test(code)) inImport = false;
    if (skipped || reasoned) return [];
    // Behind something that has a value: patterns speak of "as" too.
    const asserts = /[\w)\]}"] as (?!const\b)[A-Za-z{[(]|[\w)\]]!(?=[.;,)\]])/.test(
      code.replaceAll(/\/(?:[^/\\\n]|\\.)+\/[a-z]*/g, "0"),
    );
    return asserts ? [`${number}: ${line}`] : [];
  });
}

/**
 * JSON that is read without the one reader (`packages/formats/src/json`), which bounds how deep a document may be nested and says what is
 * wrong with it. Only for what this house wrote itself: a comment says who did.
 */
export function unreasonedJson(text: string): readonly string[] {
  return linesOf(text)
    .filter(({ code, reasoned }) => /\bJSON\.parse\(/.test(code) && !reasoned)
    .map(({ number, text: line }) => `${number}: ${line}`);
}

/** Comments that make the compiler or the linter look away, without a word on why. */
export function silencedChecks(text: string): readonly string[] {
  return linesOf(text)
    .filter(({ text: line }) => /@ts-(?:ignore|nocheck)/.test(line) || /(?:es|ox)lint-disable(?!.* -- \S)/.test(line))
    .map(({ number, text: line }) => `${number}: ${line}`);
}

/**
 * Patterns that begin at any line's start with blanks that may be line breaks: a run of n empty lines is looked through from each of
 * its lines, n times n. `[^\S\n]*` stays in the line.
 */
export function wanderingPatterns(text: string): readonly string[] {
  return [...text.matchAll(/\/\^\\s[*+](?:[^/\\\n]|\\.)*\/[a-z]*m[a-z]*\b/g)].map(([found]) => found);
}
