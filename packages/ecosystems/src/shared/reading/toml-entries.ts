import { tomlEntriesSteps } from "@plimsoll/formats";
import type { DocumentShape, TomlEntries } from "@plimsoll/formats";
import type { AnalyzedFile, Diagnostic } from "@plimsoll/model";
import { readStepsOrReport } from "./malformed-file.ts";
import { tooManyValuesByEntries } from "./value-limit.ts";

/**
 * Reads a lock file that is an array of tables of TOML element by element, in turns of the event loop. One that cannot be read so becomes a
 * document, for which the limit of such files holds.
 * @param table name of the array of tables
 */
export async function tomlEntriesInTurns(
  file: AnalyzedFile,
  table: string,
  wanted: DocumentShape,
): Promise<{ readonly value: TomlEntries } | { readonly problem: Diagnostic }> {
  const bytes = await file.bytes();
  const tooMany = tooManyValuesByEntries(file, bytes, "toml");
  if (tooMany !== undefined) return { problem: tooMany };
  return readStepsOrReport(file, tomlEntriesSteps(bytes, table, wanted, file.limits.maxLockFileBytes));
}
