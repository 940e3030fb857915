import { expect, test } from "vitest";
import { compileModules } from "../policies.ts";
import { RegoError } from "../syntax/errors.ts";

function value(call: string): unknown {
  return compileModules([]).query(`x = ${call}`, { strictBuiltinErrors: true })[0]?.bindings["x"];
}

test.each([
  ["a marker before it", "---\nfoo: 1\nbar: 2", { foo: 1, bar: 2 }],
  ["a comment before the marker", "# made by hand\n\n---\nfoo: 1\nbar: 2\n---\nx: 1", { foo: 1, bar: 2 }],
  ["a comment behind the marker", "--- # one\nfoo: 1\n", { foo: 1 }],
  ["its beginning in the line of the marker", "--- {a: 1}", { a: 1 }],
  ["a block scalar in the line of the marker", "--- |\n  a\n  b\n", "a\nb\n"],
  ["a directive before it", "%YAML 1.1\n---\nfoo: 1\nbar: 2", { foo: 1, bar: 2 }],
  ["further documents behind it", "a: 1\n---\nb: 2", { a: 1 }],
  ["an end of its own", "a: 1\n...\n", { a: 1 }],
  ["lines ended as in Windows", "---\r\nfoo: 1\r\nbar: 2\r\n---\r\nx: 1", { foo: 1, bar: 2 }],
  ["a line of its text that looks like a marker", "a: |\n  b\n  ---\n  c\n", { a: "b\n---\nc\n" }],
  ["nothing before the next one", "---\n---\na: 1", null],
])("yaml.unmarshal reads the first document, with %s", (_, text, expected) => {
  expect(value(`yaml.unmarshal(${JSON.stringify(text)})`)).toEqual(expected);
});

test("an offset from UTC of more than a day is no time", () => {
  expect(value('time.parse_rfc3339_ns("2023-02-01T00:00:00+24:00")')).toBe(1_675_123_200_000_000_000);
  expect(() => value('time.parse_rfc3339_ns("2023-02-01T00:00:00+25:00")')).toThrow(
    "time zone offset hour out of range",
  );
  expect(() => value('time.parse_rfc3339_ns("2023-02-01T00:00:00+00:61")')).toThrow(
    "time zone offset minute out of range",
  );
});

function answer(call: string): string {
  try {
    const text = compileModules([]).queryText(`x := ${call}`, { strictBuiltinErrors: true });
    return /^\[\{"bindings":\{"x":(.*)\},"expressions":\[true\]\}\]$/s.exec(text)?.[1] ?? "undefined";
  } catch (error) {
    if (!(error instanceof RegoError)) throw error;
    return error.message.replace(/^.*?: (?=eval_\w+: )/s, "");
  }
}

