import { describe, expect, test } from "vitest";
import {
  defaultSkippedPaths,
  everySecretRule,
  findSecrets,
  maskSecrets,
  openSecretSearch,
  searchSecrets,
  type SecretRule,
} from "./index.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

/** Made up, and put together here so that no scanner takes this file for a leak. */
const githubToken = "ghp" + "_" + "0aB1cD2eF3".repeat(4).slice(0, 36);
const awsKey = "AKI" + "AQ3EGUYT2XK7BNMLP";

describe("a secret", () => {
  test("is told by line and column in UTF-16 units, and masked with its length kept up to 40", () => {
    const [secret] = findSecrets(utf8(`first\n😀é key: ${awsKey} x\n`), { path: "notes.txt" });

    expect(secret).toMatchObject({
      id: "aws-access-key-id",
      category: "AWS",
      line: 2,
      column: 10,
      endLine: 2,
      endColumn: 30,
    });
    expect(secret?.match).toBe("*".repeat(20));
  });

  test("over several lines is masked behind the blanks that they begin with", () => {
    const key = ["-----BEGIN RSA", "PRIVATE KEY-----"].join(" ");
    const body = "MIIEowIBAAKCAQEA0Z3VS5JJcds3xfnygTg3".repeat(3);
    const text = `a: |\n  ${key}\n  ${body}\n\n  ${body}\n  ${key.replace("BEGIN", "END")}\nb: 1\n`;
    const masked = maskSecrets(text, { path: "a.yaml" });

    expect(masked).not.toContain("MIIE");
    expect(
      masked
        .replaceAll("*", "x")
        .split("\n")
        .map((line) => line.search(/\S/)),
    ).toEqual(text.split("\n").map((line) => line.search(/\S/)));
    expect(masked).toHaveLength(text.length);
  });

  test("is not shown by the finding of another on the same line", () => {
    const secrets = findSecrets(
      utf8(`GITHUB_TOKEN=${githubToken} AWS_KEY=${awsKey} adobe_key="${"0a1b2c3d".repeat(4)}"\n`),
      { path: ".env" },
    );

    expect(secrets.length).toBeGreaterThanOrEqual(3);
    for (const hidden of [githubToken, awsKey, "0a1b2c3d0a1b"]) expect(JSON.stringify(secrets)).not.toContain(hidden);
  });

  test("in UTF-16 with a mark is found", () => {
    const text = `\ufefflogin\r\ntoken: ${githubToken}\r\n`;
    const wide = new Uint8Array(text.length * 2);
    for (let i = 0; i < text.length; i++) new DataView(wide.buffer).setUint16(i * 2, text.charCodeAt(i), true);

    expect(findSecrets(wide, { path: "a.txt" })).toMatchObject([{ id: "github-pat", line: 2, column: 8 }]);
  });

  test("whose checksum is wrong is told with low confidence", () => {
    expect(findSecrets(utf8(githubToken), { path: "a" })[0]?.confidence).toBe("low");
  });

  test("of several lines has its end in the last of them", () => {
    const body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ".repeat(2);
    const text = `key:\n-----BEGIN ${"PRIVATE"} KEY-----\n${body}\n-----END ${"PRIVATE"} KEY-----\n`;

    expect(findSecrets(utf8(text), { path: "id.pem" })).toMatchObject([
      { id: "private-key", line: 2, column: 1, endLine: 4, endColumn: 26 },
    ]);
  });
});

