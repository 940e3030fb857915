import { growthProblem, listEcosystem, literalImage } from "@plimsoll/testkit";
import type { Ecosystem, ImageSource } from "@plimsoll/model";
import { expect, test } from "vitest";
import { takeInventory } from "./index.ts";

const indexes = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);
const list = listEcosystem();

/** Each package of a file needs the one before it, which is in another file now and then. */
const chained: Ecosystem = {
  ...list,
  analyzers: [
    {
      kind: "file",
      id: "list/chained",
      revision: 1,
      matches: [{ suffix: ".chain" }],
      async *analyze(file) {
        for (const name of (await file.text()).split("\n"))
          yield { kind: "package", package: { name, version: "1", dependsOn: [`p${Number(name.slice(1)) - 1}`] } };
      },
    },
  ],
};

/** What grows, and how an image of it is made. */
const images: Readonly<Record<string, (count: number) => ImageSource>> = {
  "packages of one file": (count) =>
    literalImage({
      layers: [
        {
          "a.list": indexes(count)
            .map((at) => `p${at} 1`)
            .join("\n"),
        },
      ],
    }),
  "packages that need each other": (count) =>
    literalImage({
      layers: [
        {
          "a.chain": indexes(count)
            .map((at) => `p${at}`)
            .join("\n"),
          "b/b.chain": indexes(count)
            .map((at) => `p${count + at}`)
            .join("\n"),
        },
      ],
    }),
  "places of one package": (count) =>
    literalImage({ layers: [Object.fromEntries(indexes(count).map((at) => [`d${at}/a.list`, "x 1"]))] }),
  "packages of as many files": (count) =>
    literalImage({ layers: [Object.fromEntries(indexes(count).map((at) => [`d${at}/a.list`, `x${at} 1`]))] }),
  "versions of one package": (count) =>
    literalImage({
      layers: [
        {
          "a.list": indexes(count)
            .map((at) => `x ${at}`)
            .join("\n"),
        },
      ],
    }),
  "files that are owned": (count) =>
    literalImage({
      layers: [
        {
          "db/list": `x 1\n${indexes(count)
            .map((at) => `own x d${at}/a.list`)
            .join("\n")}`,
          ...Object.fromEntries(indexes(count).map((at) => [`d${at}/a.list`, `y${at} 1`])),
        },
      ],
    }),
  "links to the directory of files that are owned": (count) =>
    literalImage({
      layers: [
        {
          "db/list": "x 1\nown x elsewhere",
          ...Object.fromEntries(indexes(count).map((at) => [`d/${at}/a.list`, `y${at} 1`])),
          ...Object.fromEntries(indexes(count).map((at) => [`l${at}`, { symlink: "d" }])),
        },
      ],
    }),
  "files that a later layer replaces": (count) =>
    literalImage({
      layers: [1, 2].map((version) =>
        Object.fromEntries(indexes(count).map((at) => [`d${at}/a.list`, `x${at} ${version}`])),
      ),
    }),
  problems: (count) =>
    literalImage({ layers: [Object.fromEntries(indexes(count).map((at) => [`d${at}/a.list`, "? broken"]))] }),
};

test.each(Object.entries(images))("%s: twice as many are about twice the work", async (_, make) => {
  const sources = new Map([1, 2, 4].map((times) => [times, make(150 * times)]));

  expect(
    await growthProblem((times) =>
      takeInventory(sources.get(times) ?? make(1), { ecosystems: [list, { ...chained, id: "chained" }] }),
    ),
  ).toBeUndefined();
});
