import type { FileAnalyzer, FoundPackage } from "@plimsoll/model";
import { readPixiLock } from "../shared/reading/pixi-lock.ts";
import type { PixiPackage } from "../shared/reading/pixi-lock.ts";
import { recognized } from "../shared/reading/recognized-file.ts";
import { textOf, textsOf } from "../shared/reading/untrusted.ts";
import { condaAddress } from "./address.ts";

/**
 * Packages of conda in `pixi.lock`, once for all platforms. What pixi builds from sources beside the file has a version only where the file
 * states one.
 */
export const condaPixi: FileAnalyzer = recognized(
  {
    kind: "file",
    id: "conda/pixi",
    revision: 1,
    evidence: "declared",
    matches: [{ basename: "pixi.lock" }],
    maxBytes: 64 * 1024 * 1024,
    async *analyze(file) {
      const { problems, packages } = await readPixiLock(file);
      yield* problems;
      const seen = new Set<string>();
      for (const listed of packages) {
        const found = listed.kind === "conda" ? packageOf(listed) : undefined;
        if (found === undefined || seen.has(`${found.name} ${found.version}`)) continue;
        seen.add(`${found.name} ${found.version}`);
        yield { kind: "package", package: found, ...(listed.line === undefined ? {} : { line: listed.line }) };
      }
    },
  },
  /^(?:version|environments|packages?|metadata):/m,
);

function packageOf({ place, name: stated, version: statedVersion, entry }: PixiPackage): FoundPackage | undefined {
  const address = condaAddress.exec(place.slice(0, 2_048));
  const name = stated ?? address?.[3];
  const version = statedVersion ?? address?.[4];
  if (name === undefined || version === undefined) return undefined;
  const license = textOf(entry["license"]);
  const needs = textsOf(entry["depends"]).map((need) => need.split(/[\s<>=!~[]/, 1)[0] ?? need);
  const dependsOn = [...new Set(needs.filter((need) => !need.startsWith("__")))];
  return {
    name,
    version,
    ...(license === undefined || license === "None" ? {} : { licenses: [license] }),
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
    ...(/^[a-z][a-z0-9+.-]*:/i.test(place) ? {} : { origin: "path" }),
  };
}
