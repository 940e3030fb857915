import { jsonEntries } from "@plimsoll/formats";
import type { JsonEntry } from "@plimsoll/formats";
import { workDone } from "@plimsoll/model";

/** To read an entry takes about as long as looking at its bytes so many times. */
const timesToRead = 4;

/** The entries of a JSON text (see `jsonEntries`), read in turns of the event loop. */
export async function* jsonEntriesInTurns(
  ...text: Parameters<typeof jsonEntries>
): AsyncGenerator<JsonEntry, void, undefined> {
  let at = 0;
  for (const entry of jsonEntries(...text)) {
    // To wait for nothing takes its time, too.
    const turn = workDone((entry.end - at) * timesToRead);
    if (turn !== undefined) await turn;
    at = entry.end;
    yield entry;
  }
}
