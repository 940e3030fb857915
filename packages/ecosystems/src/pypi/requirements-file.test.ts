import { observe } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { pypiRequested } from "./requested.ts";
import { pypiRequirements } from "./requirements-file.ts";

async function read(text: string | Uint8Array, beside: Readonly<Record<string, string>> = {}) {
  const { all, diagnostics } = await observe(pypiRequirements, "app/requirements.txt", text, beside);
  const packages = all.flatMap((one) =>
    one.kind === "package" ? [`${one.package.name} ${one.package.version} ${one.at}:${one.line}`] : [],
  );
  return { packages: packages.sort(), gaps: diagnostics.map(({ message }) => message) };
}

describe("files that a requirements file includes", () => {
  test.each([
    "-r common.txt",
    "-rcommon.txt",
    "--requirement common.txt",
    "--requirement=./common.txt",
    "-r 'common.txt'",
  ])("%s is read", async (line) => {
    expect(await read(`${line}\n`, { "app/common.txt": "sqlparse==0.2.4" })).toEqual({
      packages: ["sqlparse 0.2.4 app/common.txt:1"],
      gaps: [],
    });
  });

  test("are found from the file that names them, each once, in circles too", async () => {
    const { packages, gaps } = await read("-r sub/a.txt\n-r sub/a.txt\nx==1", {
      "app/sub/a.txt": "-r ../requirements.txt\n-r b.txt\na==1",
      "app/sub/b.txt": "b==1 # -r c.txt",
    });
    expect(packages).toEqual(["a 1 app/sub/a.txt:3", "b 1 app/sub/b.txt:1", "x 1 app/requirements.txt:3"]);
    expect(gaps).toEqual([]);
  });

  test.each(["-r gone.txt", "-c gone.txt", "-r https://host.example/base.txt", "-r ${HOME}/base.txt"])(
    "%s is told where it cannot be read",
    async (line) => {
      const { gaps } = await read(`x==1\n${line}\n`);
      expect(gaps).toEqual([expect.stringMatching(/^app\/requirements\.txt includes \S+, which is not there/)]);
    },
  );

  test("constraints choose versions and ask for nothing", async () => {
    expect(
      await read("-c pins.txt\nFlask\nnumpy>=1\nrequests==2.19.1\n", {
        "app/pins.txt": "flask==0.12\nnumpy==1.26.4\nrequests==9\nunused==1\n",
      }),
    ).toEqual({
      packages: [
        "Flask 0.12 app/requirements.txt:2",
        "numpy 1.26.4 app/requirements.txt:3",
        "requests 2.19.1 app/requirements.txt:4",
      ],
      gaps: [],
    });
  });

  test("constraints that contradict each other choose nothing", async () => {
    const { packages } = await read("-c a.txt\n-c b.txt\nflask\n", {
      "app/a.txt": "flask==1",
      "app/b.txt": "flask==2",
    });
    expect(packages).toEqual([]);
  });

  test.each<[string, string, boolean]>([
    ["common.txt", "sqlparse==0.2.4\n-r more.txt\n", true],
    ["base.in", "# all of it\ndjango\n", true],
    ["robots.txt", "User-agent: *\nDisallow: /\n", false],
    ["LICENSE.txt", "Permission is hereby granted\n", false],
    ["empty.txt", "\n\n", false],
    ["requirements-dev.txt", "anything at all", true],
  ])("%s is kept for that: %s %s", async (path, text, expected) => {
    const bytes = new TextEncoder().encode(text);
    const file = { path, size: bytes.length, bytes: async () => bytes };
    expect(await pypiRequirements.wants?.(file as never)).toBe(expected);
  });
});

const utf16 = (text: string, littleEndian: boolean): Uint8Array => {
  const bytes = new Uint8Array(2 + text.length * 2);
  const view = new DataView(bytes.buffer);
  [`\ufeff`, ...text].forEach((char, at) => view.setUint16(at * 2, char.charCodeAt(0), littleEndian));
  return bytes;
};
const utf32 = (text: string, littleEndian: boolean): Uint8Array => {
  const bytes = new Uint8Array(4 + text.length * 4);
  const view = new DataView(bytes.buffer);
  [`\ufeff`, ...text].forEach((char, at) => view.setUint32(at * 4, char.charCodeAt(0), littleEndian));
  return bytes;
};
const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

test.each<[string, Uint8Array]>([
  ["UTF-8 with a mark", new TextEncoder().encode("\ufeffdjango==3.0.10\n")],
  ["UTF-16, as PowerShell writes it", utf16("django==3.0.10\r\n", true)],
  ["UTF-16 the other way round", utf16("django==3.0.10\r\n", false)],
  ["UTF-32", utf32("django==3.0.10\n", true)],
  ["UTF-32 the other way round", utf32("django==3.0.10\n", false)],
  ["the encoding that a comment names", latin1("# -*- coding: latin-1 -*- \xe9\ndjango==3.0.10 # \xe9t\xe9\n")],
  ["one in the second line", latin1("#!x\n# vim: set fileencoding=iso-8859-15 :\ndjango==3.0.10\n")],
  ["an encoding that nobody knows", latin1("# coding: klingon\ndjango==3.0.10\n")],
])("pip's decoding: %s", async (_, bytes) => {
  const { packages, gaps } = await read(bytes);
  expect(packages.map((line) => line.split(" ").slice(0, 2))).toEqual([["django", "3.0.10"]]);
  expect(gaps).toEqual([]);
});

test.each([
  ["django>=3.0,==3.0.10", "django 3.0.10"],
  ["django == 3.0.10 , != 3.0.9", "django 3.0.10"],
  ["django (>=3.0, ==3.0.10); python_version < '4'", "django 3.0.10"],
  ["django>=3.0,===3.0.10 --hash=sha256:00", "django 3.0.10"],
  // Nothing meets these, or more than one version does.
  ["django>=3.1,==3.0.10", undefined],
  ["django>=3.0,==3.0.*", undefined],
])("one specifier of several names the version: %s", async (line, expected) => {
  const { packages } = await read(`${line}\n`);
  expect(packages).toEqual(expected === undefined ? [] : [`${expected} app/requirements.txt:1`]);
});

test("ranges are read from such files, too", async () => {
  const { packages } = await observe(pypiRequested, "requirements.txt", utf16("django>=3.0.10\r\n", true));
  expect(packages.map(({ version }) => version)).toEqual(["3.0.10"]);
});

test("the wheel whose address stands in place of a version names it", async () => {
  const { all } = await observe(
    pypiRequirements,
    "requirements.txt",
    `a @ https://example.org/whl/a-1.2.3-py3-none-any.whl ; python_version > "3"
my-b[x] @ https://files.pythonhosted.org/packages/ab/my_b-2.0%2Bcu118-1-cp311-cp311-linux_x86_64.whl#sha256=abc
https://example.org/c-3.0-py3-none-any.whl
other @ https://example.org/d-4.0-py3-none-any.whl
e @ https://example.org/e-5.0.tar.gz
f @ git+https://example.org/f.git
`,
  );

  expect(all).toMatchObject([
    { package: { name: "a", version: "1.2.3", origin: "archive" }, line: 1 },
    { package: { name: "my-b", version: "2.0+cu118" }, line: 2 },
    { package: { name: "c", version: "3.0", origin: "archive" }, line: 3 },
  ]);
  expect(all).toHaveLength(3);
  expect(all[1]).not.toHaveProperty("package.origin");
});
