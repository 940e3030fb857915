import fc from "fast-check";
import list from "spdx-license-list/full.js";
import { processorTime } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { fuzz } from "./classify-text.fuzz.ts";
import { classifyText } from "./classify-text.ts";

const mit = list["MIT"]?.licenseText ?? "";
const isc = list["ISC"]?.licenseText ?? "";
const bsd = list["BSD-3-Clause"]?.licenseText ?? "";
const clause =
  "3. Use or redistribution of this code is disallowed for one user in any representation and for any project or related projects in particular.";

function ids(text: string): readonly string[] {
  return [...new Set(classifyText(text).map(({ id }) => id))];
}

describe("licence texts", () => {
  test.each([
    "MIT",
    "ISC",
    "Apache-2.0",
    "BSD-3-Clause",
    "MPL-2.0",
    "GPL-3.0-only",
    "LGPL-2.1-only",
    "AGPL-3.0-only",
    "EPL-2.0",
    "CC0-1.0",
    "Unlicense",
    "Zlib",
    "BSL-1.0",
    "OFL-1.1",
  ])("the list's text of %s is found word for word", (id) => {
    const text = list[id]?.licenseText ?? "";

    expect(classifyText(text)).toMatchObject([{ kind: "text", id, confidence: 1 }]);
  });

  test("several in one file are told apart, with their places", () => {
    const text = `Some words before.\n\n${mit}\n\n----\n\n${isc}\nSome words behind.\n`;
    const found = classifyText(text);

    expect(found.map(({ id }) => id)).toEqual(["MIT", "ISC"]);
    expect(text.slice(found[0]?.start, found[0]?.end)).toMatch(/^MIT License[^]*SOFTWARE$/);
    expect(text.slice(found[1]?.start)).toMatch(/^ISC License/);
  });

  test.each([
    "restriction except as noted below, including",
    "restriction for any non-commercial and commercial evaluation, including",
  ])("that takes back what it grants is another licence: %s", (words) => {
    expect(ids(mit.replace("restriction, including", words))).toEqual([]);
  });

  test("with a paragraph in its midst that offers another: both", () => {
    const offer =
      "ALTERNATIVELY, this software may be distributed under the terms of the GNU General Public License version 2.";
    const text = mit.replace("The above copyright", `${offer}\n\nThe above copyright`);

    expect(classifyText(text)).toMatchObject([
      { kind: "text", id: "MIT", confidence: 1 },
      { kind: "notice", id: "GPL-2.0-only" },
    ]);
  });

  test("with such a paragraph that has the first words of the next, in front of them: both", () => {
    const offer =
      "ALTERNATIVELY, this software may be distributed under the terms of the GNU General Public License, either version 2 of that License or (at your option) any later version. What it describes may also be used by modules under another licence.";
    const own = bsd.replace(
      /THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS/i,
      `${offer}\n\nThis software is provided by Somebody`,
    );

    expect(own).toContain("Somebody");
    expect(classifyText(own)).toMatchObject([
      { kind: "text", id: "BSD-3-Clause", confidence: 1 },
      { kind: "notice", id: "GPL-2.0-or-later" },
    ]);
  });

  test("a rarer licence with the same grant and the disclaimer of another does not hide it", () => {
    const disclaimer = bsd
      .slice(bsd.search(/THIS SOFTWARE IS PROVIDED/i))
      .replace("THE COPYRIGHT HOLDERS AND CONTRIBUTORS", "SOMEBODY");

    expect(ids(mit.slice(0, mit.search(/THE SOFTWARE IS PROVIDED/i)) + disclaimer)).toEqual(["MIT"]);
  });

  test("a notice above a changed text that is offered beside it counts", () => {
    const changed = mit.replace(
      "THE SOFTWARE IS",
      "You may not compete with us or with those who pay us.\n\nTHE SOFTWARE IS",
    );

    expect(
      ids(`Distribute it under the ISC license (see ../COPYING) or under\nthe following terms.\n\n${changed}`),
    ).toEqual(["ISC"]);
    expect(ids(`Distribute it under the ISC license.\n\n${changed}`)).toEqual([]);
  });

  test("under its name and revision, in words of its own", () => {
    const text = '"THE BEER-WARE LICENSE" (Revision 7):\nWe all wrote this. Do as you like, and bring many beers.\n';

    expect(ids(text)).toEqual(["Beerware"]);
  });

  test("its name is no second grant where the grant and its exception stand", () => {
    const text = `wxWindows Library Licence

This library is free software; you can redistribute it under the terms of the GNU Library General Public Licence as
published by the Free Software Foundation; either version 2 of the Licence, or (at your option) any later version.

As a special exception, you may use, copy, link and distribute under your own terms, binary object code versions of works.
`;

    expect(classifyText(text)).toMatchObject([{ id: "LGPL-2.0-or-later", exception: "WxWindows-exception-3.1" }]);
  });

  test.each([
    [
      "comment signs",
      mit
        .split("\n")
        .map((line) => ` * ${line}`)
        .join("\n"),
    ],
    ["upper case and other quotes", mit.toUpperCase().replaceAll('"', "”")],
    ["windows line ends and wrapping", mit.replaceAll(" ", "\r\n")],
    ["markdown", `# License\n\n${mit.replaceAll("Software", "**Software**")}`],
    [
      "markup",
      mit
        .split("\n\n")
        .map((paragraph) => `<p>${paragraph}</p>`)
        .join(""),
    ],
  ])("%s change nothing", (_what, text) => {
    expect(ids(text)).toEqual(["MIT"]);
  });

  test("a text with a clause of its own is not the licence that it was made of", () => {
    const changed = mit.replace(
      'THE SOFTWARE IS PROVIDED "AS IS"',
      'The Software may not be used to offer a service that competes with that of the authors.\n\nTHE SOFTWARE IS PROVIDED "AS IS"',
    );

    expect(ids(changed)).toEqual([]);
  });

  test.each([
    ["a clause is replaced by one of its own", bsd.replace(/3\. Neither[^]*?permission\./, clause)],
    ["the sentence that grants is gone", bsd.slice(bsd.indexOf("1. Redistributions"))],
  ])("it is not either when %s", (_what, text) => {
    expect(text).not.toBe(bsd);
    expect(ids(text)).toEqual([]);
  });

  test.each([
    ["is of another wording", "\nIN NO EVENT SHALL WE BE LIABLE TO ANYBODY FOR ANYTHING THAT OUR WORK DOES.\n"],
    ["is not there", ""],
  ])("it still is where only its disclaimer %s", (_what, disclaimer) => {
    expect(ids(bsd.slice(0, bsd.search(/THIS SOFTWARE IS PROVIDED/i)) + disclaimer)).toEqual(["BSD-3-Clause"]);
    expect(ids(mit.slice(0, mit.search(/THE SOFTWARE IS PROVIDED/i)) + disclaimer)).toEqual(["MIT"]);
  });

  test("parts that the SPDX list calls optional, and words in front of the grant, may be missing", () => {
    const hpnd = list["HPND"]?.licenseText ?? "";
    const unicode = list["Unicode-DFS-2015"]?.licenseText ?? "";

    expect(ids(hpnd.slice(0, hpnd.search(/<copyright holder> DISCLAIMS/i)))).toEqual(["HPND"]);
    expect(ids(unicode.slice(unicode.indexOf("Permission is hereby granted")))).toEqual(["Unicode-DFS-2015"]);
  });

  test("its title tells which of two licences with the same text is meant", () => {
    const netBoolean = list["NBPL-1.0"]?.licenseText ?? "";

    expect(ids(netBoolean)).toEqual(["NBPL-1.0"]);
  });

  test("another text with the same last words behind it does not belong to it", () => {
    const zeroClause = list["0BSD"]?.licenseText ?? "";
    const python = list["Python-2.0.1"]?.licenseText ?? "";

    expect(ids(`${python}\n\nZERO-CLAUSE BSD LICENSE FOR CODE IN THE DOCUMENTATION\n\n${zeroClause}`)).toEqual([
      "Python-2.0.1",
      "0BSD",
    ]);
  });

  test("less confidence finds what is less alike", () => {
    const body = mit.slice(mit.indexOf("Permission"));
    const half = body.replaceAll(/((?:\S+\s+){6})\S+/g, "$1something");

    expect(classifyText(half)).toEqual([]);
    expect(classifyText(half, { confidence: 0.5 }).length).toBeGreaterThan(0);
  });
});

