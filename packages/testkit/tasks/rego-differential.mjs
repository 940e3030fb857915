// Holds our Rego against the `opa` on PATH: programs and inputs are made from a seed; every difference is printed.
//
//   npm run rego-differential -- [--programs 10000] [--seed 1] [--opa PATH] [--record FILE]
//
// With --record the programs and the answers of opa are written to a file, as the test of the rego package reads it.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { input, ProgramGenerator } from "./rego-programs.mjs";

// This package does not depend on those that it tests.
const { compileModules, RegoError } = await import(new URL("../../rego/dist/index.js", import.meta.url).href);

const { values: flags } = parseArgs({
  options: {
    programs: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
    opa: { type: "string", default: "opa" },
    record: { type: "string" },
  },
});
const wanted = Number(flags.programs);
const perBatch = 500;
const folder = mkdtempSync(join(tmpdir(), "rego-differential-"));
writeFileSync(join(folder, "input.json"), JSON.stringify(input));

function opa(...args) {
  const { stdout, stderr, error } = spawnSync(flags.opa, args, { cwd: folder, encoding: "utf8", maxBuffer: 1 << 28 });
  if (error !== undefined) throw error;
  return stdout.trim() === "" ? stderr : stdout;
}

function moduleOf(programs) {
  return `package g\n${programs.flatMap(({ lines }) => lines).join("\n")}\n`;
}

/** What one side says of a program: `{ error }` with a code, or `{ value }` as JSON text, which is absent for undefined. */
function ours(program) {
  try {
    const policies = compileModules([{ path: "p.rego", text: moduleOf([program]) }]);
    const text = policies.queryText(`data.g.${program.name}`, { input });
    const value = /^\[\{"bindings":\{\},"expressions":\[(.*)\]\}\]$/s.exec(text)?.[1];
    return value === undefined ? {} : { value };
  } catch (error) {
    if (!(error instanceof RegoError)) throw error;
    return { error: error.errors[0].code };
  }
}

/**
 * The answers of OPA for a batch: programs that it refuses are taken out round by round, the rest is evaluated at once, but
 * for those that seem to fail: one of them would end the whole evaluation.
 */
function theirs(programs, fails) {
  const answers = new Map();
  let left = programs;
  for (;;) {
    writeFileSync(join(folder, "check.rego"), moduleOf(left));
    const text = opa("check", "--format", "json", "--max-errors", "100000", "check.rego");
    const errors = text.trim() === "" ? [] : (JSON.parse(text).errors ?? []);
    if (errors.length === 0) break;
    const owners = left.flatMap((program) => program.lines.map(() => program));
    const before = left.length;
    for (const { code, location } of errors) {
      const program = location === undefined ? undefined : owners[location.row - 2];
      if (program !== undefined && !answers.has(program)) answers.set(program, { error: code });
    }
    left = left.filter((program) => !answers.has(program));
    if (left.length === before) throw new Error(`opa names no line: ${text.slice(0, 500)}`);
  }
  for (const program of left) if (fails(program)) evaluate([program], answers);
  evaluate(
    left.filter((program) => !fails(program)),
    answers,
  );
  return answers;
}

/** Evaluates many programs at once; where one of them ends it all, each half by itself. */
function evaluate(programs, answers) {
  if (programs.length === 0) return;
  writeFileSync(join(folder, "eval.rego"), moduleOf(programs));
  // In a list, so that a text is written as JSON too.
  const query = programs.length === 1 ? `[data.g.${programs[0].name}]` : "data.g";
  const text = opa("eval", "-d", "eval.rego", "-i", "input.json", "--format", "raw", query).trim();
  const failed = /^\d+ errors? occurred: .*?\b((?:eval|rego)_\w+): /s.exec(text)?.[1];
  if (programs.length === 1) {
    const value = /^\[(.*)\]$/s.exec(text)?.[1];
    answers.set(programs[0], failed !== undefined ? { error: failed } : value === undefined ? {} : { value });
  } else if (failed !== undefined) {
    const middle = programs.length >> 1;
    evaluate(programs.slice(0, middle), answers);
    evaluate(programs.slice(middle), answers);
  } else {
    const members = splitMembers(text);
    for (const program of programs) {
      const value = members.get(program.name);
      answers.set(program, value === undefined ? {} : { value });
    }
  }
}

