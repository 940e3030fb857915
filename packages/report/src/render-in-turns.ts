import { textInTurns } from "@plimsoll/model";
import type { Report, Reporter, ReportSet } from "@plimsoll/model";
import { renderReports } from "./render-set.ts";

/**
 * The text that a reporter writes, put together with turns of the event loop for others in between: for servers. A template is rendered at once.
 * @throws ScanError as `renderReports` does, in the promise.
 */
export async function renderInTurns(reporter: Reporter, reports: Report | ReportSet): Promise<string> {
  const parts: string[] = [];
  for await (const part of textInTurns(renderReports(reporter, reports))) parts.push(part);
  return parts.join("");
}