describe("notices", () => {
  test.each([
    ["// SPDX-License-Identifier: MIT", ["MIT"]],
    ["/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */", ["GPL-2.0-only"]],
    ['# Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file', ["Apache-2.0"]],
    [
      "under the terms of the GNU General Public License as published by\n * the Free Software Foundation; either version 2 of the License, or\n * (at your option) any later version.",
      ["GPL-2.0-or-later"],
    ],
    ["under version 3 of the GNU Lesser General Public License", ["LGPL-3.0-only"]],
    ["Dual licensed under the MIT and GPL Version 2 licenses.", ["MIT", "GPL-2.0-only"]],
    ['{ "name": "a", "license": "BSD-2-Clause" }', []],
    ['{\n  "license": "BSD-2-Clause"\n}', ["BSD-2-Clause"]],
    ["You should have received a copy of the GNU General Public License along with this program.", []],
    ["See https://creativecommons.org/licenses/by/4.0/ for the license.", ["CC-BY-4.0"]],
    ["See https://github.com/somebody/something/blob/master/LICENSE", []],
    ["The driver's license is required. All rights reserved.", []],
    [
      "it is free software; you can redistribute it under the same terms as Perl itself.",
      ["Artistic-1.0-Perl", "GPL-1.0-or-later"],
    ],
    ["Use of this source code is governed by an MIT-style license that can be", ["MIT"]],
    [
      '["/**\\n * @license\\n * Copyright A.\\n *\\n * Use of this source code is governed by an MIT-style license that can be"]',
      ["MIT"],
    ],
    ["/* Distributed under the OSI-approved BSD 3-Clause License.  See accompanying", ["BSD-3-Clause"]],
    [
      "under the same terms as Ruby 1.8 or\n# the GPLv2+ (GPLv3+ preferred)\n",
      ["Ruby", "GPL-2.0-or-later", "GPL-3.0-or-later"],
    ],
    ["is licensed under dual\r\nlicense, GPLv2 or BSD at user's choice. All", ["GPL-2.0-only", "BSD-3-Clause"]],
    ["FILE_LICENCE ( MIT );", ["MIT"]],
    ["/*! jQuery v1.8.3 jquery.com | jquery.org/license */", ["MIT"]],
    ["See example.com/license", []],
    ["relicense ([MIT](https://opensource.org/licenses/MIT) → [ISC](https://opensource.org/licenses/ISC))", ["ISC"]],
    [
      "on the terms of a public software license such as [the MIT license](https://spdx.org/licenses/MIT.html), or another",
      [],
    ],
    ['if (strncmp(ptr, "gpl", 3) == 0', []],
    // A version that is named counts more than the usual one.
    ["The contents are subject to the Mozilla Public License Version 1.1; see http://mozilla.org/MPL/", ["MPL-1.1"]],
    ["Released under the GNU Lesser General Public License.", ["LGPL-2.1-or-later"]],
    ["Released under the LGPL.", ["LGPL-2.0-or-later"]],
    [
      "in projects which are not available under the GNU General Public License or the GNU Library General Public\ndnl License, too",
      [],
    ],
    ["Released under the GNU Lesser General Public License (/usr/share/common-licenses/LGPL)", ["LGPL-2.1-or-later"]],
    ["licensed under the terms of the\nLibgcj License.  Please consult", ["GPL-2.0-or-later"]],
    // Fields and classifiers of packages.
    ["__author__ = 'Somebody'\n__license__ = 'GPL v3'\n", ["GPL-3.0-only"]],
    ["license = { text = 'BSD-2-Clause' }\n", ["BSD-2-Clause"]],
    ['  "licenses": [\n    {\n      "type": "ISC",\n', ["ISC"]],
    ["    'License :: OSI Approved :: Apache Software License',\n", ["Apache-2.0"]],
    ["License: BSD-2-Clause\nClassifier: License :: OSI Approved :: BSD License\n", ["BSD-2-Clause"]],
    ['MODULE_LICENSE("Dual BSD/GPL");', ["BSD-3-Clause", "GPL-1.0-or-later"]],
    ["License: LGPL (>= 2.1)\n", ["LGPL-2.1-or-later"]],
    ["-- License      :  BSD-style (see the file LICENSE)\n", ["BSD-3-Clause"]],
    // Sections of documents.
    ["# A tool\n\n## License\n\n[ISC](LICENSE.md) © Somebody\n", ["ISC"]],
    ["License\n=======\n\nApache 2.0 - see LICENSE\n", ["Apache-2.0"]],
    ["## License\n\nPython is needed to build it.\n", []],
    ["[![License](https://img.shields.io/badge/license-BSD%202--Clause-green.svg)](LICENSE)", ["BSD-2-Clause"]],
    ["[![Tests](https://img.shields.io/badge/tests-MIT-green.svg)](tests)", []],
    // Names that stand by themselves.
    ["# Copyright Somebody 2019. BSD 2-Clause license, see the file LICENSE.\n", ["BSD-2-Clause"]],
    ["/*! slow-queue. MIT License. Somebody <https://example.com> */", ["MIT"]],
    ["// From https://example.com/queue.js (ISC License)\n", ["ISC"]],
    ["// It was ported from a tool under another (older license), see there.\n", []],
    [
      "see <a href='https://example.com'>it</a>, released under the <a href='https://example.com/l'>MIT license</a>.",
      ["MIT"],
    ],
    // Sentences over lines that begin with comment marks.
    [
      "! under the terms of the GNU General\n! Public License as published by the Free Software\n! Foundation; either version 3, or (at your option) any later version.",
      ["GPL-3.0-or-later"],
    ],
    [
      "dnl you can redistribute it under the same\ndnl terms as Perl itself\n",
      ["Artistic-1.0-Perl", "GPL-1.0-or-later"],
    ],
    ["C   under the GNU Library General\nC   Public License, version 2\n", ["LGPL-2.0-only"]],
    ['"LicenseModel": "general-public-license",', []],
    [" * Version: MPL 1.1/GPL 2.0/LGPL 2.1\n", ["MPL-1.1", "GPL-2.0-only", "LGPL-2.1-only"]],
    ["It may be copied under the terms of the GNU Public License.", ["GPL-1.0-or-later"]],
    ["This function is only available under the GNU Hurd.", []],
    ["This program is released under the GNU General Public License (GPL) v3.", ["GPL-3.0-only"]],
    ["The pictures are available under CC BY-SA 3.0.", ["CC-BY-SA-3.0"]],
    // Whose terms are said by whose they are.
    ["it may be redistributed under the same terms as Vim itself", ["Vim"]],
    ["under the same license as Ruby.", ["Ruby"]],
    ["# You may use it under the same terms as\n# Perl 5.8.1 or later.\n", ["Artistic-1.0-Perl", "GPL-1.0-or-later"]],
    ["/* It is under the same license as Vim */", ["Vim"]],
    ["It is under the same license as Python\n\nAbout this tool\n", ["Python-2.0"]],
    // The name of another project begins with such a name.
    ["It is under the same license as Ruby on Rails.", []],
    ["It is under the same license as Python-Markdown.", []],
    ["Copied under the same terms as PHP-FIG standards.", []],
    ["It is under the same terms as Perl::Tidy, which it came with.", []],
    ["Not distributed under the same license as Perl.", []],
    ["These pictures are not under the same terms as Perl itself.", []],
    // A slash joins the names of two licences, or a program and its licence.
    ["Our plugin may be used with Python/GPL v2 code.", ["GPL-2.0-only"]],
    ["Documentation for zlib/GPL 3.0 mixing", ["GPL-3.0-only"]],
    ["It was tried with zlib 1.2/GPL 2.0 code.", ["GPL-2.0-only"]],
    ["see Apache/GPL 2.0 for more", ["GPL-2.0-only"]],
    ["It is licensed under Apache/GPL 2.0.", ["Apache-2.0", "GPL-2.0-only"]],
    ["This is Apache 2.0/GPL 2.0 code.", ["Apache-2.0", "GPL-2.0-only"]],
    ["a filter (license: Zlib/GPL 2.0)", ["GPL-2.0-only", "Zlib"]],
    ['See the file "license.terms" for information on usage and redistribution\n# of this file', ["TCL"]],
    ["/* For conditions of distribution and use, see\n * copyright notice in zlib.h */", ["Zlib"]],
    ["/* For conditions of distribution and use, see copyright notice in queue.h */", []],
    [
      "part of bzip2/libbzip2.\n\nReleased under the terms of the license contained\nin the file LICENSE.",
      ["bzip2-1.0.6"],
    ],
    ["is subject to version 2.00 of the Zend license,", ["Zend-2.0"]],
    ["NOTICE file corresponding to section 4(d) of\n== the Apache License, Version 2.0,", ["Apache-2.0"]],
    ["governed by the Business Source License", ["BUSL-1.1"]],
    [
      "under the\n%% LaTeX Project Public License, either version 1.2\n%% of this license or any later one",
      ["LPPL-1.2"],
    ],
    // Where it stands is said of the licence that was named before.
    [
      "Licensed under the Apache License 2.0. You can obtain a copy in the file LICENSE or at\nhttps://www.openssl.org/source/license.html",
      ["Apache-2.0"],
    ],
    [
      "either version 2, or (at your option) any later version.\n\nthe complete text of version 2 of the GNU General Public License is in",
      [],
    ],
    ["under the GPL, version 3 or later. Under Section 7 of GPL version 3, you are granted more", ["GPL-3.0-or-later"]],
  ])("%j refers to %j", (text, expected) => {
    expect([...ids(text)].sort()).toEqual([...expected].sort());
  });

  test("a notice above the text of an exception is no title of it", () => {
    const exception = (list["GPL-2.0-with-GCC-exception"]?.licenseText ?? "").replaceAll("General", "Library General");
    const notice =
      "modify it under the terms of the GNU Library General Public License as published by the Free Software\nFoundation; either version 2, or (at your option) any later version.\n\n";

    expect(classifyText(notice + exception)).toMatchObject([
      { kind: "notice", id: "LGPL-2.0-or-later", exception: "GCC-exception-2.0" },
    ]);
  });

  test("a tag counts though the text below it is a changed licence", () => {
    const changed = mit.replace(
      "THE SOFTWARE IS",
      "You may not compete with us or with those who pay us.\n\nTHE SOFTWARE IS",
    );

    expect(ids(`// SPDX-License-Identifier: ISC\n${changed}`)).toEqual(["ISC"]);
  });

  test("the exception of Libtool is told with the licence", () => {
    const notice =
      "under the terms of the GNU General Public License; either version 2 of of the License, or (at your option) any later version.\n\n# As a special exception to the GNU General Public License, if you distribute this file with a program that is\n# built using GNU Libtool, you may do so under its terms.";

    expect(classifyText(notice)).toMatchObject([{ id: "GPL-2.0-or-later", exception: "Libtool-exception" }]);
  });

  test("an exception that is named with its project is told with the licence", () => {
    const notice =
      "under the GNU General Public License, version 2 with the GNU Classpath Exception, which is available from us.";

    expect(classifyText(notice)).toMatchObject([{ id: "GPL-2.0-only", exception: "Classpath-exception-2.0" }]);
  });

  test("an exception is told with its licence", () => {
    expect(classifyText("SPDX-License-Identifier: GPL-2.0-only WITH Classpath-exception-2.0")).toMatchObject([
      { id: "GPL-2.0-only", exception: "Classpath-exception-2.0" },
    ]);
  });
});

