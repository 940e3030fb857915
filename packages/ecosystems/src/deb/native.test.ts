import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { observe } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { dpkgVersions } from "../shared/versions/dpkg-versions.ts";
import { fileLists } from "./file-lists.ts";
import { status } from "./status.ts";

/** Root file systems with a dpkg database: this machine's, and those that `fixtures/make-roots.sh` made in this folder. */
const prepared = process.env["PLIMSOLL_DEBIAN_ROOTS"];
const hasDpkg = runs("dpkg-query", ["--version"]);
const roots = hasDpkg
  ? ["/", ...(prepared === undefined ? [] : readdirSync(prepared).map((name) => join(prepared, name)))].filter((root) =>
      existsSync(join(root, "var/lib/dpkg/status")),
    )
  : [];
if (roots.length === 0) console.warn("no dpkg here: the tests against dpkg-query are skipped");

function runs(command: string, parameters: readonly string[]): boolean {
  try {
    execFileSync(command, parameters, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(roots.length === 0)("the dpkg database, as dpkg-query tells it", () => {
  test.each(roots)("of %s", async (root) => {
    const format =
      "${db:Status-Status}\t${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\n";
    // A copy: somebody may install packages on this machine meanwhile.
    const copy = mkdtempSync(join(tmpdir(), "plimsoll-dpkg-"));
    const database = readFileSync(join(root, "var/lib/dpkg/status"));
    writeFileSync(join(copy, "status"), database);
    for (const folder of ["info", "updates", "triggers"]) mkdirSync(join(copy, folder));
    const told = execFileSync("dpkg-query", [`--admindir=${copy}`, "-W", "-f", format], {
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    })
      .split("\n")
      .filter((line) => /^(?:installed|half-configured|triggers-)/.test(line))
      .map((line) => line.slice(line.indexOf("\t") + 1));

    rmSync(copy, { recursive: true });
    const { packages, diagnostics } = await observe(status, "var/lib/dpkg/status", database);

    const read = packages.map(({ name, version, architecture, source }) =>
      [name, version, architecture, source?.name, source?.version].join("\t"),
    );
    expect(diagnostics).toEqual([]);
    expect(read.sort()).toEqual(told.sort());
    expect(told.length).toBeGreaterThan(10);
  });

  test.each(roots)("files of %s belong to packages that are there", async (root) => {
    const info = join(root, "var/lib/dpkg/info");
    const { packages } = await observe(status, "var/lib/dpkg/status", readFileSync(join(root, "var/lib/dpkg/status")));
    const keys = new Set(packages.map(({ name, key }) => key ?? name));

    for (const name of readdirSync(info).filter((file) => file.endsWith(".list"))) {
      const owner = name.slice(0, -".list".length);
      const { all } = await observe(fileLists, `var/lib/dpkg/info/${name}`, readFileSync(join(info, name)));
      // Removed packages keep a list of what they left.
      if (all.length > 0 && packages.some((pkg) => pkg.name === owner.split(":", 1)[0])) expect(keys).toContain(owner);
    }
  });
});

describe.skipIf(!runs("dpkg", ["--version"]))("the order of versions, as dpkg tells it", () => {
  // Pairs that a reader of the policy gets wrong first.
  test.each([
    ["1.0~rc1", "1.0"],
    ["1.0-1+b1", "1.0-1"],
    ["1:0", "9"],
    ["1.0a", "1.0+"],
    ["1.0.~", "1.0."],
    ["1-2-3", "1-2"],
    ["00001", "1"],
    ["1.0-0", "1.0"],
    ["1.0Z", "1.0a"],
    ["2~~", "2~"],
    ["1.0-1.1~rc1", "1.0-1.1"],
    ["1.0~", "1.0"],
    ["1.0+dfsg-1", "1.0-1"],
    ["0:1.0-1", "1.0-1"],
    ["1.0-", "1.0-0"],
    ["1.2:3", "1.2:4"],
  ])("%s and %s", (a, b) => {
    const holds = ["lt", "eq", "gt"].filter((operator) => runs("dpkg", ["--compare-versions", a, operator, b]));

    expect(["lt", "eq", "gt"][Math.sign(dpkgVersions.compare(a, b) ?? Number.NaN) + 1]).toBe(holds[0]);
  });
});