describe("private keys", () => {
  const body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ".repeat(2);
  const pem = (label: string, dashes = "-----") =>
    `${dashes}BEGIN ${label}${dashes}\n${body}\n${dashes}END ${label}${dashes}\n`;
  const ids = (text: string) => findSecrets(utf8(text), { path: "a.txt" }).map(({ id }) => id);

  test.each(["", "RSA ", "EC ", "DSA ", "ENCRYPTED ", "OPENSSH ", "ANY "])(
    "of PEM are found: %sPRIVATE KEY",
    (kind) => {
      expect(ids(pem(`${kind}PRIVATE KEY`))).toEqual(["private-key"]);
      expect(ids(JSON.stringify({ key: pem(`${kind}PRIVATE KEY`) }))).toEqual(["private-key"]);
    },
  );

  test("of PGP, SSH.com, PuTTY and JSON Web Keys are found", () => {
    expect(ids(pem("PGP PRIVATE KEY BLOCK"))).toEqual(["private-key"]);
    expect(ids(pem(" SSH2 ENCRYPTED PRIVATE KEY ", "----"))).toEqual(["private-key"]);
    const lines = `Public-Lines: 1\n${body}\nPrivate-Lines: 2\n${body}\n${body}\nPrivate-MAC: ${"0a".repeat(32)}\n`;
    expect(ids(`PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nComment: me\n${lines}`)).toEqual([
      "putty-private-key",
    ]);
    expect(ids(`{"kty":"EC","crv":"P-256","x":"${body}","d":"${body.slice(0, 43)}"}`)).toEqual(["jwk-private-key"]);
    expect(ids(`{"d":"${body.slice(0, 43)}","crv":"Ed25519","kty":"OKP"}`)).toHaveLength(1);
  });

  test("that are public, or text about keys in a program, are none", () => {
    expect(ids(pem("PUBLIC KEY"))).toEqual([]);
    expect(ids(`{"kty":"EC","crv":"P-256","x":"${body}"}`)).toEqual([]);
    expect(
      ids(
        `const a = "-----BEGIN PRIVATE KEY-----";\n${"work(a);\n".repeat(20)}\nconst b = "-----END PRIVATE KEY-----";`,
      ),
    ).toEqual([]);
  });
});

describe("a file", () => {
  test("given in pieces of any size yields what it yields whole", () => {
    const text = `${"x".repeat(70_000)} ${awsKey}\n${"filler line\n".repeat(200_000)}token: ${githubToken}\n`;
    const whole = findSecrets(utf8(text), { path: "a.txt" });
    for (const size of [1000, 65_536, 1_500_001]) {
      const search = openSecretSearch({ path: "a.txt" });
      const bytes = utf8(text);
      for (let at = 0; at < bytes.length; at += size) search.push(bytes.subarray(at, at + size));
      expect(search.finish().secrets).toEqual(whole);
    }
    expect(whole.map(({ id, line }) => `${id} ${line}`)).toEqual(["aws-access-key-id 1", "github-pat 200002"]);
  });

  test.each([
    ["a binary file whose first zero byte is late", `${awsKey}\n${"text ".repeat(100)}\0`],
    ["UTF-16 text", `\ufeff${awsKey}\n`],
    ["a short text", `${awsKey}\n`],
  ])("that is %s is told as that in pieces as small as a byte", (_, text) => {
    const bytes = text.startsWith("\ufeff")
      ? new Uint8Array(Uint16Array.from(text, (character) => character.charCodeAt(0)).buffer)
      : utf8(text);
    const whole = searchSecrets(bytes, { path: "a.txt" });
    for (const size of [1, 3, 100]) {
      const search = openSecretSearch({ path: "a.txt" });
      const piece = new Uint8Array(size);
      for (let at = 0; at < bytes.length; at += size) {
        // The memory of a piece belongs to the caller, who reuses it.
        piece.set(bytes.subarray(at, at + size));
        search.push(piece.subarray(0, bytes.length - at));
      }
      expect(search.finish()).toEqual(whole);
    }
    expect([whole.secrets.length, whole.skipped?.reason]).toEqual(text.endsWith("\0") ? [0, "binary"] : [1, undefined]);
  });

  test("of one endless line is searched with no more memory than a stretch of it", () => {
    const search = openSecretSearch({ path: "a.txt" });
    const piece = utf8("abcdefgh ".repeat(20_000));
    for (let i = 0; i < 100; i++) search.push(piece);
    search.push(utf8(` ${awsKey} `));

    expect(search.finish().secrets).toMatchObject([{ id: "aws-access-key-id", line: 1, column: 18_000_002 }]);
  });

  test("with more findings than the limit has the rest counted", () => {
    const result = searchSecrets(utf8(`${awsKey}\n`.repeat(5000)), { path: "a.txt", limit: 10 });

    expect(result.secrets).toHaveLength(10);
    expect(result.omitted).toBe(4990);
  });

  test("that is binary or lies where nothing is looked for is said to be skipped", () => {
    expect(searchSecrets(new Uint8Array([1, 0, 2]), { path: ".env" })).toMatchObject({ skipped: { reason: "binary" } });
    expect(searchSecrets(utf8(awsKey), { path: "web/yarn.lock" })).toMatchObject({
      secrets: [],
      skipped: { reason: "path", id: "lock-files" },
    });
    expect(searchSecrets(utf8(awsKey), { path: "web/yarn.lock", skippedPaths: [] }).secrets).toHaveLength(1);
  });

  test("that is itself a secret is found by its name", () => {
    expect(findSecrets(new Uint8Array([48, 0, 1]), { path: "etc/server.p12" })).toMatchObject([
      { id: "pkcs12-file", line: 1 },
    ]);
  });
});