describe("any text", () => {
  test("gives places within it", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => fuzz(bytes)));
  });

  test("is read in time that grows with its length, however many notices, links and texts it holds", () => {
    const parts = ["under GPLv2 ", "License: MIT\n", "https://opensource.org/licenses/MIT ", `${isc}\n`];
    const cost = (length: number): number => {
      const started = processorTime();
      for (const part of parts) classifyText(part.repeat(Math.ceil(length / part.length)));
      return processorTime() - started;
    };
    cost(20_000);

    // A step for each pair of them takes minutes.
    expect(cost(400_000)).toBeLessThan(60_000);
  });

  test("longer than one piece is read to its end, and nothing twice", () => {
    const filler = "lorem ipsum dolor sit amet ".repeat(60_000);

    expect(classifyText(`${mit}\n${filler}\n${isc}`).map(({ id }) => id)).toEqual(["MIT", "ISC"]);
  });

  test.each([
    ["license ", 20_000],
    ["licensed under the terms of the ", 2_000],
    ["GNU General Public License version 2 ", 1_000],
    ["<a ", 100_000],
    ["https://a ", 10_000],
    ["SPDX-License-Identifier: ", 5_000],
    ["permission is hereby granted free of charge ", 5_000],
  ])("%j, repeated, ends", (word, count) => {
    expect(classifyText(word.repeat(count)).length).toBeLessThan(2_500);
  });
});

