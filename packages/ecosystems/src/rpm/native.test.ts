import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readBlobs, readHashValues } from "@plimsoll/formats";
import type { FormatError } from "@plimsoll/formats";
import type { FileAnalyzer } from "@plimsoll/model";
import { observe, sharedPath } from "@plimsoll/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rpmVersions } from "../shared/versions/rpm-versions.ts";
import { databases, readRows } from "./databases.ts";
import { readHeaders } from "./packages.ts";
import type { ReadBlobs } from "./packages.ts";

function rpm(...parameters: string[]): string {
  return execFileSync("rpm", parameters, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

function runs(command: string): boolean {
  try {
    execFileSync(command, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const loader = ["db_load", "db5.3_load"].find((command) => spawnSync(command, ["-V"]).status === 0);
const here = runs("rpm") && runs("rpmbuild");
if (!here) console.warn("no rpm here: the tests against databases of the real rpm are skipped");

/** Sources of packages: what a database can hold that is easy to read wrong. */
const specs = [
  "Name: plain\nVersion: 1.0\nRelease: 1\n",
  "Name: with-epoch\nEpoch: 2\nVersion: 1.0~rc1\nRelease: 1.el9_2\nRequires: plain\n",
  "Name: caret\nVersion: 1.0^git1\nRelease: 0\nProvides: something = 1\nModularityLabel: caret:1:2:3\n",
].map(
  (head) =>
    `${head}Summary: Größe\nLicense: MIT and BSD\nVendor: Nobody\nBuildArch: noarch\n%description\nx\n%install\nmkdir -p %{buildroot}/opt/%{name}/deep\nfor i in $(seq 150); do echo $i > %{buildroot}/opt/%{name}/deep/file-$i; done\n%files\n/opt/%{name}\n`,
);

const readers: Readonly<Record<"sqlite" | "ndb" | "bdb_ro", ReadBlobs>> = {
  sqlite: (file, onProblem) => readRows(file, undefined, onProblem),
  ndb: readBlobs,
  bdb_ro: readHashValues,
};

/** The stores that this rpm can write; Debian's has no NDB, and Berkeley DB nobody writes any more. */
const stores = (
  [
    ["sqlite", "rpmdb.sqlite", 2],
    ["ndb", "Packages.db", 1],
  ] as const
).filter(([backend]) => here && new RegExp(`available backends.*\\b${backend}\\b`).test(rpm("--showrc")));

describe.skipIf(!here)("databases of the real rpm", () => {
  const folder = here ? mkdtempSync(join(tmpdir(), "plimsoll-rpm-")) : "";
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  beforeAll(() => {
    specs.forEach((spec, number) => {
      const file = join(folder, `${number}.spec`);
      writeFileSync(file, spec);
      execFileSync("rpmbuild", ["-bb", "--define", `_topdir ${folder}/build`, file], { stdio: "ignore" });
    });
    const packages = readdirSync(join(folder, "build/RPMS/noarch")).map((name) =>
      join(folder, "build/RPMS/noarch", name),
    );
    for (const [backend] of stores) {
      const dbpath = join(folder, backend);
      mkdirSync(dbpath);
      rpm("--define", `_db_backend ${backend}`, "--dbpath", dbpath, "-i", "--justdb", "--nodeps", ...packages);
    }
  });

  test.each(stores)("%s", async (backend, file, analyzer) => {
    const dbpath = join(folder, backend);
    const query =
      "%{NAME}\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\t%{ARCH}\t%{LICENSE}\t%{VENDOR}\t%{SOURCERPM}\t%{MODULARITYLABEL}\t%{SIGMD5}\n";
    const database = ["--define", `_db_backend ${backend}`, "--dbpath", dbpath];
    const told = rpm(...database, "-qa", "--qf", query);

    const { all, packages, diagnostics } = await observe(
      databases[analyzer] as FileAnalyzer,
      `var/lib/rpm/${file}`,
      readFileSync(join(dbpath, file)),
    );

    const read = packages.map(({ name, version, architecture, licenses, supplier, module, facts, hashes }) =>
      [
        name,
        version,
        architecture,
        licenses?.[0],
        supplier,
        facts?.["sourcerpm"],
        module ?? "(none)",
        hashes?.["md5"],
      ].join("\t"),
    );
    expect(diagnostics).toEqual([]);
    expect(read.sort()).toEqual(told.trim().split("\n").sort());
    for (const { name, key = "" } of packages) {
      const files = rpm("--define", `_db_backend ${backend}`, "--dbpath", dbpath, "-ql", name).trim().split("\n");
      const owned = all.find((one) => one.kind === "ownership" && one.owner === key);
      expect(owned?.kind === "ownership" ? owned.paths.map((path) => `/${path}`) : []).toEqual(
        files.filter((path) => path.includes("/file-")),
      );
    }
    const checksums = rpm(...database, "-qa", "--qf", "[%{FILENAMES} %{=FILEDIGESTALGO} %{FILEDIGESTS}\n]");
    const headers = readHeaders(readFileSync(join(dbpath, file)), readers[backend], []);
    expect(
      headers
        .flatMap((header) =>
          [...header.digests()].map(([path, digest]) => `${path} ${header.digestAlgorithm} ${digest}`),
        )
        .sort(),
    ).toEqual(
      checksums
        .split("\n")
        .filter((line) => line.includes("/file-"))
        .sort(),
    );
    const plain = packages.find(({ name }) => name === "plain")?.key;
    expect(packages.find(({ name }) => name === "with-epoch")?.dependsOn).toContain(plain);
  });
});

const canReadBerkeley = here && /available backends.*\bbdb_ro\b/.test(rpm("--showrc"));
const sharedBerkeley = ["libuuid", "dive-centos", "dive-sles"].filter(
  (name) => sharedPath(`conformance/rpmdb/${name}/Packages`) !== undefined,
);

describe.skipIf(!canReadBerkeley)("Berkeley databases, as rpm tells them", () => {
  const folder = canReadBerkeley ? mkdtempSync(join(tmpdir(), "plimsoll-bdb-")) : "";
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Names with versions and how many files, by rpm and by us. */
  function compare(dbpath: string): { readonly told: readonly string[]; readonly read: readonly string[] } {
    const query = "%{NAME} %|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE} %{SIGMD5} %{ARCH}\n";
    const told = rpm("--define", "_db_backend bdb_ro", "--dbpath", dbpath, "-qa", "--qf", query).trim().split("\n");
    const blobs: ReadBlobs = function* (file, onProblem) {
      for (const value of readHashValues(file, onProblem)) if (value.length >= 24) yield value;
    };
    const problems: FormatError[] = [];
    const read = readHeaders(readFileSync(join(dbpath, "Packages")), blobs, problems).map((header) => {
      const epoch = header.epoch === undefined ? "" : `${header.epoch}:`;
      return [
        header.name,
        `${epoch}${header.version}-${header.release}`,
        header.md5 ?? "(none)",
        header.architecture,
      ].join(" ");
    });
    expect(problems).toEqual([]);
    return { told: told.filter((line) => !line.startsWith("gpg-pubkey ")).sort(), read: read.sort() };
  }

  test.each(sharedBerkeley)("%s", (name) => {
    const dbpath = join(folder, name);
    mkdirSync(dbpath);
    writeFileSync(join(dbpath, "Packages"), readFileSync(sharedPath(`conformance/rpmdb/${name}/Packages`) ?? ""));

    const { told, read } = compare(dbpath);
    expect(read).toEqual(told);
  });

  test.skipIf(loader === undefined).each([512, 4096, 65_536])(
    "written by Berkeley DB itself with pages of %i bytes",
    (pageBytes) => {
      const dbpath = join(folder, `${pageBytes}`);
      mkdirSync(dbpath);
      // Headers of all sizes, from those that fill a page to those that fill many: the files of a spec are repeated.
      const headers = Array.from({ length: 60 }, (_, at) => headerOf(`package-${at}`, at ** 2));
      const lines = headers.flatMap((header, at) => [` ${hex(littleEndian(at + 1))}`, ` ${hex(header)}`]);
      const counter = [` ${hex(littleEndian(0))}`, ` ${hex(littleEndian(headers.length + 1))}`];
      const dump = [
        "VERSION=3",
        "format=bytevalue",
        "type=hash",
        `db_pagesize=${pageBytes}`,
        "HEADER=END",
        ...counter,
        ...lines,
        "DATA=END",
        "",
      ];
      execFileSync(loader ?? "", [join(dbpath, "Packages")], { input: dump.join("\n") });

      const { told, read } = compare(dbpath);
      expect(read).toEqual(told);
      expect(read).toHaveLength(60);
    },
  );
});

/** A header blob with a name, a version and a summary of some length: rpm takes no less. */
function headerOf(name: string, length: number): Uint8Array {
  const texts: readonly (readonly [tag: number, type: number, text: string])[] = [
    [1000, 6, name],
    [1001, 6, "1.0"],
    [1002, 6, "1"],
    [1004, 9, "x".repeat(length)],
    [1022, 6, "noarch"],
  ];
  const data = new TextEncoder().encode(texts.map(([, , text]) => `${text}\0`).join(""));
  const blob = new Uint8Array(8 + 16 * texts.length + data.length);
  const view = new DataView(blob.buffer);
  view.setUint32(0, texts.length);
  view.setUint32(4, data.length);
  let offset = 0;
  for (const [at, [tag, type, text]] of texts.entries()) {
    for (const [word, value] of [tag, type, offset, 1].entries()) view.setUint32(8 + 16 * at + 4 * word, value);
    offset += text.length + 1;
  }
  blob.set(data, 8 + 16 * texts.length);
  return blob;
}

function littleEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

describe.skipIf(!here)("the order of versions, as rpm tells it", () => {
  const pairs = [
    ["1.0~rc1", "1.0"],
    ["1.0^git1", "1.0"],
    ["1.0^git1", "1.0.1"],
    ["1.0a", "1.0.1"],
    ["1.0.", "1.0"],
    ["5.el8.0.0", "5.el8"],
    ["001", "1"],
    ["a", "1"],
    ["1_0", "1.0"],
    ["1.0~^", "1.0~"],
  ] as const;

  test.each(pairs)("%s and %s", (a, b) => {
    const told = rpm("--eval", `%{lua:print(rpm.vercmp('${a}', '${b}'))}`).trim();

    expect(String(Math.sign(rpmVersions.compare(a, b) ?? Number.NaN))).toBe(told);
  });

  test("on any pair", () => {
    const text = fc.stringMatching(/^[012ab.~^_+]{1,8}$/);
    // The text `0` is OSV's beginning of time here.
    const sample = fc.sample(fc.tuple(text, fc.oneof(text, fc.constant("1.0"))), { numRuns: 300, seed: 1 });
    const asked = sample.filter((pair) => !pair.includes("0"));

    const calls = asked.map(([a, b]) => `print(rpm.vercmp('${a}', '${b}') .. ',')`).join(" ");
    const told = rpm("--eval", `%{lua:${calls}}`).split(",");

    const wrong = asked.filter(([a, b], at) => Math.sign(rpmVersions.compare(a, b) ?? Number.NaN) !== Number(told[at]));
    expect(wrong).toEqual([]);
  });
});