describe("rules", () => {
  test("have ids of their own, keywords in small letters, and patterns that compile", () => {
    const ids = everySecretRule.map(({ id }) => id);

    expect(new Set(ids).size).toBe(ids.length);
    expect(
      everySecretRule.filter(({ keywords }) => keywords.some((keyword) => keyword !== keyword.toLowerCase())),
    ).toEqual([]);
    expect(() =>
      findSecrets(utf8(everySecretRule.flatMap(({ keywords }) => keywords).join(" = abcdefgh12345 ")), { path: "a" }),
    ).not.toThrow();
    expect(everySecretRule.length).toBeGreaterThanOrEqual(254);
  });

  test("of the caller replace and add", () => {
    const own: SecretRule = {
      id: "ours",
      title: "Ours",
      category: "Us",
      severity: "LOW",
      keywords: ["ours-"],
      pattern: "ours-([0-9]{6})",
      allowances: [{ patterns: ["^000"] }],
      excludedBlocks: ["(?s)<<.*?>>"],
    };
    const text = "ours-123456 ours-000456 << ours-654321 >>";

    expect(findSecrets(utf8(text), { path: "a", rules: [own] })).toMatchObject([
      { id: "ours", column: 6, match: "ours-******" },
    ]);
    expect(findSecrets(utf8(text), { path: "a", rules: [{ ...own, path: "\\.b$" }] })).toEqual([]);
    expect(findSecrets(utf8(text), { path: "a", rules: [{ ...own, minEntropy: 3 }] })).toEqual([]);
  });

  test("are looked at only where a keyword is, in any case", () => {
    const rule: SecretRule = {
      id: "r",
      title: "",
      category: "",
      severity: "LOW",
      keywords: ["Marker"],
      pattern: "[0-9]{6}",
    };

    expect(findSecrets(utf8("123456"), { path: "a", rules: [rule] })).toEqual([]);
    expect(findSecrets(utf8("123456 mARKER"), { path: "a", rules: [rule] })).toHaveLength(1);
  });
});

test("options that are not known are refused", () => {
  expect(() => findSecrets(utf8(""), { path: "a", mask: false } as never)).toThrow(TypeError);
});

test("paths that are left out are patterns with names and reasons", () => {
  expect(new Set(defaultSkippedPaths.map(({ id }) => id)).size).toBe(defaultSkippedPaths.length);
});