describe("options", () => {
  test.each([[{ confidence: 2 }], [{ confidence: "0.9" }], [{ threshold: 0.9 }]])(
    "%j is refused by name",
    (options) => {
      expect(() => classifyText("", options as never)).toThrow(TypeError);
    },
  );
});

describe("words about a GNU licence", () => {
  test.each([
    ["This package is GPL-compatible.", []],
    [
      "The GPL-compatible licenses make it possible to combine it with other software that is released under the GPL.",
      [],
    ],
    ["GPL-compatible does not mean that we are distributing this under the GPL.", []],
    ["For projects which are not available under the GNU General Public License.", []],
    [
      "For projects which are not available under the GNU General Public License or the GNU Lesser General Public License.",
      [],
    ],
    ["The manual is not distributed under the GPL.", []],
    ["This file isn't licensed under GPL v2.", []],
    ["The logo is not, and has never been, released under the GPL version 2.", []],
    ["It needs no key, and it is not distributed under the GPL version 2.", []],
    ["It is not free, and you cannot get it under the GPL version 2.", []],
    ["It is neither for sale, nor is it released under the GPL version 2.", []],
    ["This is not part of the driver, which is released under the GPL version 2.", []],
    ["Mere copying does not mean that code and data are under the GPL version 2.", []],
    // What "not" says ends where something else is said.
    ["It does not have a warranty and is free software, distributed under the GPL version 2.", ["GPL-2.0-only"]],
    [
      "The tool does not ask for a key and may be copied under the GNU General Public License version 2 or later.",
      ["GPL-2.0-or-later"],
    ],
    ["# a script - you shouldn't edit it, released under the GPL v2", ["GPL-2.0-only"]],
    ["The module does not need others, can be built in, and is under the GPL version 3.", ["GPL-3.0-only"]],
    ["The driver (most do not need it) is under the GPL version 2.", ["GPL-2.0-only"]],
    [
      "The parser does not know how the files of older versions looked under the hood or on disk under GPL version 2.",
      ["GPL-2.0-only"],
    ],
    ["(Some other software is covered by the GNU Lesser General Public License instead.)", []],
    [
      "You may not use this file except in compliance with the GNU General Public License, version 2.",
      ["GPL-2.0-only"],
    ],
    [
      "Licensed under the GNU Lesser General Public License 2.1 or later. The text is the Lesser GNU General Public License.",
      ["LGPL-2.1-or-later"],
    ],
  ])("that grant nothing are no notice: %s", (text, expected) => {
    expect([...new Set(classifyText(text).map(({ id }) => id))]).toEqual(expected);
  });
});

