import { observe, testParserCases } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { description, files } from "./local-database.ts";

const path = "var/lib/pacman/local/gawk-5.3.1-1/desc";

describe("alpm/desc", () => {
  test("reads the sections of a package", async () => {
    const text =
      "%NAME%\nlib32-glibc\n\n%VERSION%\n2.40-1\n\n%BASE%\nglibc\n\n%ARCH%\nx86_64\n\n%PACKAGER%\nA <a@x>\n\n%LICENSE%\nGPL\nLGPL\n\n%DEPENDS%\nsh\nglibc>=2.40\n\n%SIZE%\n1\n";

    expect((await observe(description, path, text)).all).toEqual([
      {
        kind: "package",
        package: {
          name: "lib32-glibc",
          version: "2.40-1",
          key: "gawk-5.3.1-1",
          source: { name: "glibc", version: "2.40-1" },
          architecture: "x86_64",
          supplier: "A <a@x>",
          licenses: ["GPL", "LGPL"],
          dependsOn: ["sh", "glibc"],
        },
      },
    ]);
  });

  test.each([
    ["%NAME%\na\n", "no version"],
    ["%VERSION%\n1-1\n", "no name"],
    ["%NAME%\n\n%VERSION%\n1-1\n", "no name"],
    ["", "no name"],
  ])("reports %j", async (text, message) => {
    const { packages, diagnostics } = await observe(description, path, text);

    expect(packages).toEqual([]);
    expect(diagnostics[0]?.message).toContain(message);
  });

  test.each(["usr/share/desc", "var/lib/pacman/sync/x/desc", "var/lib/pacman/local/a/b/desc"])(
    "does not read %s",
    async (other) => {
      expect((await observe(description, other, "%NAME%\na\n\n%VERSION%\n1\n")).all).toEqual([]);
    },
  );
});

describe("alpm/files", () => {
  test("claims files, not directories, for the directory of the package", async () => {
    const text = "%FILES%\nusr/\nusr/bin/\nusr/bin/gawk\n\n%BACKUP%\netc/gawk\tabc\n";

    expect((await observe(files, "var/lib/pacman/local/gawk-5.3.1-1/files", text)).all).toEqual([
      { kind: "ownership", owner: "gawk-5.3.1-1", paths: ["usr/bin/gawk"] },
    ]);
  });
});

testParserCases({
  folder: "os/pacman",
  analyzers: [description],
  as: () => path,
});
