import { observe, testParserCases } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { contents, license, splitName } from "./installed.ts";
import { fullName } from "./pf.ts";

const directory = "var/db/pkg/dev-libs/openssl-3.0.13-r2";

describe("portage/contents", () => {
  test("takes name and version from the directory and claims files and links", async () => {
    const text =
      "dir /usr\nobj /usr/bin/openssl d41d8cd98f00b204e9800998ecf8427e 1700000000\nobj /usr/a b d41d8cd98f00b204e9800998ecf8427e 1\nsym /usr/lib/x -> ../y 1\nnonsense\n";

    expect((await observe(contents, `${directory}/CONTENTS`, text)).all).toEqual([
      {
        kind: "package",
        package: { name: "dev-libs/openssl", version: "3.0.13-r2", key: "dev-libs/openssl-3.0.13-r2" },
      },
      { kind: "ownership", owner: "dev-libs/openssl-3.0.13-r2", paths: ["usr/bin/openssl", "usr/a b", "usr/lib/x"] },
    ]);
  });

  test("reports a directory without version, and leaves other files of the name alone", async () => {
    expect((await observe(contents, "var/db/pkg/a/b/CONTENTS", "")).diagnostics).toHaveLength(1);
    expect((await observe(contents, "usr/share/CONTENTS", "obj /x a b")).all).toEqual([]);
  });
});

describe("portage/license", () => {
  test("says the licences of the same package", async () => {
    const { all } = await observe(license, `${directory}/LICENSE`, "Apache-2.0 || ( GPL-2+ BSD )\n");

    expect(all).toEqual([
      {
        kind: "package",
        package: {
          name: "dev-libs/openssl",
          version: "3.0.13-r2",
          key: "dev-libs/openssl-3.0.13-r2",
          licenses: ["Apache-2.0", "GPL-2+", "BSD"],
        },
        at: `${directory}/CONTENTS`,
      },
    ]);
  });

  test("leaves other files of the name alone", async () => {
    expect((await observe(license, "usr/share/LICENSE", "MIT")).all).toEqual([]);
  });
});

describe("splitName", () => {
  test.each([
    ["skopeo-1.5.1", ["skopeo", "1.5.1"]],
    ["gtk+-3.24-r1", ["gtk+", "3.24-r1"]],
    ["font-adobe-100dpi-1.0.4", ["font-adobe-100dpi", "1.0.4"]],
    ["ncurses-6.4_p20230424", ["ncurses", "6.4_p20230424"]],
    ["libfoo-2-1.0", ["libfoo-2", "1.0"]],
    ["2.580.0", undefined],
    ["{}", undefined],
    ["", undefined],
    ["a-b", undefined],
  ])("of %s is %j", (entry, expected) => {
    const found = splitName(entry);

    expect(found === undefined ? undefined : [found.name, found.version]).toEqual(expected);
  });
});

testParserCases({
  folder: "os/portage",
  analyzers: [fullName],
  as: () => "var/db/pkg/dev-perl/x/PF",
  expected: (pkg) => ({ ...pkg, name: `dev-perl/${pkg.name}` }),
});
testParserCases({
  folder: "gentoo/cataloger",
  analyzers: [contents, license],
  as: (path) => path.slice(path.indexOf("/") + 1),
});