describe("an assignment", () => {
  const value = "0a1b2c3d4e5f6a7b".repeat(4);

  // As kubectl keeps what was applied last, and as Dockerfiles set settings in JSON.
  test.each([
    ["password", "S3cr3tP4ssw0" + "rdXyz"],
    ["api_key", "a8f5f167f44f4964" + "e6c998dee827110c"],
    ["apiToken", "26e8ba93-57c2-9176-" + "0067-f45ebce6e5ab"],
    ["discord_token", value],
  ])("is seen and masked in JSON that stands in a string: %s", (name, secret) => {
    for (const space of ["", " "]) {
      const line = (given: string): string =>
        `last: "{\\"kind\\":\\"Secret\\",\\"${name}\\":${space}\\"${given}\\"}\\n"`;
      expect(findSecrets(utf8(line(secret)), { path: "a.yaml" })).toHaveLength(1);
      expect(maskSecrets(line(secret), { path: "a.yaml" })).toBe(line("*".repeat(secret.length)));
    }
  });

  test.each([`discord = b"${value}"`, `discord := u'${value}'`, `"discord": @"${value}"`, `discord=${value}`])(
    "is seen with a prefix of the string and without",
    (line) => {
      expect(findSecrets(utf8(line), { path: "settings.py" }).map(({ id }) => id)).toEqual(["discord-api-token"]);
    },
  );

  test.each([
    // The public key of Web Push is a point of P-256.
    `const DEFAULT_VAPID_KEY = "B${"Ab1-_xY9".repeat(11).slice(0, 86)}";`,
    `const TOKEN_QUERY_PARAM = "X-Amz-S3session-Token";`,
    `key_action="Type=Application"`,
    "sm4ekey : Crypto_SM4_2Vector_Intrinsic;",
    "const int kApiTaggedSize = kApiInt32Size;",
    "merged sort key, src1Length+src2Length;",
    '- targetAPI: "autoscaling/v2beta1"',
    "deprecatedAPI: flowcontrol.apiserver.k8s.io/v1beta3",
    `e.NAME="rapi.type",SEARCH_HARDWARE_CONCURRENCY="cores"`,
  ])("is none where the value is public: %s", (line) => {
    expect(findSecrets(utf8(line), { path: "a.js" })).toEqual([]);
  });

  test.each([
    "srv/app/node_modules/a/README.md",
    "srv/app/node_modules/@a/b/docs/use.txt",
    "srv/app/node_modules/a/lib/index.d.ts",
    "usr/lib/python3/dist-packages/a/api.examples.json",
    "var/lib/apt/lists/mirror_debian_dists_stable_main_binary-amd64_Packages",
    "var/lib/dpkg/status",
  ])("is not looked for in %s, which tells of packages and how they are used", (path) => {
    expect(searchSecrets(utf8(`token = "${githubToken}"`), { path }).skipped).toMatchObject({ reason: "path" });
    expect(findSecrets(utf8(`token = "${githubToken}"`), { path, skippedPaths: [] })).toHaveLength(1);
  });

  test("is looked for in documents of one's own", () => {
    expect(findSecrets(utf8(`token = "${githubToken}"`), { path: "srv/app/docs/README.md" })).toHaveLength(1);
  });
});

test.each([
  "API_KEY",
  "SECRET_KEY",
  "SESSION_KEY",
  "SIGN_KEY",
  "ENCRYPTION_KEY",
  "apiKey",
  "DB_PASSWORD",
  "AUTH_TOKEN",
])("what is assigned to %s is found, however it is assigned", (name) => {
  const generated = ["Zk3vT9qLm2X", "wR7bNc8Hy4JpD"].join("");
  for (const line of [
    `${name}=${generated}`,
    `${name}="${generated}"`,
    `export ${name}='${generated}'`,
    `${name}: ${generated}`,
    `"${name}": "${generated}"`,
    `const ${name} = "${generated}";`,
    `${name} := "${generated}"`,
    `ENV ${name}=${generated}`,
    `--${name}=${generated}`,
  ])
    expect(findSecrets(utf8(line), { path: ".env" }), line).toHaveLength(1);
});

