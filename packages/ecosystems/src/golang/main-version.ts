import type { BuildInfo } from "./build-info.ts";

/** Variables that programs keep their version in, by the last part of their name. */
const versionVariable = /(?:^|\.)(?:\w*version|ver|tag|\w*gittag|\w*release)$/i;
const versionText = /^v?\d+(?:\.\d+){1,3}(?:[-+.][0-9A-Za-z.+~_-]+)?$/;

/**
 * The version of a main module that was built from a working copy: what the makers stamped with `-ldflags -X`, else the
 * pseudo-version of its commit (https://go.dev/ref/mod#pseudo-versions). Undefined when neither is known.
 */
export function mainVersion({ main, settings }: BuildInfo): string | undefined {
  if (main === undefined) return undefined;
  if (main.version !== "" && main.version !== "(devel)") return main.version;
  return stampedVersion(main.path, settings.get("-ldflags") ?? "") ?? pseudoVersion(settings);
}

function stampedVersion(modulePath: string, flags: string): string | undefined {
  const stamps = [...flags.matchAll(/-X[=\s]+(["']?)([\w./~%-]+)=([^"'\s]*)\1/g)].map(
    ([, , name = "", value = ""]) => ({ name, value }),
  );
  const versions = stamps.filter(({ name, value }) => versionVariable.test(name) && versionText.test(value));
  const own =
    versions.find(({ name }) => name.startsWith("main.")) ?? versions.find(({ name }) => name.startsWith(modulePath));
  const value = (own ?? versions[0])?.value;
  return value === undefined ? undefined : value.startsWith("v") ? value : `v${value}`;
}

function pseudoVersion(settings: ReadonlyMap<string, string>): string | undefined {
  const revision = settings.get("vcs.revision");
  const time = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z$/.exec(settings.get("vcs.time") ?? "");
  if (time === null || revision === undefined || !/^[0-9a-f]{12,64}$/.test(revision)) return undefined;
  return `v0.0.0-${time.slice(1).join("")}-${revision.slice(0, 12)}`;
}
