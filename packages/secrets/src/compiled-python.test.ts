import { expect, test } from "vitest";
import { openSecretSearch, searchSecrets, type SecretSearchResult } from "./index.ts";

/** Made up, and put together here so that no scanner takes this file for a leak. */
const githubToken = "ghp_" + "Zq8Lw2Xr9KmVp4Tn7BdYc5Hs3Jf6Ga1Ue0Ri";
const awsKey = "AKI" + "AQ3EGUYT2XK7BNMLP";
const databaseUrl = "postgres://app:Zq8Lw2Xr9K@db.internal/prod";

/** The head of a file of Python 3.11, and a code object as far as its constants. */
const head = [
  0xa7,
  0x0d,
  0x0d,
  0x0a,
  ...Array<number>(12).fill(0),
  0xe3,
  ...Array<number>(24).fill(0),
  0xf3,
  6,
  0,
  0,
  0,
];
const code = [0x97, 0x00, 0x64, 0x00, 0x53, 0x00];

const short = (type: string, text: string): readonly number[] => [
  type.charCodeAt(0) | 0x80,
  text.length,
  ...bytesOf(text),
];
const long = (type: string, text: string): readonly number[] => {
  const bytes = bytesOf(text);
  return [type.charCodeAt(0), bytes.length & 0xff, bytes.length >> 8, 0, 0, ...bytes];
};
const bytesOf = (text: string): readonly number[] => [...new TextEncoder().encode(text)];

const compiled = Uint8Array.from([
  ...head,
  ...code,
  0x29,
  4,
  // A text of 40 characters and one of 48: the length looks like a character, as does the type of what follows.
  ...short("Z", githubToken),
  ...bytesOf("r\u0005\0\0\0"),
  ...short("z", databaseUrl),
  ...bytesOf("N"),
  ...long("u", `é ${awsKey}`),
  ...long("s", `key\n${"filler ".repeat(80)}`),
  ...short("z", awsKey),
  ...bytesOf("0"),
]);

const found = ({ secrets }: SecretSearchResult): readonly string[] =>
  secrets.map(({ id, line, column }) => `${id} ${line}:${column}`);
const expected = ["github-pat 1:1", "database-url-password 2:16", "aws-access-key-id 3:3", "aws-access-key-id 6:1"];

test("constants of compiled Python are searched, each as a line", () => {
  expect(found(searchSecrets(compiled, { path: "srv/app/settings.pyc" }))).toEqual(expected);
  expect(found(searchSecrets(compiled, { path: "srv/app/settings.pyo" }))).toEqual(expected);
  expect(found(searchSecrets(compiled, { path: "srv/__pycache__/a.cpython-311.pyc" }))).toEqual(expected);
});

test.each([1, 3, 100])("in pieces of %i bytes as in the whole", (size) => {
  const search = openSecretSearch({ path: "srv/app.pyc" });
  for (let at = 0; at < compiled.length; at += size) search.push(compiled.slice(at, at + size));

  expect(found(search.finish())).toEqual(expected);
});

test("no other binary file is searched, nor what lies beside its sources", () => {
  expect(searchSecrets(compiled, { path: "srv/app.bin" }).skipped?.reason).toBe("binary");
  for (const path of [
    "usr/lib/python3.11/__pycache__/os.cpython-311.pyc",
    "usr/local/lib/python3.12/site-packages/boto/__pycache__/a.pyc",
    "usr/lib/python3/dist-packages/apt/a.pyc",
    "usr/lib/python2.7/os.pyo",
  ])
    expect(searchSecrets(compiled, { path }).skipped).toEqual({ reason: "path", id: "compiled-python" });
});

test("numbers and references hide nothing of what follows, whatever type a byte of theirs looks like", () => {
  const awsKeys = [short("z", awsKey), long("s", awsKey)];
  const hiding = [...Array(256).keys()].filter((byte) =>
    awsKeys.some((constant) =>
      [
        [byte, 0, 0, 0],
        [0, 0, 0, byte],
      ].some((number) => {
        const bytes = Uint8Array.from([...head, ...bytesOf("i"), ...number, ...constant]);
        return searchSecrets(bytes, { path: "a.pyc" }).secrets.length !== 1;
      }),
    ),
  );

  expect(hiding).toEqual([]);
});

test("lengths that are none hide nothing", () => {
  const hidden = Uint8Array.from([...head, ...bytesOf("s"), 0xff, 0xff, 0xff, 0x7f, ...short("z", awsKey)]);

  expect(found(searchSecrets(hidden, { path: "a.pyc" }))).toEqual(["aws-access-key-id 1:1"]);
});