const uuid = ["26dfe8d8", "889b", "4380", "92ff", "9c3c6ea5d930"].join("-");

test.each([
  [`//registry.npmjs.org/:_authToken=${uuid}`, 1],
  [`{"auth": {"client_token": "${uuid}"}}`, 1],
  [`BC_API_KEY=${uuid} run`, 1],
  [`clientSecret: '${uuid}'`, 1],
  [`spring.rabbit.password=${uuid}`, 1],
  // Names of things, and of requests.
  [`"clientToken": "${uuid}"`, 0],
  [`secretId: ${uuid}`, 0],
  [`key: "${uuid}"`, 0],
  [`nextToken = "${uuid}"`, 0],
  ["apiKey: 12345678-abcd-1234-abcd-123456789012", 0],
  ["apiKey: abcd1234-abcd-1234-abcd-1234abcd1234", 0],
  ["apiKey: 00000000-0000-0000-0000-000000000000", 0],
  // Printed in RFC 4122, by Swagger UI, and in every other manual.
  ["apiKey: F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6", 0],
  ["api_key: 3fa85f64-5717-4562-b3fc-2c963f66afa6", 0],
  ["api_key: 550e8400-e29b-41d4-a716-446655440000", 0],
  ["api_key: 01234567-89ab-cdef-0123-456789abcdef", 0],
])("a UUID is a secret where it is given as a key: %s", (line, count) => {
  expect(findSecrets(utf8(line), { path: "settings.txt" })).toHaveLength(count);
});

test("a name may go on for a while behind the word that tells of a secret", () => {
  const generated = ["Zk3vT9qLm2X", "wR7bNc8Hy4JpD"].join("");
  expect(findSecrets(utf8(`secret_which_isnt_an_id = ${generated}`), { path: "a.ini" })).toHaveLength(1);
});

test.each(["", "-", "+", "--", "- ", "# "])("a private key is found whose lines begin with %j", (mark) => {
  const lines = ["BEGIN", ...Array.from({ length: 3 }, () => "Zk3vT9qLm2XwR7bNc8Hy4JpD".repeat(2)), "END"].map((line) =>
    line.length > 5 ? line : `-----${line} ${"PRIVATE"} KEY-----`,
  );
  const found = findSecrets(utf8(lines.map((line) => `${mark}${line}\n`).join("")), { path: "keys.patch" });

  expect(found.map(({ id, line, endLine }) => [id, line, endLine])).toEqual([["private-key", 1, 5]]);
});

test.each(["----", "-----", "-".repeat(70), "---- ----", "----\n\n-----", "----\nEnough", "-----Best"])(
  "a private key is found in whose body stands the row %j",
  (row) => {
    const [begin, end] = ["BEGIN", "END"].map((word) => `-----${word} RSA ${"PRIVATE"} KEY-----`);
    const body = "Zk3vT9qLm2XwR7bNc8Hy4JpD".repeat(2);
    const found = findSecrets(utf8(`${begin}\n${body}\n${row}\n${body}\n${end}\n`), { path: "id.pem" });

    expect(found.map(({ id, line }) => [id, line])).toEqual([["private-key", 1]]);
  },
);

test.each([
  ["-u 'test:test'", 0],
  ["--user username:password", 0],
  ['-u "${_user}:${_password}"', 0],
  ["--user '$USERNAME:$PASSWORD'", 0],
  ['-u "${{ env.ELK_ID }}:${{ build.env.ELK_PASS }}"', 0],
  ['--user "{{ $.Values.username }}:{{ $.Values.password }}"', 0],
  ['--user "$(cat ./login.txt):$(cat ./password.txt)"', 0],
  ["-u ci:%PASSWORD%", 0],
  ["-u kevin:pRf7vG2h1L8nQkW9", 1],
  ["-u kevin:'pRf7vG2h1L8nQkW9'", 1],
  ['-u "${USER}:pRf7vG2h1L8nQkW9"', 1],
  ['-u "{acd3c08b-74e8}":"{ZqL5kVrX1n8tA2}"', 1],
])("a user of curl: %s", (user, count) => {
  expect(findSecrets(utf8(`curl ${user} https://a.example/`), { path: "a.sh" })).toHaveLength(count);
});

