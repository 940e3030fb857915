import { parseJson, shape } from "@plimsoll/formats";
import type { Distro, FileAnalyzer, Observation } from "@plimsoll/model";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { listOf, ownValue, textOf } from "../shared/reading/untrusted.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const factPrefix = "content-sets/";

/** The repositories that a layer of a Red Hat image was built from; one file per layer, all of which count. */
export const contentSets: FileAnalyzer = parsedFile({
  id: "rpm/content-sets",
  revision: 2,
  matches: [
    { directory: "root/buildinfo/content_manifests" },
    { directory: "usr/share/buildinfo/content_manifests" },
    { path: "usr/share/buildinfo/content-sets.json" },
  ],
  maxBytes: 4 * 1024 * 1024,
  parse: parseJson,
  *read(document, file): Generator<Observation> {
    yield* reportWrongParts(file, document, shape.fields({ content_sets: shape.list(shape.text) }));
    const sets = listOf(ownValue(document, "content_sets")).flatMap((name) => textOf(name) ?? []);
    const name = file.path.slice(file.path.lastIndexOf("/") + 1);
    if (sets.length > 0)
      yield {
        kind: "distro",
        distro: { facts: { [factPrefix + name]: [...new Set(sets)].sort().join(" ") } },
        rank: 110,
        onlyFor: "rhel",
      };
  },
});

/** The content sets of all layers; empty when the image says nothing of them. */
export function contentSetsOf(distro: Distro): readonly string[] {
  return Object.entries(distro.facts ?? {}).flatMap(([name, value]) =>
    name.startsWith(factPrefix) ? value.split(" ").filter((set) => set !== "") : [],
  );
}
