import { expect, test } from "vitest";
import { copyrightLines } from "../index.ts";

test("lines about copyright are told, sentences that mention it are not", () => {
  const text = `The MIT License

Copyright (c) 2010-2020 Jane Doe <jane@example.org>
 * Copyright © Some Company, Inc.
# (c) 1999 The Authors
Copyright (c) npm, Inc. and contributors
Copyright Émile Zola
// Copyright 2001 by X
Copyright (c) [year] [fullname]
Copyright (c) <year> <copyright holders>

The above copyright notice and this permission notice shall be included.
IN NO EVENT SHALL THE COPYRIGHT HOLDERS BE LIABLE
copyright law applies
Copyright (c) 2010-2020 Jane Doe <jane@example.org>
`;

  expect(copyrightLines(text)).toEqual([
    "Copyright (c) 2010-2020 Jane Doe <jane@example.org>",
    "Copyright © Some Company, Inc.",
    "(c) 1999 The Authors",
    "Copyright (c) npm, Inc. and contributors",
    "Copyright Émile Zola",
    "Copyright 2001 by X",
  ]);
});

test("forms that nobody has filled in, headings and sentences in capitals are none", () => {
  const text = `Copyright (c) YEAR YOUR NAME. Permission is granted to copy
Copyright (C)< yyyy> <name of author>
Copyright (c) [xxxx]-[xxxx] [Owner Organization]
Copyright (C) [$date-of-software] World Wide Web Consortium
Copyright YYYY Sun Microsystems, Inc. All rights reserved.
Copyright Status
COPYRIGHT AND PERMISSION NOTICE
Original Copyright Below
COPYRIGHT HOLDERS WILL NOT BE LIABLE FOR ANY DIRECT, INDIRECT, SPECIAL OR
COPYRIGHT AND/OR OTHER APPLICABLE LAW. ANY USE OF THE WORK OTHER THAN AS
COPYRIGHT: SOME COMPANY
Copyright (c) [2015] Jane Doe
`;

  expect(copyrightLines(text)).toEqual(["COPYRIGHT: SOME COMPANY", "Copyright (c) [2015] Jane Doe"]);
});

test("the third point of a list is none", () => {
  const list = "(a) You must give a copy;\n(b) You must say so;\n(c) You must retain all notices\n";

  expect(copyrightLines(`(c) The Authors\n${list}`)).toEqual(["(c) The Authors"]);
  expect(copyrightLines(`${list}(c) 2004 The Authors\nCopyright (c) Jane Doe\n`)).toEqual([
    "(c) 2004 The Authors",
    "Copyright (c) Jane Doe",
  ]);
});

test("those that go on below with further years and names give one for each", () => {
  const header = ` * Copyright (C) 1999, 2001 Jane Doe
 *               2003-2010 John Doe
 *
 * 2011 was a good year
`;
  const debian = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
Copyright: 1994 Debian Association, Inc.
           1995 Sven Rudolph <sr1@example.org>
           All rights reserved.
           Copyright 1996 Steve Phillips
\t   The Regents
License: GPL-2+
 This program is free software

Files: debian/*
Copyright:
 © 2001 Ian Doe
 Jim Doe
 Permission is hereby granted, free of charge, to any person
License: MIT
`;

  expect(copyrightLines(header)).toEqual(["Copyright (C) 1999, 2001 Jane Doe", "Copyright (C) 2003-2010 John Doe"]);
  expect(copyrightLines(debian)).toEqual([
    "Copyright: 1994 Debian Association, Inc.",
    "Copyright: 1995 Sven Rudolph <sr1@example.org>",
    "Copyright 1996 Steve Phillips",
    "Copyright: The Regents",
    "Copyright: © 2001 Ian Doe",
    "Copyright: Jim Doe",
  ]);
  expect(copyrightLines("Copyright 2001 Jane Doe\n  This program is free software\n")).toEqual([
    "Copyright 2001 Jane Doe",
  ]);
});

test("a text of nothing else yields no more than five hundred, in linear time", () => {
  expect(copyrightLines("Copyright 2000 A\n".repeat(100_000))).toEqual(["Copyright 2000 A"]);
  expect(copyrightLines(Array.from({ length: 1000 }, (_, i) => `Copyright ${2000 + i} A${i}`).join("\n"))).toHaveLength(
    500,
  );
  expect(copyrightLines(`${" ".repeat(2_000_000)}copyright`)).toEqual([]);
  expect(copyrightLines(`Copyright 2000 A\n  2001 B${"\n  2001 B".repeat(200_000)}`)).toHaveLength(2);
  for (const mark of ["", "*"])
    expect(copyrightLines(`Copyright 2000 A\n${" ".repeat(200_000)}${mark}${" ".repeat(200_000)}\n`)).toHaveLength(1);
});