test("a key of which a manual shows no more than the marks is none, and does not end with another one", () => {
  const [begin, end] = ["BEGIN", "END"].map((word) => `-----${word} OPENSSH PRIVATE KEY-----`);
  const shown = `a: |\n  ${begin}\n  ...\n  ${end}\n`;

  expect(findSecrets(utf8(`${shown}${"words ".repeat(30)}\n${shown}`), { path: "a.yaml" })).toEqual([]);
});

test.each([
  ["new-relic-user-api-key", `'NRA${"K-"}${"0A1B2C3D4E5F6G7H8I9J0K1L2M3N".slice(0, 27)}'`],
  ["mapbox-api-token", `x: pk${"."}${"a1b2c3d4e5".repeat(6)}.${"f6g7h8i9j0k1l2m3n4o5p6"}`],
  ["gocardless-api-token", `"liv${"e_"}${"a1b2-c3d4_".repeat(4)}"`],
])("%s shows by its own prefix, whatever it is called", (id, line) => {
  expect(findSecrets(utf8(line), { path: "a.txt" }).map((secret) => secret.id)).toContain(id);
});

test.each([1, 2, 3])("a secret in JSON that stands %i times in a string of JSON is found", (times) => {
  const generated = ["Zk3vT9qLm2X", "wR7bNc8Hy4JpD"].join("");
  let text = JSON.stringify({ api_key: generated });
  for (let at = 1; at < times; at++) text = JSON.stringify({ a: text });
  const token = "gsk_" + "Zq8Lw2Xr9KmVp4Tn7BdYc5Hs3Jf6Ga1Ue0RiZq8Lw2Xr9KmVp4Tn7B";

  expect(findSecrets(utf8(text), { path: "a.json" }).map(({ id }) => id)).toEqual(["generic-api-key"]);
  expect(findSecrets(utf8(text.replace(generated, token)), { path: "a.json" })).toHaveLength(1);
});

test.each([
  ["auth.c", "  credentials = asn1_NOVALUE;", 0],
  ["auth.erl", "credentials = asn1_NOVALUE,", 0],
  ["auth.erl", "#a{credentials = asn1_NOVALUE }", 0],
  ["auth.c", "  auth_token = tok3nBuffer9xQzz;", 0],
  ["auth.c", '  auth_token = "tok3nBuffer9xQzz";', 1],
  ["auth.ini", "auth_token = tok3nBuffer9xQzz;", 1],
  ["auth.cs", '  var dsn = "Server=a;Password=tok3nBuffer9xQzz;Port=1";', 1],
  ["auth.cs", '  var dsn = "Server = a; Password = tok3nBuffer9xQzz; Port = 1";', 1],
  ["auth.go", "  // password = tok3nBuffer9xQzz;", 1],
  ["auth.c", '  dsn = "user=a password=tok3nBuffer9xQzz host=b";', 1],
])("in %s, an identifier that is assigned is no secret: %s", (path, line, count) => {
  expect(findSecrets(utf8(line), { path })).toHaveLength(count);
});

test("the next item of an indented list is no value of the one before", () => {
  const names = [
    "api_v2_specification",
    "OpenAPIV2SpecValidator",
    "OpenAPIV31SpecValidator",
    "OpenAPIV32SpecValidator",
  ];
  const list = (indent: string): string => `__all__ = [\n${names.map((name) => `${indent}"${name}",\n`).join("")}]\n`;

  expect(findSecrets(utf8(list("    ")), { path: "__init__.py" })).toEqual([]);
});
