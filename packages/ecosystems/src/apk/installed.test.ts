import { countTurns, observe, testParserCases } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { installed } from "./installed.ts";

const path = "lib/apk/db/installed";

const musl = `C:Q1l6fFKzXsCyGOTqMoH0CyOwTCmuA=
P:musl
V:1.1.22-r3
A:x86_64
S:365614
I:622592
T:the musl c library (libc) implementation
U:http://www.musl-libc.org/
L:MIT
o:musl
m:Timo Teräs <timo.teras@iki.fi>
t:1569402321
c:65ac7d2b9b3db5a8b4d2a2fda1b1a0a1e6f2c1a9
p:so:libc.musl-x86_64.so.1=1
F:lib
R:libc.musl-x86_64.so.1
a:0:0:777
Z:Q17yJ3JFNypA4mxhJJr0ou6CzsJVI=
R:ld-musl-x86_64.so.1
F:
R:top
`;

describe("apk/installed", () => {
  test("others have their turn while a large one is read", async () => {
    const many = Array.from({ length: 1_000 }, (_, at) => musl.replace("P:musl", `P:musl${at}`)).join("\n");
    const turns = countTurns();
    const { packages } = await observe(installed, path, many);
    turns.stop();

    expect(packages).toHaveLength(1_000);
    expect(turns.count).toBeGreaterThanOrEqual(8);
  });

  test("reads a record with origin, licence, checksum and line", async () => {
    const { all } = await observe(installed, path, musl);

    expect(all[0]).toEqual({
      kind: "package",
      line: 1,
      package: {
        name: "musl",
        version: "1.1.22-r3",
        source: { name: "musl", version: "1.1.22-r3" },
        architecture: "x86_64",
        licenses: ["MIT"],
        supplier: "Timo Teräs <timo.teras@iki.fi>",
        hashes: { sha1: "97a7c52b35ec0b218e4ea3281f40b23b04c29ae0" },
      },
    });
  });

  test("claims the files of a package, also those in the root directory", async () => {
    const { all } = await observe(installed, path, musl);

    expect(all[1]).toEqual({
      kind: "ownership",
      owner: "musl",
      paths: ["lib/libc.musl-x86_64.so.1", "lib/ld-musl-x86_64.so.1", "top"],
    });
  });

  test("takes the origin as the source", async () => {
    const { packages } = await observe(installed, path, "P:libssl1.1\nV:1.1.1d-r2\no:openssl\n");

    expect(packages[0]?.source).toEqual({ name: "openssl", version: "1.1.1d-r2" });
  });

  test("resolves dependencies through what packages provide, and drops conflicts and what nobody provides", async () => {
    const text = `${musl}\nP:busybox\nV:1.30-r2\nD:so:libc.musl-x86_64.so.1 musl>=1.1 !uclibc /bin/nothing busybox\n`;

    const { packages } = await observe(installed, path, text);

    expect(packages[1]?.dependsOn).toEqual(["musl"]);
  });

  test("reads the last record without a blank line after it", async () => {
    const { packages } = await observe(installed, path, "P:a\nV:1\n\nP:b\nV:2");

    expect(packages.map((pkg) => pkg.name)).toEqual(["a", "b"]);
  });

  test("leaves virtual packages out", async () => {
    const { all } = await observe(installed, path, "P:.build-deps\nV:20230101.000000\n\nP:a\nV:1\n");

    expect(all).toHaveLength(1);
  });

  test.each([
    ["without a version", "P:b\n", "no version (b)"],
    ["without a name", "V:1\n", "no name"],
    ["with a line of one character", "P:b\nV:1\nx\n", "not of the form"],
    ["with a line without a colon", "P:b\nV:1\nnonsense\n", "not of the form"],
  ])("reports a record %s and keeps the others", async (_, record, message) => {
    const { packages, diagnostics } = await observe(installed, path, `P:a\nV:1\n\n${record}\nP:c\nV:3\n`);

    expect(packages.map((pkg) => pkg.name)).toEqual(expect.arrayContaining(["a", "c"]));
    expect(diagnostics).toEqual([expect.objectContaining({ code: "malformed-file", effect: "incomplete" })]);
    expect(diagnostics[0]?.message).toContain(message);
  });

  test("a long directory with many files costs no memory, and is said", async () => {
    const text = `P:a\nV:1\nF:${"d".repeat(4000)}\n${"R:x\n".repeat(100_000)}`;

    const { all, packages, diagnostics } = await observe(installed, path, text);

    expect(packages).toHaveLength(1);
    const owned = all.flatMap((one) => (one.kind === "ownership" ? one.paths : []));
    expect(owned.reduce((sum, one) => sum + one.length, 0)).toBeLessThan(4 * text.length);
    expect(diagnostics).toEqual([expect.objectContaining({ code: "limit-exceeded" })]);
  });

  test("a database without end is left after some packages, and that is said", async () => {
    const { packages, diagnostics } = await observe(installed, path, "P:a\nV:1\n\n".repeat(200_001));

    expect(packages).toHaveLength(200_000);
    expect(diagnostics).toEqual([expect.objectContaining({ code: "limit-exceeded" })]);
  });

  test("tells letters by case", async () => {
    const { packages } = await observe(installed, path, "P:a\nV:1\nl:wrong\nL:MIT\nO:wrong\no:right\n");

    expect(packages[0]).toMatchObject({ licenses: ["MIT"], source: { name: "right" } });
  });

  test.each(["Q1", "Q1!!!!", "Q1AAAA", "Q2l6fFKzXsCyGOTqMoH0CyOwTCmuA=", "d41d8cd98f00b204e9800998ecf8427e"])(
    "leaves out the unreadable checksum %s",
    async (checksum) => {
      const { packages } = await observe(installed, path, `P:a\nV:1\nC:${checksum}\n`);

      expect(packages[0]?.hashes).toBeUndefined();
    },
  );
});

testParserCases({ folder: "os/apk", analyzers: [installed], as: () => path });