describe("wordings of one licence", () => {
  const ruby = list["Ruby"]?.licenseText ?? "";
  const older = ruby
    .replace(
      /give non-standard binaries non-standard names, with instructions on where to get the original software distribution/,
      "rename any non-standard executables so the names do not conflict with standard executables, which must also be provided",
    )
    .replaceAll("binaries", "executables")
    .replaceAll("binary form", "executable form")
    .replace(/For the list of those files.*?LEGAL\./, "They are gc.c(partly), utils.c(partly) and regex.[ch].");
  const sentence =
    "You can redistribute it and/or modify it under either the terms of the GPL version 2 (see the file GPL), or the conditions below:\n\n";

  test("that Ruby had before are found as Ruby", () => {
    expect(ids(older)).toEqual(["Ruby"]);
  });

  test("the choice with which the licence of Ruby begins is part of it", () => {
    expect(ids(`Ruby is copyrighted free software.\n${sentence}${ruby}`)).toEqual(["Ruby"]);
    expect(ids(`${sentence}${mit}`)).toContain("GPL-2.0-only");
  });

  test("parts that copies of the HPND leave out are no difference", () => {
    const text =
      "Permission to use, copy, modify, distribute, and sell this software and its documentation for any purpose is hereby granted without fee, provided that the above copyright notice appear in all copies and that both that copyright notice and this permission notice appear in supporting documentation. No representations are made about the suitability of this software for any purpose. It is provided as is without express or implied warranty.";

    expect(ids(text)).toEqual(["HPND-sell-variant"]);
  });
});

