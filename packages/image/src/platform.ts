import { formatPlatform } from "@plimsoll/model";
import type { Platform } from "@plimsoll/model";

/** The platform that is taken where nothing else chooses one. */
export const fallbackPlatform: Platform = { os: "linux", architecture: "amd64" };

/** Variants of architectures that are meant where none is written: `v8` for `arm64` (containerd platforms, `normalizeArch`). */
const impliedVariants: ReadonlyMap<string, string> = new Map([
  ["arm64", "v8"],
  ["arm", "v7"],
  ["amd64", "v1"],
]);

/** Other spellings in use: those of `uname -m`. */
const architectureAliases: ReadonlyMap<string, string> = new Map([
  ["x86_64", "amd64"],
  ["x86-64", "amd64"],
  ["aarch64", "arm64"],
  ["i386", "386"],
  ["i686", "386"],
  ["armhf", "arm"],
]);

/** The position of the best fit for `wanted`, -1 when there is none: same system, architecture and variant, else any variant when none was asked for. */
export function choosePlatform(available: readonly (Platform | undefined)[], wanted: Platform): number {
  const exact = available.findIndex((platform) => platform !== undefined && describe(platform) === describe(wanted));
  if (exact !== -1 || wanted.variant !== undefined) return exact;
  return available.findIndex(
    (platform) => platform?.os === wanted.os && canonical(platform.architecture) === canonical(wanted.architecture),
  );
}

function describe(platform: Platform): string {
  const architecture = canonical(platform.architecture);
  const variant = platform.variant ?? impliedVariants.get(architecture);
  return formatPlatform({ os: platform.os, architecture, ...(variant === undefined ? {} : { variant }) });
}

function canonical(architecture: string): string {
  return architectureAliases.get(architecture) ?? architecture;
}
