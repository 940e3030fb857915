import type { BuildInfo } from "./build-info.ts";

/** Variables that programs keep their own version in, the plainest first: `goVersion` and `kubeVersion` are others' versions. */
const versionVariables: readonly string[] = [
  "version",
  "semver",
  "appversion",
  "programversion",
  "binaryversion",
  "cliversion",
  "buildversion",
  "releaseversion",
  "fullversion",
  "currentversion",
  "gitversion",
  "gittag",
  "tag",
  "release",
  "ver",
];
const versionText = /^v?\d+(?:\.\d+){1,3}(?:[-+.][0-9A-Za-z.+~_-]+)?$/;
/** https://go.dev/ref/mod#pseudo-versions, perhaps of a changed working copy. */
const pseudo = /^v\d+\.\d+\.\d+-(?:[0-9A-Za-z.-]*\.)?\d{14}-[0-9a-f]{12}(?:\+[0-9A-Za-z.-]+)?$/;

/**
 * The version of a main module: the release it was built from, else what its makers stamped with `-ldflags -X`, else the
 * pseudo-version of its commit. Undefined when none is known.
 */
export function mainVersion({ main, settings }: BuildInfo): string | undefined {
  if (main === undefined) return undefined;
  const stated = main.version === "" || main.version === "(devel)" ? undefined : main.version;
  if (stated !== undefined && !pseudo.test(stated)) return stated;
  return stampedVersion(main.path, settings.get("-ldflags") ?? "") ?? stated ?? pseudoVersion(settings);
}

/** The plainest version-like variable of package main, else of the module; where equally plain ones differ, none of them counts. */
function stampedVersion(modulePath: string, flags: string): string | undefined {
  const ranked = new Map<number, Set<string>>();
  for (const [, , name = "", , value = ""] of flags.matchAll(/-X[=\s]+(["']?)([\w./~%-]+)=(["']?)([^"'\s]*)\3\1/g)) {
    const rank = versionText.test(value) ? rankOf(name, modulePath) : undefined;
    if (rank === undefined) continue;
    ranked.set(rank, (ranked.get(rank) ?? new Set()).add(value.startsWith("v") ? value : `v${value}`));
  }
  for (const rank of [...ranked.keys()].sort((a, b) => a - b)) {
    const values = [...(ranked.get(rank) ?? [])];
    if (values.length === 1) return values[0];
  }
  return undefined;
}

/** How plainly a variable means the version of the program, 0 first; undefined for variables of others. */
function rankOf(name: string, modulePath: string): number | undefined {
  const dot = name.lastIndexOf(".");
  const owner = name.slice(0, dot);
  const variable = name
    .slice(dot + 1)
    .replaceAll("_", "")
    .toLowerCase();
  const isMain = owner === "main";
  const isOwn = owner === modulePath || (owner.startsWith(`${modulePath}/`) && !owner.includes("/vendor/"));
  if (dot === -1 || (!isMain && !isOwn)) return undefined;
  const plain = versionVariables.indexOf(variable === `${shortName(modulePath)}version` ? "appversion" : variable);
  return plain === -1 ? undefined : plain * 2 + (isMain ? 0 : 1);
}

/** `github.com/caddyserver/caddy/v2` → `caddy`. */
function shortName(modulePath: string): string {
  const segments = modulePath.split("/");
  const last = /^v\d+$/.test(segments.at(-1) ?? "") ? segments.at(-2) : segments.at(-1);
  return (last ?? "").replaceAll(/[^0-9A-Za-z]/g, "").toLowerCase();
}

function pseudoVersion(settings: ReadonlyMap<string, string>): string | undefined {
  const revision = settings.get("vcs.revision");
  const time = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z$/.exec(settings.get("vcs.time") ?? "");
  if (time === null || revision === undefined || !/^[0-9a-f]{12,64}$/.test(revision)) return undefined;
  return `v0.0.0-${time.slice(1).join("")}-${revision.slice(0, 12)}`;
}