describe("notices", () => {
  test.each([
    ["either version 2 or (at your option) version 3 of the License.", ["GPL-2.0-only", "GPL-3.0-only"]],
    ["version 2 or version 3 of the License.", ["GPL-2.0-only", "GPL-3.0-only"]],
    ["either version 2 of the License, or (at your option) any later version.", ["GPL-2.0-or-later"]],
    ["version 2 or 50 % of it.", ["GPL-2.0-only"]],
  ])("say %s", (version, expected) => {
    expect(
      ids(
        `You can redistribute it under the terms of the GNU General Public License as published by the FSF, ${version}`,
      ),
    ).toEqual(expected);
  });

  test("of an exception that is the subject are about that exception", () => {
    const text =
      'You can redistribute it under the terms of the GNU General Public License version 2 only, as published by the FSF. We designate this file as subject to the "Classpath" exception as provided in the LICENSE file.';

    expect(classifyText(text)).toMatchObject([{ id: "GPL-2.0-only", exception: "Classpath-exception-2.0" }]);
  });

  test("of a permission under a section of the GPL say nothing of the version of the file", () => {
    expect(
      ids('This is an additional permission under section 7 of the GNU General Public License, version 3 ("GPLv3").'),
    ).toEqual([]);
  });

  test("take the licence that they call the License by its name", () => {
    expect(
      ids(
        'Except as permitted in the SGI Free Software License B, Version 1.0 (the "License"), the contents of this file are subject only to it: http://oss.sgi.com/projects/FreeB',
      ),
    ).toEqual(["SGI-B-1.0"]);
  });

  test("do not take examples for licences", () => {
    expect(
      ids(
        "Changes that you contribute on the terms of a public license such as the Blue Oak Model License 1.0.0, the Apache License 2.0, the MIT license, or the two-clause BSD license do not count.",
      ),
    ).toEqual([]);
  });

  test("do not take a usual word of a name for the licence", () => {
    expect(
      ids("The project utilizes code licensed from others, and the Qt Commercial License Agreement holds."),
    ).toEqual([]);
  });
});

