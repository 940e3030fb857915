import type { Ecosystem } from "@plimsoll/model";

/** Every ecosystem, loaded when nobody has said which: a page that names its own does not carry the others. */
export async function loadEcosystems(): Promise<readonly Ecosystem[]> {
  return (await import("@plimsoll/ecosystems/every")).everyEcosystem;
}
