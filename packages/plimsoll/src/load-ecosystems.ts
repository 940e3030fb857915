import type { Ecosystem } from "@plimsoll/model";

/** Loads every ecosystem, for callers that choose none; a bundle that chooses its own does not contain the others. */
export async function loadEcosystems(): Promise<readonly Ecosystem[]> {
  return (await import("@plimsoll/ecosystems/every")).everyEcosystem;
}
