import { parseJson } from "@plimsoll/formats";
import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { parsedFile } from "../shared/parsed-file.ts";
import { listOf, ownValue, textOf } from "../shared/untrusted.ts";

/** Which channels of Ubuntu Pro the image takes packages from: `esm-infra`, `esm-apps`, `fips`. */
export const ubuntuPro: FileAnalyzer = parsedFile({
  id: "deb/ubuntu-pro",
  revision: 1,
  matches: [{ path: "var/lib/ubuntu-advantage/status.json" }],
  maxBytes: 4 * 1024 * 1024,
  parse: parseJson,
  *read(document): Generator<Observation> {
    const channels = listOf(ownValue(document, "services")).flatMap((service) =>
      ownValue(service, "status") === "enabled" ? (textOf(ownValue(service, "name")) ?? []) : [],
    );
    if (channels.length > 0) yield { kind: "distro", distro: { channels }, rank: 110, onlyFor: "ubuntu" };
  },
});
