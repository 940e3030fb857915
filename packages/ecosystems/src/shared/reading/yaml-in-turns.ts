import type { DocumentShape } from "@plimsoll/formats";
import { workDone } from "@plimsoll/model";
import type { AnalyzedFile, Diagnostic } from "@plimsoll/model";
import { readStepsOrReport } from "./malformed-file.ts";
import { tooManyValuesByEntries } from "./value-limit.ts";

/** More characters of YAML that have to be read at once take more memory than a scan may. */
const mostAtOnce = 3 * 1024 * 1024;

/** Of what is not kept, as most is that such files say, the values take no memory. */
const timesAsManyValues = 2;

/** To count the values takes about as long as looking at the characters so many times. */
const timesToLookThrough = 2;

/**
 * Reads a lock file in YAML entry by entry, in turns of the event loop. What of it cannot be read so becomes a document, for which the limits
 * of such files hold.
 */
export async function yamlEntriesInTurns(
  file: AnalyzedFile,
  text: string,
  wanted: DocumentShape,
): Promise<{ readonly value: readonly unknown[] } | { readonly problem: Diagnostic }> {
  const tooMany = tooManyValuesByEntries(file, await file.bytes(), "yaml", timesAsManyValues);
  if (tooMany !== undefined) return { problem: tooMany };
  await workDone(text.length * timesToLookThrough);
  const { yamlSteps } = await import("@plimsoll/formats/yaml");
  const { maxLockFileBytes, maxLockFileValues } = file.limits;
  const atOnce = { characters: Math.min(mostAtOnce, maxLockFileBytes), values: maxLockFileValues };
  return readStepsOrReport(file, yamlSteps(text, { wanted, atOnce }));
}