// Answers of `opa` 1.22.4.
test.each([
  ['strings.split_n("a.b.c", ".", 2)', '["a","b"]'],
  ['strings.split_n("a.b.c", ".", -2)', '["b","c"]'],
  ['strings.split_n("a.b.c", ".", 0)', "[]"],
  ['strings.split_n("aé", "", 1)', '["a"]'],
  [
    'strings.split_n("a.b", ".", 1e30)',
    "eval_type_error: strings.split_n: operand 3 must be integer number but got floating-point number",
  ],
  [
    'substring("abc", 0, 1e18)',
    "eval_type_error: substring: operand 3 must be integer number but got floating-point number",
  ],
  ['substring("abc", 0, 2.0)', '"ab"'],
  ['strings.replace_n({"": "X", "a": "Y"}, "ab")', '"XYXbX"'],
  ['strings.replace_n({"": "-", "é": "e"}, "aéb")', '"-a-e-b-"'],
  ['replace("é", "", "")', '"é"'],
  [
    'uri.parse("https://u@ex.com:8080/p%2Fq?x=1#f%20g")',
    '{"fragment":"f g","hostname":"ex.com","path":"/p/q","port":"8080","raw_path":"/p%2Fq","raw_query":"x=1","scheme":"https"}',
  ],
  ['uri.parse("HTTP://A/a%21b")', '{"hostname":"A","path":"/a!b","raw_path":"/a!b","scheme":"http"}'],
  ['uri.parse("mailto:a@b")', '{"scheme":"mailto"}'],
  [
    'uri.parse("http://[fe80::1%25en0]:80/")',
    '{"hostname":"fe80::1%en0","path":"/","port":"80","raw_path":"/","scheme":"http"}',
  ],
  ['uri.parse("http://[1.2.3.4]/")', 'eval_builtin_error: uri.parse: parse "http://[1.2.3.4]/": invalid IP-literal'],
  [
    'uri.parse("http://exa%6dple.com/")',
    'eval_builtin_error: uri.parse: parse "http://exa%6dple.com/": invalid URL escape "%6d"',
  ],
  [
    'uri.parse("http://a b/")',
    'eval_builtin_error: uri.parse: parse "http://a b/": invalid character " " in host name',
  ],
  ['uri.parse("http://a<b@c/")', 'eval_builtin_error: uri.parse: parse "http://a<b@c/": net/url: invalid userinfo'],
  ['uri.parse("http://a:b/")', 'eval_builtin_error: uri.parse: parse "http://a:b/": invalid port ":b" after host'],
  ['uri.parse("x://a:1,b:2/")', '{"hostname":"a:1,b","path":"/","port":"2","raw_path":"/","scheme":"x"}'],
  [
    'uri.parse("http://a:1,b:2/")',
    'eval_builtin_error: uri.parse: parse "http://a:1,b:2/": invalid port ":1,b:2" after host',
  ],
  ['uri.parse("a:b:c")', '{"scheme":"a"}'],
  ['uri.parse("a/%zz")', 'eval_builtin_error: uri.parse: parse "a/%zz": invalid URL escape "%zz"'],
  ['uri.parse("1a:b")', 'eval_builtin_error: uri.parse: parse "1a:b": first path segment in URL cannot contain colon'],
  ['uri.parse("://a")', 'eval_builtin_error: uri.parse: parse "://a": missing protocol scheme'],
  ['uri.parse("\\t")', 'eval_builtin_error: uri.parse: parse "\\t": net/url: invalid control character in URL'],
  ['uri.is_valid("")', "false"],
  ['uri.is_valid(" x ")', "true"],
  ['uuid.parse("{00000000-0000-4000-8000-000000000000}")', '{"variant":"RFC4122","version":4}'],
  ['uuid.parse("x00000000-0000-4000-8000-000000000000y")', '{"variant":"RFC4122","version":4}'],
  ['uuid.parse("{00000000000040008000000000000000}")', "undefined"],
  ['units.parse("+1k")', "1000"],
  ['units.parse("1e10000000k")', "eval_builtin_error: units.parse: units.parse: exponent too large"],
  ['units.parse_bytes("+1k")', "1000"],
  ['units.parse_bytes("1e10000000k")', "eval_builtin_error: units.parse_bytes: units.parse_bytes: exponent too large"],
  ['time.parse_duration_ns("1y2w3d")', "33004800000000000"],
  ['time.parse_duration_ns("1dd")', 'eval_builtin_error: time.parse_duration_ns: time: invalid duration "1dd"'],
  ['time.parse_duration_ns("1.5d-1h")', 'eval_builtin_error: time.parse_duration_ns: time: invalid duration "1.5d-1h"'],
  [
    'time.parse_duration_ns("9223372036854775808ns")',
    'eval_builtin_error: time.parse_duration_ns: time: invalid duration "9223372036854775808ns"',
  ],
  ['time.parse_duration_ns("-9223372036854775808ns")', "-9223372036854775808"],
  ["time.date(1e18)", "[2001,9,9]"],
  ['time.date([0, "utc"])', "eval_builtin_error: time.date: unknown time zone utc"],
  ['time.date([0, "../etc/passwd"])', "eval_builtin_error: time.date: time: invalid location name"],
  ['time.format([0, "UTC", ""])', '"1970-01-01T00:00:00Z"'],
  ['time.parse_rfc3339_ns("2024-02-29T1:02:03Z")', "1709168523000000000"],
  ['json.unmarshal("1e40000")', "eval_builtin_error: json.unmarshal: invalid number: number too big"],
  ['json.unmarshal("[1e2147483648]")', "eval_builtin_error: json.unmarshal: invalid number: invalid float"],
  ['json.is_valid("1e40000")', "true"],
  ['json.unmarshal("Ä")', "eval_builtin_error: json.unmarshal: invalid character 'Ã' looking for beginning of value"],
  ['hex.decode("日")', "eval_builtin_error: hex.decode: encoding/hex: invalid byte: U+00E6 'æ'"],
  ['base64url.decode("a")', "eval_builtin_error: base64url.decode: illegal base64url string: a"],
  [
    'json.marshal_with_options({}, {"bogus": 1})',
    'eval_type_error: json.marshal_with_options: operand 2 object contained unknown key "bogus"',
  ],
  [
    'json.patch({"a": 1}, [{"op": "add", "path": "/a/-", "value": 9}])',
    "eval_builtin_error: json.patch: expected composite type, found value: 1 (type: ast.Number)",
  ],
  ["object.subset([], set())", "false"],
  ["product([0.1, 0.2])", "0.02"],
  ["max([1, 1.0])", "1.0"],
  ["min([1.0, 1])", "1"],
  [
    "bits.lsh(1, -1)",
    "eval_type_error: bits.lsh: operand 2 must be an unsigned integer number but got a negative integer",
  ],
  ['glob.match("[a-]", [], "a")', "eval_builtin_error: glob.match: glob: syntax error at 4: unexpected end of input"],
  [
    'glob.match("[a-cx]", [], "b")',
    "eval_builtin_error: glob.match: glob: syntax error at 5: expected close range character",
  ],
  [
    'glob.match("[c-a]", [], "b")',
    "eval_builtin_error: glob.match: glob: syntax error at 5: range hi character is less than lo",
  ],
  ['glob.match("[!a-c]", [], "d")', "true"],
  [
    'glob.match("*", ["ab"], "")',
    "eval_type_error: glob.match: operand 2 must be array of runes but got array containing string",
  ],
  [
    'regex.find_n("[", "a", 1.5)',
    "eval_type_error: regex.find_n: operand 3 must be integer number but got floating-point number",
  ],
  ['regex.match("a[^]b[", "")', "eval_builtin_error: regex.match: error parsing regexp: missing closing ]: `[^]b[`"],
  [
    'regex.match("[]a]|[[:alpha:]b", "")',
    "eval_builtin_error: regex.match: error parsing regexp: missing closing ]: `[[:alpha:]b`",
  ],
  ['yaml.unmarshal("a: 1\\na: 2")', '{"a":2}'],
  ['yaml.unmarshal("[017, -017, 09, 0x_1F, -0b11, 1_000, _1, 1_0.5]")', '[15,-15,9,31,-3,1000,"_1",10.5]'],
  ['yaml.unmarshal("9223372036854775807")', "9223372036854775807"],
  ['yaml.unmarshal("18446744073709551616")', "18446744073709552000"],
  ['yaml.unmarshal("<<: {a: 1}\\nb: 2")', '{"a":1,"b":2}'],
  [
    'yaml.unmarshal("a: !foo 3\\nb: !x {c: 1}\\nd: !s [1]\\ne: !!binary aGk=")',
    '{"a":"3","b":{"c":1},"d":[1],"e":"hi"}',
  ],
  ['yaml.unmarshal("!!set {a, b}")', '{"a":null,"b":null}'],
  ['yaml.unmarshal("\\t# c")', "eval_builtin_error: yaml.unmarshal: yaml: found character that cannot start any token"],
  ['yaml.is_valid("a: 1\\n---\\nb: {")', "false"],
  ['yaml.is_valid("a: 1\\na: 2")', "true"],
  [
    'yaml.marshal({"1": 9223372036854775807, "b": [1e30, 1e-7]})',
    '"\\"1\\": 9223372036854775807\\nb:\\n  - 1e+30\\n  - 1e-07\\n"',
  ],
  [
    'yaml.marshal(["017", "1_0", "1:30", "~", "-", "a:", "yes", {"1": "1_", "x": "+1"}])',
    '"- \\"017\\"\\n- \\"1_0\\"\\n- \\"1:30\\"\\n- \\"~\\"\\n- \'-\'\\n- \'a:\'\\n- \\"yes\\"\\n- \\"1\\": \\"1_\\"\\n  x: \\"+1\\"\\n"',
  ],
  [
    'crypto.x509.parse_rsa_private_key("invalid")',
    "eval_builtin_error: crypto.x509.parse_rsa_private_key: illegal base64 data at input byte 4",
  ],
  [
    'io.jwt.decode("eyJhbGciOiJIUzI1NiIsImVuYyI6ImJsYWgifQ.e30.x")',
    "eval_builtin_error: io.jwt.decode: JWT is a JWE object, which is not supported",
  ],
  [
    'io.jwt.decode_verify("eyJhbGciOiJIUzI1NiIsImVuYyI6ImJsYWgifQ.e30.x", {"secret": "x"})',
    "eval_builtin_error: io.jwt.decode_verify: JWT is a JWE object, which is not supported",
  ],
  ['strings.render_template(`{{.a}}`, {"a": 1.50})', '"1.50"'],
  ['strings.render_template(`{{.a}}`, {"a": {"b": 1, "a": [2]}})', '"map[a:[2] b:1]"'],
  ['strings.render_template(`{{if .a}}y{{else}}n{{end}}`, {"a": 0})', '"y"'],
  ['strings.render_template(`{{if .a}}y{{else}}n{{end}}`, {"a": ""})', '"n"'],
  ['strings.render_template(`{{if .a}}y{{else if .b}}b{{else}}n{{end}}`, {"b": 1})', '"b"'],
  ['strings.render_template(`{{if eq .a "x"}}y{{else}}n{{end}}`, {"a": "x"})', '"y"'],
  ['strings.render_template(`{{if eq .a "1"}}y{{else}}n{{end}}`, {"a": 1})', '"y"'],
  ['strings.render_template(`{{if and .a .b}}y{{else}}n{{end}}`, {"a": 1, "b": false})', '"n"'],
  ['strings.render_template(`{{or .a .b}}`, {"b": "q"})', '"q"'],
  ['strings.render_template(`{{not .a}}`, {"a": 1})', '"false"'],
  ['strings.render_template(`{{len .a}}`, {"a": [1, 2]})', '"2"'],
  ['strings.render_template(`{{len .a}}`, {"a": "é"})', '"2"'],
  ['strings.render_template(`{{index .a 1}}`, {"a": [1, 2]})', '"2"'],
  ['strings.render_template(`{{index .a "b"}}`, {"a": {"b": 3}})', '"3"'],
  ['strings.render_template(`{{printf "%s-%v" .a .b}}`, {"a": "x", "b": 2})', '"x-2"'],
  ['strings.render_template(`{{print 1 2 "a"}}`, {})', '"1 2a"'],
  ['strings.render_template(`{{println .a}}`, {"a": 1})', '"1\\n"'],
  ['strings.render_template(`{{"x" | printf "%s-%s" .a}}`, {"a": "y"})', '"y-x"'],
  ['strings.render_template(`{{$x := .a}}{{$x}}{{$x = 3}}{{$x}}`, {"a": 1})', '"13"'],
  ['strings.render_template(`{{range .a}}{{.}},{{end}}`, {"a": {"b": 1, "a": 2}})', '"2,1,"'],
  ['strings.render_template(`{{range $k, $v := .a}}{{$k}}={{$v}},{{end}}`, {"a": {"b": 1, "a": 2}})', '"a=2,b=1,"'],
  ['strings.render_template(`{{range $v := .a}}{{$v}},{{end}}`, {"a": [5, 6]})', '"5,6,"'],
  ['strings.render_template(`{{range $i, $v := .a}}{{if $i}},{{end}}{{$v}}{{else}}none{{end}}`, {"a": []})', '"none"'],
  ['strings.render_template(`{{range .a}}{{if eq . "b"}}{{break}}{{end}}{{.}}{{end}}`, {"a": ["a", "b", "c"]})', '"a"'],
  [
    'strings.render_template(`{{range .a}}{{if eq . "b"}}{{continue}}{{end}}{{.}}{{end}}`, {"a": ["a", "b", "c"]})',
    '"ac"',
  ],
  ["strings.render_template(`{{range 3}}{{.}}{{end}}`, {})", '"012"'],
  ['strings.render_template(`{{with .a}}{{.b}}{{else}}n{{end}}`, {"a": {"b": 1}})', '"1"'],
  ['strings.render_template(`{{with $x := .a}}{{$x}}{{end}}`, {"a": 4})', '"4"'],
  ['strings.render_template(`{{range .a}}{{$.b}}{{end}}`, {"a": [1, 2], "b": "z"})', '"zz"'],
  ['strings.render_template(`a {{- .a -}} b`, {"a": 1})', '"a1b"'],
  ["strings.render_template(`{{/* c */}}x{{- /* d */ -}} y`, {})", '"xy"'],
  ["strings.render_template(`{{\"q\\n\" }}{{'a'}}{{1.5}}{{true}}{{0x10}}`, {})", '"q\\n971.5true16"'],
  ['strings.render_template("{{`raw`}}", {})', '"raw"'],
  ['strings.render_template(`{{define "t"}}T{{.}}{{end}}{{template "t" .a}}`, {"a": 1})', '"T1"'],
  ['strings.render_template(`{{block "t" .a}}B{{.}}{{end}}`, {"a": 1})', '"B1"'],
  ['strings.render_template(`{{(index .a 0).b}}`, {"a": [{"b": 7}]})', '"7"'],
  ['strings.render_template(`{{.a | len | printf "%d"}}`, {"a": [1]})', '"1"'],
  ["strings.render_template(`{{eq 1 2 1}}`, {})", '"true"'],
  ['strings.render_template(`{{ne .a .b}}`, {"a": 1, "b": 1})', '"false"'],
  ['strings.render_template(`{{lt "a" "b"}}`, {})', '"true"'],
  ['strings.render_template(`{{.a}}{{.b}}`, {"a": "{{.b}}", "b": 2})', '"{{.b}}2"'],
  ['strings.render_template(`}} {{.a}} { {`, {"a": 1})', '"}} 1 { {"'],
])("%s is %s", (call, expected) => {
  expect(answer(call)).toBe(expected);
});

