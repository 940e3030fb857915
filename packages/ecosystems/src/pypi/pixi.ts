import { parsePurl } from "@plimsoll/formats";
import type { FileAnalyzer, FoundPackage } from "@plimsoll/model";
import { readPixiLock } from "../shared/reading/pixi-lock.ts";
import type { PixiPackage } from "../shared/reading/pixi-lock.ts";
import { textsOf } from "../shared/reading/untrusted.ts";
import { normalizeName } from "./name.ts";
import { wheelAt } from "./requirement.ts";

/**
 * What pixi takes from PyPI, by `pixi.lock`, and the Python distributions that packages of conda there are said to be (`purls`, from
 * the mapping of conda-forge), since conda has no advisories. Each once for all platforms. What is wrong with a file is told by the analyzer of
 * conda.
 */
export const pypiPixi: FileAnalyzer = {
  kind: "file",
  id: "pypi/pixi",
  revision: 1,
  evidence: "declared",
  matches: [{ basename: "pixi.lock" }],
  maxBytes: 64 * 1024 * 1024,
  async *analyze(file) {
    const { packages } = await readPixiLock(file);
    // What is installed as such is certain, and comes first.
    const own = packages
      .filter(({ kind }) => kind === "pypi")
      .map((listed) => [listed.line, installed(listed)] as const);
    const mapped = packages
      .filter(({ kind }) => kind === "conda")
      .flatMap((listed) => mappedTo(listed).map((found) => [listed.line, found] as const));
    const seen = new Set<string>();
    for (const [line, found] of [...own, ...mapped]) {
      if (found === undefined || seen.has(`${found.key} ${found.version}`)) continue;
      seen.add(`${found.key} ${found.version}`);
      yield { kind: "package", package: found, ...(line === undefined ? {} : { line }) };
    }
  },
};

function installed({ place, name: stated, version: statedVersion, entry }: PixiPackage): FoundPackage | undefined {
  const wheel = wheelAt(place);
  const name = stated ?? wheel?.name;
  const version = statedVersion ?? wheel?.pinned;
  if (name === undefined || version === undefined) return undefined;
  const origin = originOf(place);
  const needs = textsOf(entry["requires_dist"]).flatMap((need) => {
    const needed = /^[A-Za-z0-9][\w.-]*/.exec(need)?.[0];
    return needed === undefined || /\bextra\s*==/.test(need) ? [] : [normalizeName(needed)];
  });
  return {
    name,
    version,
    key: normalizeName(name),
    ...(origin === undefined ? {} : { origin }),
    ...(needs.length === 0 ? {} : { dependsOn: [...new Set(needs)] }),
  };
}

/** Other indexes than PyPI have copies of it: only what is in no index is told apart. */
function originOf(place: string): FoundPackage["origin"] {
  if (/^git\+|\.git(?:[@#?]|$)/.test(place)) return "repository";
  if (/^[a-z][a-z0-9+.-]*:/i.test(place)) return undefined;
  return place === "." || place === "./" ? "project" : "path";
}

function mappedTo({ place, version, entry }: PixiPackage): readonly FoundPackage[] {
  const stated = version ?? /-([^-/]+)-[^-/]+\.(?:conda|tar\.bz2)$/.exec(place.slice(-300))?.[1];
  return textsOf(entry["purls"]).flatMap((text): FoundPackage[] => {
    const { type, name, version: own = stated } = parsePurl(text) ?? {};
    if (type !== "pypi" || name === undefined || own === undefined) return [];
    return [{ name, version: own, key: normalizeName(name), confidence: "approximate" }];
  });
}