/** The members of a JSON object as texts, so that the spelling of numbers is compared too. */
function splitMembers(text) {
  const members = new Map();
  const body = text.trim();
  let depth = 0;
  let quoted = false;
  let start = 1;
  for (let at = 0; at < body.length; at++) {
    const character = body[at];
    if (quoted) {
      if (character === "\\") at++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if ("{[".includes(character)) depth++;
    else if ("}]".includes(character) || (character === "," && depth === 1)) {
      if (depth === 1 && at > start) {
        const member = /^"(\w+)":(.*)$/s.exec(body.slice(start, at));
        if (member !== null) members.set(member[1], member[2]);
      }
      if (character === ",") start = at + 1;
      else depth--;
    }
  }
  return members;
}

/** Differences that are known, each with the reason. */
function knownReason(text, our, their) {
  const sorted = (each) => [...String(each.value)].sort().join("");
  const members = (each) =>
    new Set(
      String(each.value)
        .replaceAll(/-0(?=[,\]}])/g, "0")
        .match(/"(?:[^"\\]|\\.)*"|[^\s,[\]{}]+/g),
    ).size;
  const literal = /\{[^{}|]*(\([^|]*|input\.\w+[^|]*|\[[^|]*|\|[^|]*)\}/.test(text);
  if (literal && our.value !== undefined && their.value !== undefined) {
    if (sorted(our) === sorted(their) || members(our) === members(their))
      return "OPA goes through a set literal with parts to compute as it is written, equal ones twice";
    if (/\[r, _\] = |some i, r in \[x \| some x in \{/.test(text))
      return "the same, of which a member is taken by its position";
  }
  if (String(their.value).replaceAll("\\ufffd", "\ufffd") === String(our.value))
    return "OPA escapes what is no UTF-8 when it prints";
  if (their.error === "rego_unsafe_var_error" && /some (\w+)(?:, \w+)? in [[{]\1(?:: \w+)? \| some \1\b/.test(text))
    return "OPA takes a name within a comprehension for the one that is declared by it";
  if (our.error === "rego_unsafe_var_error" && /\{"a": r\} = \{k: v \| some k, v in \{/.test(text))
    return "OPA forgets unsafe variables of an expression that closes over others";
  if (our.error === "rego_type_error" && their.error === undefined && /some e in \[[^\n]*\bset\(\)/.test(text))
    return "OPA takes an empty set for an argument of any type";
  return undefined;
}

let made = 0;
const known = new Map();
const unknown = [];
const record = [];
const generator = new ProgramGenerator(Number(flags.seed));
try {
  while (made < wanted) {
    const programs = Array.from({ length: Math.min(perBatch, wanted - made) }, (_, index) => {
      const name = `p${made + index}`;
      return { name, lines: generator.program(name) };
    });
    made += programs.length;
    const own = new Map(programs.map((program) => [program, ours(program)]));
    const answers = theirs(programs, (program) => own.get(program).error !== undefined);
    for (const program of programs) {
      const [our, their] = [own.get(program), answers.get(program)];
      const text = program.lines.join("\n");
      // Which of several errors comes first is no matter.
      const same =
        our.error === undefined ? our.value === their.value && their.error === undefined : their.error !== undefined;
      const reason = same ? undefined : knownReason(text, our, their);
      if (reason !== undefined) known.set(reason, (known.get(reason) ?? 0) + 1);
      else if (!same) unknown.push({ text, our, their });
      if (same || reason === undefined) record.push({ name: program.name, lines: program.lines, want: their });
    }
    process.stderr.write(`${made} of ${wanted}, ${unknown.length} differences\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const shown = (side) => (JSON.stringify(side) ?? "").slice(0, 300);
for (const { text, our, their } of unknown.slice(0, 100))
  process.stdout.write(`${text}\n  ours ${shown(our)}\n  opa  ${shown(their)}\n`);
for (const [reason, count] of known) process.stdout.write(`${count} times: ${reason}\n`);
process.stdout.write(`${made} programs compared, ${unknown.length} differences\n`);
if (flags.record !== undefined) {
  const lines = record.map((each) => JSON.stringify(each)).join(",\n");
  writeFileSync(flags.record, `{"input":${JSON.stringify(input)},\n"programs":[\n${lines}\n]}\n`);
}
process.exitCode = unknown.length === 0 ? 0 : 1;
