import { parseJson, shape } from "@plimsoll/formats";
import type { FileAnalyzer, TreeAnalyzer, Observation } from "@plimsoll/model";
import { endOfLife } from "../shared/distro/end-of-life.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { listOf, ownValue, textOf } from "../shared/reading/untrusted.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const statusShape = shape.fields({ services: shape.list(shape.texts("name", "status")) });

/** The channels of Ubuntu Pro that are enabled in the image: `esm-infra`, `esm-apps`, `fips`. */
export const ubuntuPro: FileAnalyzer = parsedFile({
  id: "deb/ubuntu-pro",
  revision: 2,
  matches: [{ path: "var/lib/ubuntu-advantage/status.json" }],
  maxBytes: 4 * 1024 * 1024,
  parse: parseJson,
  *read(document, file): Generator<Observation> {
    yield* reportWrongParts(file, document, statusShape);
    const channels = listOf(ownValue(document, "services")).flatMap((service) =>
      ownValue(service, "status") === "enabled" ? (textOf(ownValue(service, "name")) ?? []) : [],
    );
    if (channels.length > 0) yield { kind: "distro", distro: { channels }, rank: 110, onlyFor: "ubuntu" };
  },
});

/** The end of support as Ubuntu Pro extends it. A tree analyzer, because the release and the enabled services are in different files. */
export const ubuntuSupport: TreeAnalyzer = {
  kind: "tree",
  id: "deb/ubuntu-support",
  revision: 2,
  matches: ubuntuPro.matches,
  *analyze(_, observed): Generator<Observation> {
    const distros = observed.flatMap(({ observation }) => (observation.kind === "distro" ? [observation] : []));
    if (!distros.some(({ distro }) => distro.channels?.includes("esm-infra") === true)) return;
    for (const { distro, rank } of distros) {
      const end = distro.id === "ubuntu" ? endOfLife("ubuntu with esm", distro.versionId ?? "") : undefined;
      if (end !== undefined) yield { kind: "distro", distro: { endOfLife: end }, rank: rank + 10, onlyFor: "ubuntu" };
    }
  },
};
