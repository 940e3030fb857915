import { decompress, FormatError } from "@plimsoll/formats";
import type { AdvisoryFeed, ByteStream, CallOptions, FeedDocument, FeedRecord } from "@plimsoll/model";
import { malformed } from "../shared/document-text.ts";

/** FIRST's Exploit Prediction Scoring System (EPSS) as CSV, plain or gzipped: https://www.first.org/epss/data_stats. */
export const epss: AdvisoryFeed = {
  id: "epss",
  accepts: (name) => /(?:^|\/)epss[^/]*\.csv(?:\.gz)?$/.test(name),
  parse,
};

/** Longer than any line of the format; a file without line ends is not collected. */
const maxLineLength = 4096;

async function* parse(document: FeedDocument, options: CallOptions = {}): AsyncGenerator<FeedRecord> {
  let date = "";
  let number = 0;
  try {
    for await (const line of lines(decompress(document.content), options)) {
      number++;
      date = /^#.*\bscore_date:(\d{4}-\d\d-\d\d)/.exec(line)?.[1] ?? date;
      if (line === "" || line.startsWith("#") || line.startsWith("cve,")) continue;
      yield readLine(line, date) ?? malformed(`${document.name}#${number}`, "not cve,epss,percentile");
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    yield malformed(document.name, error);
  }
}

function readLine(line: string, date: string): FeedRecord | undefined {
  const [, cve, probability, percentile] = /^(CVE-\d{4}-\d{4,}),([\d.eE+-]+),([\d.eE+-]+)$/.exec(line) ?? [];
  if (cve === undefined || date === "") return undefined;
  const scores = { probability: Number(probability), percentile: Number(percentile), date };
  return isShare(scores.probability) && isShare(scores.percentile)
    ? { kind: "enrichment", cve, enrichment: { epss: scores } }
    : undefined;
}

function isShare(value: number): boolean {
  return value >= 0 && value <= 1;
}

async function* lines(content: ByteStream, options: CallOptions): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of content) {
    options.signal?.throwIfAborted();
    const parts = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    rest = parts.pop() ?? "";
    if (rest.length > maxLineLength) throw new FormatError("epss", "limit-exceeded", "a line is too long");
    yield* parts;
  }
  rest += decoder.decode();
  if (rest !== "") yield rest.replace(/\r$/, "");
}
