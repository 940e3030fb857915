import { workDone } from "@plimsoll/model";
import type { Report, Reporter, ReportSet } from "@plimsoll/model";
import { renderReports } from "./render-set.ts";

/** To write a piece takes about as long as looking at its characters so many times, and at so many bytes more. */
const timesToWrite = 2;
const bytesPerPiece = 512;

/**
 * The text that a reporter writes, put together with turns of the event loop for others in between: for servers. What a format works out
 * before its first piece is worked out at once: for a CycloneDX document of 10,000 packages some tenths of a second.
 * @throws ScanError as `renderReports` does, in the promise.
 */
export async function renderInTurns(reporter: Reporter, reports: Report | ReportSet): Promise<string> {
  const pieces: string[] = [];
  for (const piece of renderReports(reporter, reports)) {
    pieces.push(piece);
    // To wait for nothing takes its time, too.
    const turn = workDone(bytesPerPiece + piece.length * timesToWrite);
    if (turn !== undefined) await turn;
  }
  return pieces.join("");
}
