import { sharedFile } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { licenseText } from "../texts/license-text.ts";
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
      behindUnknown: [],
    });
  });

  test("a name of the packager's own is unknown, and what its text is stands beside", () => {
    const mit = licenseText("MIT") ?? "";
    const text =
      "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n" +
      `Files: *\nLicense: ours\n${mit.replaceAll(/^/gm, " ")}\n\n` +
      `Files: a\nLicense: sun\n${" This source code is provided for unrestricted use.\n".repeat(10)}\n` +
      "Files: b\nLicense: BSD-3-clauses\n";

    expect(readDebianCopyright(text)).toEqual({
      format: "dep5",
      licenses: [],
      unknown: ["BSD-3-clauses", "ours", "sun"],
      behindUnknown: ["BSD-3-Clause", "MIT"],
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
    [
      "The library is licensed as LGPLv2.1:\n\nIt is distributed under the terms of the GNU Lesser General Public License; either version 2.1, or any later version.\nOn Debian systems the full text of the LGPL v2.1 is in /usr/share/common-licenses/LGPL-2.1.\n",
      ["LGPL-2.1-or-later"],
    ],
    [
      "It was formerly released under the GPL.\n\nLicensed under the Apache License, see /usr/share/common-licenses/Apache-2.0",
      ["Apache-2.0"],
    ],
    ["This package was debianized by A.\n", []],
  ])("%j is under %j", (text, licenses) => {
    expect(readDebianCopyright(text)).toEqual({ format: "free", licenses, unknown: [], behindUnknown: [] });
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
 * Rows that differ: `LPGL-2.1+`, which we read as it is meant; "Unicode" without a version (twice), which is no SPDX id; and two
 * free texts, libavahi-client3 and python3-setuptools, of which the table leaves out BSD licences that they hold word for word.
 */
test.skipIf(rows === undefined)(
  "copyright files of Debian are read as the table has them, nine of ten at least",
  () => {
    const all = JSON.parse(rows ?? "[]") as Row[]; // a file of our own
    const right = all.filter(({ text, expect: groups, allow = [] }) => {
      const found = readDebianCopyright(text).licenses.map((license) => license.replace(/ WITH .*/, ""));
      return (
        groups.every((group) => group.some((id) => found.includes(id))) &&
        found.every((id) => allow.includes(id) || groups.some((group) => group.includes(id)))
      );
    });

    expect(right.length / all.length).toBeGreaterThanOrEqual(0.9);
  },
);
