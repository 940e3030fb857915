import { literalImage } from "@plimsoll/testkit";
import list from "spdx-license-list/full.js";
import { describe, expect, test } from "vitest";
import { scanImage } from "./index.ts";

const mit = list["MIT"]?.licenseText ?? "";
const gpl = list["GPL-3.0-only"]?.licenseText ?? "";

function manifest(name: string, license?: string): string {
  return JSON.stringify({ name, version: "1.0.0", ...(license === undefined ? {} : { license }) });
}

const image = literalImage({
  layers: [
    {
      "srv/node_modules/good/package.json": manifest("good", "MIT"),
      "srv/node_modules/good/LICENSE": mit,
      "srv/node_modules/liar/package.json": manifest("liar", "Apache License 2.0"),
      "srv/node_modules/liar/COPYING": gpl,
      "srv/node_modules/both/package.json": manifest("both", "(MIT OR GPL-3.0-only)"),
      "srv/node_modules/own/package.json": manifest("own", "our own words"),
      "srv/node_modules/silent/package.json": manifest("silent"),
      "opt/LICENSE": `Some words.\n\n${mit}`,
      "opt/logo/NOTICE": "\u0000\u0001",
      "usr/share/doc/tar/copyright":
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: GPL-3+\n",
    },
    { "src/a.c": "// SPDX-License-Identifier: MPL-2.0\nint main() {}\n" },
  ],
});

function rows(
  licenses: readonly {
    id: string;
    category: string;
    package?: { name: string };
    location?: { path: string; line?: number };
  }[],
): string[] {
  return licenses.map(({ id, category, package: pkg, location }) =>
    [pkg?.name ?? "-", location?.path.replace("srv/node_modules/", ""), location?.line ?? "", id, category].join(" "),
  );
}

describe("the scanner of licences", () => {
  test("says what packages state and files hold, with category, layer and line", async () => {
    const { licenses, coverage } = await scanImage(image, { scanners: ["license"] });

    expect(rows(licenses)).toEqual([
      "both both/package.json  MIT OR GPL-3.0-only notice",
      "good good/LICENSE 1 MIT notice",
      "good good/package.json  MIT notice",
      "liar liar/COPYING 1 GPL-3.0-only restricted",
      "liar liar/package.json  Apache-2.0 notice",
      "own own/package.json  LicenseRef-our-own-words unknown",
      "- opt/LICENSE 3 MIT notice",
      "- usr/share/doc/tar/copyright  GPL-3.0-or-later restricted",
    ]);
    expect(licenses[3]).toMatchObject({
      severity: "HIGH",
      location: { layer: { index: 0 } },
      explanation: { source: "text", notes: ["liar states Apache-2.0, which does not name GPL-3.0-only"] },
    });
    expect(coverage.gaps).toMatchObject([{ code: "no-license", packages: 1 }]);
  });

  test("says whose licence a file in a cache of Go modules is, and one beside what a project vendors", async () => {
    const goMod =
      "module example.org/app\n\ngo 1.22\n\nrequire (\n\tgithub.com/BurntSushi/toml v1.2.3\n\tgolang.org/x/text v0.3.8\n\tgopkg.in/yaml.v3 v3.0.1\n)\n";
    const modules = "# golang.org/x/text v0.3.8\n## explicit\ngolang.org/x/text/cases\n";
    const { licenses, coverage } = await scanImage(
      literalImage({
        layers: [
          {
            "src/go.mod": goMod,
            "src/vendor/modules.txt": modules,
            "src/vendor/golang.org/x/text/LICENSE": mit,
            "src/vendor/golang.org/x/text/cases/more/LICENSE": mit,
            "go/pkg/mod/github.com/!burnt!sushi/toml@v1.2.3/COPYING": mit,
            "go/pkg/mod/github.com/!burnt!sushi/toml@v1.2.4/COPYING": mit,
            "go/pkg/mod/gopkg.in/yaml.v3@v3.0.1/LICENSES/MIT/LICENSE": mit,
          },
        ],
      }),
      { scanners: ["license"], evidence: ["installed", "declared"] },
    );

    expect(licenses.map(({ package: pkg, location }) => `${pkg?.name ?? "-"} ${location?.path}`)).toEqual([
      "github.com/BurntSushi/toml go/pkg/mod/github.com/!burnt!sushi/toml@v1.2.3/COPYING",
      "golang.org/x/text src/vendor/golang.org/x/text/LICENSE",
      "- go/pkg/mod/github.com/!burnt!sushi/toml@v1.2.4/COPYING",
      "- go/pkg/mod/gopkg.in/yaml.v3@v3.0.1/LICENSES/MIT/LICENSE",
      "- src/vendor/golang.org/x/text/cases/more/LICENSE",
    ]);
    expect(coverage.gaps).toMatchObject([{ code: "no-license" }]);
  });

  test("leaves out what it is told to", async () => {
    const { licenses } = await scanImage(image, {
      scanners: ["license"],
      licenses: { ignored: ["mit", "GPL-3.0"], categories: { forbidden: ["GPL-3.0-or-later"] } },
    });

    expect(rows(licenses).filter((row) => / MIT | GPL-3.0-only /.test(row.replace("MIT OR GPL-3.0-only", "")))).toEqual(
      [],
    );
    expect(rows(licenses)).toContain("- usr/share/doc/tar/copyright  GPL-3.0-or-later forbidden");
  });

  test("looks in every text file when it is asked to", async () => {
    const { licenses } = await scanImage(image, { scanners: ["license"], licenses: { full: true } });

    expect(rows(licenses)).toContain("- src/a.c 1 MPL-2.0 reciprocal");
  });

  test("is not there unless it is asked for", async () => {
    const { licenses } = (await scanImage(image, { scanners: [] })) as { licenses?: unknown };

    expect(licenses).toBeUndefined();
  });

  test("refuses wrong rules by name", async () => {
    await expect(scanImage(image, { scanners: ["license"], licenses: { confidence: 2 } })).rejects.toThrow(
      "confidence",
    );
  });
});
