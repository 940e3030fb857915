import type { Steps } from "@plimsoll/formats";
import { inTurns } from "@plimsoll/model";
import type { FoundPackage } from "@plimsoll/model";
import { listOf, recordOf, textOf } from "./untrusted.ts";

/** A package of a lock file of conda environments, once for all platforms. */
export interface CondaLocked {
  readonly package: FoundPackage;
  readonly entry: Readonly<Record<string, unknown>>;
  /** Where its name first stands, 1-based; absent where it is written in another way. */
  readonly line?: number;
}

/**
 * Packages of `conda-lock.yml` (https://conda.github.io/conda-lock/output/) that one of the two managers installs.
 * @param text the file, for the lines
 * @param packages its list `package`, which has each package once for each platform
 */
export async function* condaLocked(
  text: string,
  packages: unknown,
  manager: "conda" | "pip",
): AsyncGenerator<CondaLocked> {
  const lines = await inTurns(linesOfItems(text));
  const seen = new Set<string>();
  for (const item of listOf(packages)) {
    const entry = recordOf(item);
    const name = textOf(entry["name"]);
    const version = textOf(entry["version"]);
    if (name === undefined || version === undefined || (entry["manager"] === "pip") !== (manager === "pip")) continue;
    const key = `${name} ${version}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const line = lines.get(`name: ${name}`);
    const category = textOf(entry["category"]) ?? "main";
    const scope = category === "main" ? {} : { scope: category === "dev" ? ("dev" as const) : ("optional" as const) };
    yield { package: { name, version, ...scope }, entry, ...(line === undefined ? {} : { line }) };
  }
}

/** To look through a line takes about as long as looking at its characters so many times. */
const timesToLookThrough = 8;

/** Where the items of lists first stand, by what they say without quotes and remarks. 1-based. */
export function* linesOfItems(text: string): Steps<ReadonlyMap<string, number>> {
  const lines = new Map<string, number>();
  for (const [index, content] of text.split("\n").entries()) {
    const written = content.trim().replace(/^-\s*/, "");
    const remark = written.indexOf(" #");
    const item = (remark === -1 ? written : written.slice(0, remark)).trim().replace(/^(["'])(.*)\1$/, "$2");
    if (!lines.has(item)) lines.set(item, index + 1);
    yield content.length * timesToLookThrough;
  }
  return lines;
}
