import { versionExposures } from "./versions.ts";

/** Any text as a version: its vulnerabilities, or none. */
export function fuzz(input: Uint8Array): void {
  const text = new TextDecoder().decode(input);
  for (const component of ["api-server", "kubectl"] as const)
    versionExposures(text, component, { includePatched: true });
}

export function seeds(): readonly Uint8Array[] {
  return ["v1.13.6-gke.13", "1.14.1~beta", "1.11.5-rc.1+a.b", "1.2-3"].map((text) => new TextEncoder().encode(text));
}
