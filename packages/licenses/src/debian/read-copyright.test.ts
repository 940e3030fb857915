import { sharedFile } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { readDebianCopyright } from "./read-copyright.ts";

describe("machine-readable copyright files", () => {
  test("name licences in the License fields, once each", () => {
    const text =
      "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n" +
      "Files: *\nCopyright: 2000 A\nLicense: GPL-2+ or Artistic, and BSD-3-clause\n The text.\n\n" +
      "Files: debian/*\nLicense: Expat\n\nFiles: m4/*\nLicense: GPL-3+ with Autoconf exception\n\n" +
      "Files: x\nLicense: public-domain\n\nLicense: GPL-2+\n On Debian systems …\n";

    expect(readDebianCopyright(text)).toEqual({
      format: "dep5",
      licenses: [
        "Artistic-1.0-Perl",
        "BSD-3-Clause",
        "GPL-2.0-or-later",
        "GPL-3.0-or-later WITH Autoconf-exception-3.0",
        "MIT",
      ],
      unknown: ["public-domain"],
    });
  });
});

describe("copyright files in free text", () => {
  test.each([
    [
      "This program is free software under the terms of the GNU General Public License as published by the Free Software\nFoundation; either version 2, or (at your option) any later version.\nOn Debian systems see `/usr/share/common-licenses/GPL'.\n",
      ["GPL-2.0-or-later"],
    ],
    ["Upstream says: see /usr/share/common-licenses/LGPL-2.1.\n", ["LGPL-2.1-only"]],
    ["This package was debianized by A.\n", []],
  ])("%j is under %j", (text, licenses) => {
    expect(readDebianCopyright(text)).toEqual({ format: "free", licenses, unknown: [] });
  });
});

interface Row {
  readonly case: string;
  readonly text: string;
  readonly expect: readonly (readonly string[])[];
  readonly allow?: readonly string[];
}

const rows = sharedFile("conformance/licenses/debian-copyright.json");

/**
 * Rows that differ: four short names that we know and the table leaves without an id (`LPGL-2.1+`, `BSD-3-clauses`, `MIT-like`,
 * `GPL`), three that are those of another licence of the SPDX list (`Python`, `sun`, `GFDL-NIV`), "Unicode" without a version, and
 * notices of free texts in words that no rule knows yet.
 */
test.skipIf(rows === undefined)(
  "copyright files of Debian are read as the table has them, seven of ten at least",
  () => {
    const all = JSON.parse(rows ?? "[]") as Row[]; // a file of our own
    const right = all.filter(({ text, expect: groups, allow = [] }) => {
      const found = readDebianCopyright(text).licenses.map((license) => license.replace(/ WITH .*/, ""));
      return (
        groups.every((group) => group.some((id) => found.includes(id))) &&
        found.every((id) => allow.includes(id) || groups.some((group) => group.includes(id)))
      );
    });

    expect(right.length / all.length).toBeGreaterThanOrEqual(0.7);
  },
);
