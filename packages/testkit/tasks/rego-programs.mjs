// Programs in Rego made from a seed, and the input that they are asked about.

/** The input of every program. */
export const input = { n: 3, f: 2.5, s: "a,b", list: [1, "a", null, [2], { k: "v" }], map: { a: 1, b: "x", c: [3] } };

function randomizer(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Makes programs of one or several rules; every rule stands on one line, and its name begins with the program's. */
export class ProgramGenerator {
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
  /** The lines of one program. The value of `name` is what it is about. */
  program(name) {
    const depth = 1 + Math.floor(this.random() * 3);
    return this.pick([
      () => [`${name} contains r if { ${this.body(depth)} }`],
      () => [`${name} := [r | ${this.body(depth)}]`],
      () => [`${name} := ${this.any(depth)}`],
      () => [`${name}[k] := r if { some k in ["a", "b"]; ${this.body(depth)} }`],
      () => this.withFunction(name, depth),
      () => this.withElse(name, depth),
      () => this.withRules(name, depth),
      () => this.withReplacement(name, depth),
    ])();
  }
  withFunction(name, depth) {
    const f = `${name}_f`;
    const pattern = this.pick(["x", "[x, _]", '{"a": x}', '["a", x]', "1"]);
    const result = pattern === "1" ? this.any(1) : this.pick(["x", "[x, x]", `[x, ${this.any(1)}]`]);
    return [
      `${f}(${pattern}) := ${result}`,
      ...this.pick([[], [`${f}(y) := ${this.any(1)} if { y == ${this.any(0)} }`], [`default ${f}(_) := "none"`]]),
      `${name} := [r | some e in [${this.any(depth)}, ${this.any(1)}, 1]; r := ${f}(e)]`,
    ];
  }
  withElse(name, depth) {
    return [
      ...this.pick([[], [`default ${name} := ${this.pick(['"none"', "[1]", "{}"])}`]]),
      `${name} := r if { ${this.body(depth)}; ${this.any(1)} } else := ${this.any(1)} if { ${this.any(1)} }`,
    ];
  }
  withRules(name, depth) {
    const [s, o, n] = [`${name}_s`, `${name}_o`, `${name}_n`];
    return [
      `${s} contains r if { ${this.body(depth)} }`,
      `${s} contains ${this.any(1)}`,
      `${o}[k] := v if { some k, v in ${this.collection(1)} }`,
      `${n}.a.b := ${this.any(1)}`,
      `${n}.a[k] := 1 if { some k in ["c", "d"] }`,
      `${name} := ${this.pick([
        () => `[${s}, ${n}]`,
        () => `count(${s})`,
        () => `[x | some x in ${s}; not x in ${this.collection(1)}]`,
        () => `[k | ${n}.a[k]]`,
        () => `[x | ${o}[x] == ${this.any(0)}]`,
        () => `{x: y | some x, y in ${n}.a}`,
        () => `[${o}, ${this.any(1)}]`,
      ])()}`,
    ];
  }
  withReplacement(name, depth) {
    const f = `${name}_f`;
    return [
      `${f} := [input.n, ${this.any(1)}]`,
      `${name} := [r | ${this.pick([
        () => `r := ${f} with input as ${this.object(1)}`,
        () => `r := ${f} with input.n as ${this.any(1)}`,
        () => `r := count(${this.collection(depth)}) with count as 7`,
        () => `r := ${f} with data.g.${f} as ${this.any(1)}`,
        () => `some x in ${this.collection(1)}; r := ${f} with input as {"n": x}`,
        () => `not ${f} with input as {}; r := 1`,
      ])()}]`,
    ];
  }
}
