import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { observe, tarOf } from "@plimsoll/testkit";
import { afterAll, describe, expect, test } from "vitest";
import { packageFile } from "./package-file.ts";

const description =
  "Package: shop\nVersion: 1:2.0-1+b1\nSource: shops (1:2.0-1)\nArchitecture: amd64\nMaintainer: A <a@example.org>\nDepends: libc6 (>= 2.36)\nDescription: x\n";

function archive(...members: readonly (readonly [string, Uint8Array])[]): Uint8Array {
  const parts = members.map(([name, content]) =>
    Buffer.concat([
      Buffer.from(`${name.padEnd(16)}0           0     0     100644  ${String(content.length).padEnd(10)}\`\n`),
      content,
      Buffer.alloc(content.length % 2, "\n"),
    ]),
  );
  return new Uint8Array(Buffer.concat([Buffer.from("!<arch>\n"), ...parts]));
}

const version = new TextEncoder().encode("2.0\n");
const control = await tarOf({ "./control": description });

test("the description in a package file says what it would install", async () => {
  const bytes = archive(["debian-binary", version], ["control.tar/", control], ["data.tar.xz", new Uint8Array(3)]);
  const { packages, diagnostics } = await observe(packageFile, "repo/shop.deb", bytes);

  expect(packageFile.evidence).toBe("declared");
  expect(diagnostics).toEqual([]);
  expect(packages).toMatchObject([
    {
      name: "shop",
      version: "1:2.0-1+b1",
      source: { name: "shops", version: "1:2.0-1" },
      architecture: "amd64",
      dependsOn: ["libc6"],
    },
  ]);
});

test.each([
  ["nothing", new Uint8Array(0)],
  ["another file", new TextEncoder().encode("<html>not found</html>")],
  ["an archive of ar without a description", archive(["debian-binary", version])],
  ["one whose control.tar is empty", archive(["control.tar", await tarOf({ "./md5sums": "" })])],
  ["one that ends within", archive(["control.tar", control]).subarray(0, 700)],
  ["one that claims more than it may", hugeMember()],
  ["a description without a version", archive(["control.tar", await tarOf({ control: "Package: a\n" })])],
])("%s is reported", async (_, bytes) => {
  const { packages, diagnostics } = await observe(packageFile, "a.deb", bytes);

  expect(packages).toEqual([]);
  expect(diagnostics.map(({ code }) => code)).toEqual(["malformed-file"]);
});

function hugeMember(): Uint8Array {
  const bytes = archive(["control.tar", control]);
  bytes.set(new TextEncoder().encode("9999999999"), 8 + 48);
  return bytes;
}

const hasDpkg = spawnSync("dpkg-deb", ["--version"]).status === 0;
if (!hasDpkg) console.warn("no dpkg-deb here: package files of the real dpkg are not compared");

describe.skipIf(!hasDpkg)("a package that dpkg-deb made", () => {
  const folder = hasDpkg ? mkdtempSync(join(tmpdir(), "plimsoll-deb-file-")) : "";
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(["none", "gzip", "xz", "zstd"])("with %s is what dpkg says of it", async (compression) => {
    const root = join(folder, compression);
    mkdirSync(join(root, "DEBIAN"), { recursive: true });
    writeFileSync(join(root, "DEBIAN/control"), description);
    const path = join(folder, `${compression}.deb`);
    const made = spawnSync("dpkg-deb", [
      "--root-owner-group",
      "--uniform-compression",
      `-Z${compression}`,
      "-b",
      root,
      path,
    ]);
    // Older ones know no zstd.
    if (made.status !== 0 && compression === "zstd") return;
    const { packages } = await observe(packageFile, "a.deb", readFileSync(path));
    const [pkg] = packages;

    expect(`${pkg?.name} ${pkg?.version} ${pkg?.architecture}\n`).toBe(
      ["Package", "Version", "Architecture"]
        .map((field) => execFileSync("dpkg-deb", ["-f", path, field], { encoding: "utf8" }).trim())
        .join(" ")
        .concat("\n"),
    );
  });
});
