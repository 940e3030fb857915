import type { LocatedObservation, Observation } from "@plimsoll/model";
import { analyzedFile, keptFile, parserCases, processorTime } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { parseCopyright } from "./copyright.ts";
import { licenses } from "./licenses.ts";

const machineReadable = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
Copyright: 2000 A
License: GPL-2+ or Artistic, and BSD-3-clause
 This text refers to /usr/share/common-licenses/GPL-3.

Files: debian/*
License: Expat

License: GPL-2+
 On Debian systems …
`;

describe("parseCopyright", () => {
  test("reads the machine-readable form by its fields only", () => {
    expect(parseCopyright(machineReadable)).toEqual(["GPL-2.0-or-later", "Artistic-1.0-Perl", "BSD-3-Clause", "MIT"]);
  });

  test.each([
    ["License: GPLv2+\n", ["GPL-2.0-or-later"]],
    ["see /usr/share/common-licenses/LGPL-2.1.\n", ["LGPL-2.1-only"]],
    ["see `/usr/share/common-licenses/Apache-2.0'\n", ["Apache-2.0"]],
    ["License: GPL-3 with OpenSSL exception\n", ["GPL-3 with OpenSSL exception"]],
    ["License: something of my own\n", ["something of my own"]],
    ["Licence: zlib\n", ["Zlib"]],
    ["This package was debianized by A.\n", []],
    ["License: I hereby disclaim the copyright on this code and place it there\n", []],
    ["", []],
    [
      "License:\n\nLicense: Redistribution and use in source and binary forms, with or without\n   modification, are permitted\n",
      ["BSD-2-Clause"],
    ],
    ["Permission is hereby granted, free of charge, to any person\n obtaining a copy of this software", ["MIT"]],
    [
      "the GNU Lesser General Public\nLicense, version 2.1 (or, at your option, any later version); see",
      ["LGPL-2.1-or-later"],
    ],
    [
      "under the terms of the GNU General Public License as published by the Free Software Foundation; version 2.",
      ["GPL-2.0-only"],
    ],
    ["B. TERMS\nPYTHON SOFTWARE FOUNDATION LICENSE VERSION 2\n", ["PSF-2.0"]],
    ["Redistribution and use in source and binary forms\nNeither the name may be used to endorse", ["BSD-3-Clause"]],
  ])("reads %j as %j", (text, expected) => {
    expect(parseCopyright(text)).toEqual(expected);
  });

  test("is linear in hostile text", () => {
    const started = processorTime();

    parseCopyright(`Format: x\nLicense: ${"a and ".repeat(50_000)}`);
    parseCopyright(`License: ${" ".repeat(200_000)}`);
    parseCopyright("/usr/share/common-licenses/".repeat(20_000));
    parseCopyright("redistribution and use in source and binary forms ".repeat(20_000));
    parseCopyright("gnu general public license version 2 ".repeat(20_000));

    expect(processorTime() - started).toBeLessThan(2_000);
  });
});

describe("deb/text-licenses", () => {
  test("says the packages of the database again, with the licences of their copyright files", async () => {
    const copyrights = [
      analyzedFile("usr/share/doc/tar/copyright", "License: GPL-3+\n"),
      analyzedFile("usr/share/doc/none/copyright", "nothing"),
    ];
    const kept = await Promise.all(copyrights.map((file) => keptFile(licenses, file)));
    const files = new Map(kept.map((file) => [file.path, file]));
    const observed: LocatedObservation[] = ["tar", "none", "missing", "tar-scripts"].map((name, at) => ({
      path: "var/lib/dpkg/status",
      analyzer: "deb/status",
      observation: {
        kind: "package",
        package: { name, version: "1", source: { name: name.replace("-scripts", ""), version: "1" } },
        line: 10 * at + 1,
      },
    }));
    const source = { name: "tar", version: "1" };
    const said: Observation[] = [];

    for await (const observation of licenses.analyze(
      { get: (path) => files.get(path), [Symbol.iterator]: () => files.values() },
      observed,
      {},
    ))
      said.push(observation);

    // What is kept of them, and cached with the layer, is what they say: a scan of a known layer parses none.
    expect(await Promise.all(kept.map((file) => file.text()))).toEqual(["GPL-3.0-or-later", ""]);
    expect(said).toEqual([
      {
        kind: "package",
        package: { name: "tar", version: "1", source, key: "tar (copyright)", licenses: ["GPL-3.0-or-later"] },
        at: "var/lib/dpkg/status",
        line: 1,
      },
      {
        kind: "package",
        package: {
          name: "tar-scripts",
          version: "1",
          source,
          key: "tar-scripts (copyright)",
          licenses: ["GPL-3.0-or-later"],
        },
        at: "var/lib/dpkg/status",
        line: 31,
      },
    ]);
  });
});

test("copyright files that belong to no package of the distribution are not kept", () => {
  const isWanted = (path: string): unknown => licenses.wants?.(analyzedFile(path, ""));

  expect([isWanted("usr/share/doc/tar/copyright"), isWanted("opt/app/copyright")]).toEqual([true, false]);
});

/** Trivy takes Debian's `Artistic`, the licence of Perl, for version 2.0. */
const differently: Readonly<Record<string, string>> = { "Artistic-2.0": "Artistic-1.0-Perl" };

test.each(parserCases("os/dpkg-copyright"))("$dir", ({ files, options }) => {
  const [expected] = options["expectedLicenses"] as { findings: { name: string }[] }[];
  const [content] = [...files.values()];

  const found = parseCopyright(new TextDecoder().decode(content));

  expect([...found].sort()).toEqual(expected?.findings.map(({ name }) => differently[name] ?? name).sort());
});

test("punctuation without end is read in time", () => {
  const started = processorTime();

  expect(parseCopyright(`Format: 1\nLicense: ${";".repeat(400_000)}a\n`)).toHaveLength(1);
  expect(processorTime() - started).toBeLessThan(5_000);
});
