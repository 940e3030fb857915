import { expect, test } from "vitest";
import { copyrightLines } from "../index.ts";

test("lines about copyright are told, sentences that mention it are not", () => {
  const text = `The MIT License

Copyright (c) 2010-2020 Jane Doe <jane@example.org>
 * Copyright © Some Company, Inc.
# (c) 1999 The Authors
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
    "Copyright 2001 by X",
  ]);
});

test("a text of nothing else yields no more than fifty, in linear time", () => {
  expect(copyrightLines("Copyright 2000 A\n".repeat(100_000))).toEqual(["Copyright 2000 A"]);
  expect(copyrightLines(Array.from({ length: 1000 }, (_, i) => `Copyright ${2000 + i} A${i}`).join("\n"))).toHaveLength(
    50,
  );
  expect(copyrightLines(`${" ".repeat(2_000_000)}copyright`)).toEqual([]);
});
