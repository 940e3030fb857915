// Holds our Rego against the `opa` on PATH: programs and inputs are made from a seed; every difference is printed.
//
//   npm run rego-differential -- [--programs 10000] [--seed 1] [--opa PATH]
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

// This package does not depend on those that it tests.
const { compileModules, RegoError } = await import(new URL("../../rego/dist/index.js", import.meta.url).href);

const { values: flags } = parseArgs({
  options: {
    programs: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
    opa: { type: "string", default: "opa" },
  },
});
const wanted = Number(flags.programs);
const perBatch = 500;

function randomizer(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

class Generator {
  constructor(seed) {
    this.random = randomizer(seed);
    this.names = 0;
  }
  pick(list) {
    return list[Math.floor(this.random() * list.length)];
  }
  number() {
    return this.pick([
      "0",
      "1",
      "-1",
      "2",
      "3",
      "7",
      "10",
      "0.5",
      "1.5",
      "-2.25",
      "1e3",
      "1.10",
      "100000000000000000000",
      "9007199254740993",
      "input.n",
      "input.f",
    ]);
  }
  string() {
    return this.pick([
      '""',
      '"a"',
      '"abc"',
      '"a,b,c"',
      '"Ünï"',
      '"日本"',
      '"10"',
      '"x y"',
      "input.s",
      '"a.b"',
      '"\\n\\t"',
      '"😀b"',
    ]);
  }
  array(depth) {
    return this.pick([
      () => "input.list",
      () => "[]",
      () => `[${this.many(() => this.any(depth - 1))}]`,
      () => `[x | some x in ${this.collection(depth - 1)}]`,
      () => `[1, 2, 3]`,
    ])();
  }
  set(depth) {
    return this.pick([
      () => "set()",
      () => `{${this.any(depth - 1)}, ${this.any(depth - 1)}}`,
      () => `{x | some x in ${this.collection(depth - 1)}}`,
      () => "{1, 2, 3}",
    ])();
  }
  object(depth) {
    return this.pick([
      () => "{}",
      () => "input.map",
      () => `{${this.string()}: ${this.any(depth - 1)}}`,
      () => `{k: v | some k, v in ${this.collection(depth - 1)}}`,
      () => '{"a": 1, "b": [2]}',
    ])();
  }
  collection(depth) {
    if (depth <= 0) return this.pick(["input.list", "input.map", "[1, 2]", '{"a", "b"}']);
    return this.pick([() => this.array(depth), () => this.set(depth), () => this.object(depth)])();
  }
  many(make) {
    return Array.from({ length: 1 + Math.floor(this.random() * 3) }, make).join(", ");
  }
  any(depth) {
    if (depth <= 0)
      return this.pick([
        () => this.number(),
        () => this.string(),
        () => this.pick(["true", "false", "null", "input.missing", "input.list[_]", "input.map.a"]),
      ])();
    const d = depth - 1;
    return this.pick([
      () => this.number(),
      () => this.string(),
      () => this.array(depth),
      () => this.set(depth),
      () => this.object(depth),
      () => `(${this.number()} ${this.pick(["+", "-", "*", "/", "%"])} ${this.number()})`,
      () => `(${this.any(d)} ${this.pick(["==", "!=", "<", ">", "<=", ">="])} ${this.any(d)})`,
      () => `(${this.set(d)} ${this.pick(["|", "&", "-"])} ${this.set(d)})`,
      () => `count(${this.collection(d)})`,
      () => `sum(${this.array(d)})`,
      () => `${this.pick(["max", "min", "sort"])}(${this.pick([this.array(d), this.set(d)])})`,
      () =>
        `${this.pick(["upper", "lower", "trim_space", "base64.encode", "hex.encode", "urlquery.encode", "strings.reverse", "to_number", "crypto.sha256"])}(${this.string()})`,
      () =>
        `${this.pick(["contains", "startswith", "endswith", "indexof", "split", "trim", "trim_left", "trim_prefix", "trim_suffix", "strings.count"])}(${this.string()}, ${this.string()})`,
      () => `concat(${this.string()}, ${this.array(d)})`,
      () => `replace(${this.string()}, ${this.string()}, ${this.string()})`,
      () => `substring(${this.string()}, ${this.pick(["0", "1", "-1", "2"])}, ${this.pick(["-1", "0", "1", "5"])})`,
      () =>
        `sprintf(${this.pick(['"%v"', '"%d"', '"%s|%5.2f"', '"%x %q"', '"%v %v"', '"%08.3f|%-6s|"', '"%+d"'])}, [${this.many(() => this.any(d))}])`,
      () => `object.get(${this.object(d)}, ${this.string()}, ${this.any(d)})`,
      () => `object.union(${this.object(d)}, ${this.object(d)})`,
      () => `object.keys(${this.object(d)})`,
      () => `array.concat(${this.array(d)}, ${this.array(d)})`,
      () => `array.slice(${this.array(d)}, ${this.pick(["-1", "0", "1"])}, ${this.pick(["0", "2", "9"])})`,
      () => `json.marshal(${this.any(d)})`,
      () => `json.unmarshal(json.marshal(${this.any(d)}))`,
      () => `${this.pick(["round", "ceil", "floor", "abs"])}(${this.number()})`,
      () => `numbers.range(${this.pick(["0", "3", "-2"])}, ${this.pick(["0", "2", "5"])})`,
      () => `format_int(${this.number()}, ${this.pick(["2", "8", "10", "16"])})`,
      () =>
        `regex.${this.pick(["match", "split"])}(${this.pick(['"a"', '"[a-c]+"', '"^x"', '"(b|,)"', '"."'])}, ${this.string()})`,
      () =>
        `regex.replace(${this.string()}, ${this.pick(['"a"', '"[a-c]"', '"(.)"'])}, ${this.pick(['"$1$1"', '"-"', '""'])})`,
      () => `type_name(${this.any(d)})`,
      () => `(${this.any(d)} in ${this.collection(d)})`,
      () => `[x, y] == ${this.array(d)}`.replace("[x, y]", `[${this.any(d)}]`),
      () => `$"<{${this.pick(["input.s", "input.missing", "count([1])"])}}>"`,
      () => `time.format(${this.pick(["0", "1700000000000000000", '[1700000000000000000, "Europe/Berlin"]'])})`,
      () => `units.parse_bytes(${this.pick(['"10Mi"', '"1.5k"', '"3"', '"x"'])})`,
      () => `semver.compare(${this.pick(['"1.2.3"', '"1.2.3-a"', '"2.0.0"'])}, ${this.pick(['"1.2.3"', '"1.10.0"'])})`,
      () => `net.cidr_contains(${this.pick(['"10.0.0.0/8"', '"::/0"'])}, ${this.pick(['"10.1.1.1"', '"fe80::1"'])})`,
      () => `glob.match(${this.pick(['"a*"', '"*.b"', '"{a,b}*"'])}, ["."], ${this.string()})`,
    ])();
  }
  body(depth) {
    const d = depth - 1;
    return this.pick([
      () => `r := ${this.any(depth)}`,
      () => `some r in ${this.collection(depth)}`,
      () => `some i, r in ${this.array(d)}; i > 0`,
      () => `r := ${this.any(d)}; not r == ${this.any(d)}`,
      () => `every e in ${this.collection(d)} { e != ${this.any(d)} }; r := 1`,
      () => `[r, _] = ${this.array(d)}`,
      () => `{"a": r} = ${this.object(d)}`,
      () => `r := input.list[i]; i >= 1`,
      () => `r := [v, w]; v := ${this.any(d)}; w := ${this.any(d)}`,
      () => `r := ${this.any(d)} with input.n as ${this.any(0)}`,
    ])();
  }
  /** One program on one line. */
  program(name) {
    const depth = 1 + Math.floor(this.random() * 3);
    return this.pick([
      () => `${name} contains r if { ${this.body(depth)} }`,
      () => `${name} := [r | ${this.body(depth)}]`,
      () => `${name} := ${this.any(depth)}`,
      () => `${name}[k] := r if { some k in ["a", "b"]; ${this.body(depth)} }`,
    ])();
  }
}

const folder = mkdtempSync(join(tmpdir(), "rego-differential-"));
const input = { n: 3, f: 2.5, s: "a,b", list: [1, "a", null, [2], { k: "v" }], map: { a: 1, b: "x", c: [3] } };
writeFileSync(join(folder, "input.json"), JSON.stringify(input));

function opa(...args) {
  const { stdout, stderr, error } = spawnSync(flags.opa, args, { cwd: folder, encoding: "utf8", maxBuffer: 1 << 28 });
  if (error !== undefined) throw error;
  return stdout.trim() === "" ? stderr : stdout;
}

function oursRefuses(line) {
  try {
    compileModules([{ path: "p.rego", text: `package g\n${line}\n` }]);
    return undefined;
  } catch (error) {
    if (!(error instanceof RegoError)) throw error;
    return error.errors[0].code;
  }
}

/** For each line what OPA refuses it with. */
function opaRefusals(lines) {
  const refused = new Map();
  let left = lines.map((line, index) => ({ line, index }));
  for (let round = 0; round < 50; round++) {
    writeFileSync(join(folder, "check.rego"), `package g\n${left.map(({ line }) => line).join("\n")}\n`);
    const text = opa("check", "--format", "json", "--max-errors", "100000", "check.rego");
    const errors = text.trim() === "" ? [] : (JSON.parse(text).errors ?? []);
    if (errors.length === 0) return refused;
    const rows = new Map(
      errors.filter((each) => each.location !== undefined).map((each) => [each.location.row - 2, each.code]),
    );
    for (const [row, code] of rows) if (left[row] !== undefined) refused.set(left[row].index, code);
    left = left.filter((_, row) => !rows.has(row));
  }
  return refused;
}

let made = 0;
let compared = 0;
const differences = [];
try {
  const generator = new Generator(Number(flags.seed));
  while (made < wanted) {
    const lines = Array.from({ length: Math.min(perBatch, wanted - made) }, (_, index) =>
      generator.program(`p${made + index}`),
    );
    made += lines.length;
    const theirs = opaRefusals(lines);
    const ok = [];
    for (const [index, line] of lines.entries()) {
      const our = oursRefuses(line);
      const their = theirs.get(index);
      compared++;
      if ((our === undefined) !== (their === undefined))
        differences.push({ line, ours: our ?? "accepted", opa: their ?? "accepted" });
      else if (our === undefined) ok.push(line);
    }
    let text = `package g\n${ok.join("\n")}\n`;
    const values = new Map();
    // A conflict ends the whole evaluation: such programs are looked at one by one.
    for (const line of ok) {
      const name = /^\w+/.exec(line)[0];
      const policies = compileModules([{ path: "p.rego", text: `package g\n${line}\n` }]);
      try {
        values.set(name, policies.queryText(`data.g.${name}`, { input }));
      } catch (error) {
        if (!(error instanceof RegoError)) throw error;
        values.set(name, `error ${error.errors[0].code}`);
        text = text.replace(`${line}\n`, "");
        writeFileSync(join(folder, "one.rego"), `package g\n${line}\n`);
        const one = JSON.parse(opa("eval", "-d", "one.rego", "-i", "input.json", `data.g.${name}`));
        if (one.errors?.[0]?.code !== error.errors[0].code)
          differences.push({ line, ours: error.message, opa: JSON.stringify(one).slice(0, 300) });
      }
    }
    writeFileSync(join(folder, "eval.rego"), text);
    const answer = opa("eval", "-d", "eval.rego", "-i", "input.json", "--format", "raw", "data.g");
    const theirsByName = splitMembers(answer);
    for (const [name, our] of values) {
      if (our.startsWith("error")) continue;
      const their = theirsByName.get(name);
      const mine = /^\[\{"bindings":\{\},"expressions":\[(.*)\]\}\]$/s.exec(our)?.[1];
      if (their !== mine)
        differences.push({
          line: ok.find((line) => line.startsWith(`${name} `) || line.startsWith(`${name}[`)),
          ours: mine,
          opa: their,
        });
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
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
function knownReason({ line, ours, opa: their }) {
  const sorted = (text) => [...String(text)].sort().join("");
  if (/\{[^{}]*\([^{}]*\}/.test(line) && sorted(ours) === sorted(their))
    return "OPA goes through a set literal with calls in the order it is written";
  if (String(their).replaceAll("\\ufffd", "\ufffd") === String(ours))
    return "OPA escapes what is no UTF-8 when it prints";
  if (their === "rego_unsafe_var_error" && /some (\w+) in \{\1 \| some \1 in/.test(line))
    return "OPA takes a name within a comprehension for the one that is declared by it";
  return undefined;
}

const known = differences.filter((each) => knownReason(each) !== undefined).length;
const unknown = differences.filter((each) => knownReason(each) === undefined);
for (const { line, ours, opa: their } of unknown.slice(0, 100)) {
  process.stdout.write(`${line}\n  ours ${String(ours).slice(0, 300)}\n  opa  ${String(their).slice(0, 300)}\n`);
}
process.stdout.write(`${compared} programs compared, ${unknown.length} differences, ${known} of known kinds\n`);
process.exitCode = unknown.length === 0 ? 0 : 1;