test.each([
  ["`{{.a.b}}`, {`a`: null}", "nil pointer evaluating interface {}.b"],
  ["`{{.a.b}}`, {`a`: 1}", "can't evaluate field b"],
  ["`{{if eq .a 1}}{{end}}`, {`a`: 1}", "incompatible types for comparison"],
  ["`{{range .a}}x{{end}}`, {`a`: 3}", "range can't iterate over 3"],
  ["`{{if .a}}`, {}", "unexpected EOF"],
  ["`{{.a`, {}", "unclosed action"],
  ["`{{end}}`, {}", "unexpected {{end}}"],
  ["`{{foo .a}}`, {}", 'function "foo" not defined'],
  ["`{{$x}}`, {}", 'undefined variable "$x"'],
  ['"{{template t}}", {}', "missing name"],
  ['`{{define "t"}}{{template "t"}}{{end}}{{template "t"}}`, {}', "exceeded maximum template depth"],
  ["`{{.a}}`, {`a`: {1}}", "a set is no JSON"],
])("no template is made of %s", (args, message) => {
  expect(answer(`strings.render_template(${args})`)).toContain(message);
});

test("keys that are not there are undefined in a template, and null is nil", () => {
  expect(value('strings.render_template("{{.a.b.c}} {{.}}", {"a": {"x": null}})')).toBe(
    "<undefined> map[a:map[x:<nil>]]",
  );
});

test("yaml.marshal leaves the lines of a text as they are, and quotes as Go does around it", () => {
  expect(value('yaml.marshal({"a": "q\\n\'b\'\\n", "c": ["true"], "d": "1"})')).toBe(
    'a: |\n  q\n  \'b\'\nc:\n  - "true"\nd: "1"\n',
  );
});

test.each([
  ['[{"k": "a\\nb", "l": "yes"}]', '- k: |-\n    a\n    b\n  l: "yes"\n'],
  ['[{"k": "a - |", "l": "yes"}]', '- k: a - |\n  l: "yes"\n'],
  ['[["a\\n\'no\'", "yes"], "on"]', '- - |-\n    a\n    \'no\'\n  - "yes"\n- "on"\n'],
])("yaml.marshal of %s: a text ends where its key or its item does", (given, text) => {
  // As opa 1.22.4 answers.
  expect(value(`yaml.marshal(${given})`)).toBe(text);
});

test("a query is decoded however long it is", () => {
  const long = "a".repeat(300_000);

  expect(value(`urlquery.decode("${long}+b")`)).toBe(`${long} b`);
  expect(value('urlquery.decode_object("a=1&b=2&a=3")')).toEqual({ a: ["1", "3"], b: ["2"] });
});