describe("a text with its own name", () => {
  test.each(["Python-2.0", "BSD-4-Clause-UC", "SISSL-1.2", "W3C-19980720"])(
    "below a heading of its document is one licence: %s",
    (id) => {
      expect(classifyText(`# License\n\n${list[id]?.licenseText ?? ""}`).map((found) => found.id)).toEqual([id]);
    },
  );
});

test.each(["CECILL-1.0", "LAL-1.3", "etalab-2.0", "D-FSL-1.0"])("capitals with accents are letters: %s", (id) => {
  expect(classifyText((list[id]?.licenseText ?? "").toUpperCase()).map((found) => found.id)).toEqual([id]);
});

test.each([
  ["/* SPDX-License-Identifier: (MIT OR\n *   Apache-2.0) */\nint a;\n", ["Apache-2.0", "MIT"]],
  ["// SPDX-License-Identifier: (GPL-2.0-only\r\n//   OR BSD-3-Clause)\r\n", ["BSD-3-Clause", "GPL-2.0-only"]],
  ["# SPDX-License-Identifier: MIT AND\n# ISC\nimport os\n", ["ISC", "MIT"]],
  ["# SPDX-License-Identifier: MIT\n# Apache-2.0 is not it\n", ["MIT"]],
])("a tag in parentheses spans lines: %j", (text, expected) => {
  expect([...ids(text)].sort()).toEqual(expected);
});

test.each([
  [
    "under the terms of the GNU General Public License, version 2.0, as published by\n * the Free Software Foundation; either version 2 of the License, or (at your option) any later version.",
    ["GPL-2.0-or-later"],
  ],
  [
    "under the terms of the GNU General Public License version 2 as published by the Free Software Foundation; version 2 of the License only.",
    ["GPL-2.0-only"],
  ],
])("a version that is said twice is what is said behind the second: %j", (text, expected) => {
  expect(ids(text)).toEqual(expected);
});
