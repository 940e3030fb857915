import type { ScanEvent, ScanListener } from "@plimsoll/model";
import type { Terminal } from "./command-line.ts";

/** Draws what a scan is doing in one line of a terminal, and wipes it away at the end. */
export interface Progress {
  readonly onEvent: ScanListener | undefined;
  end(): void;
}

/** Progress on stderr, where that is a terminal and nobody asked for silence. */
export function progress(terminal: Terminal, wanted: boolean): Progress {
  if (!wanted || terminal.stderr.isTTY !== true) return { onEvent: undefined, end: () => undefined };
  let layers = 0;
  let done = 0;
  let packages = 0;
  let last = "";
  const draw = (text: string): void => {
    if (text !== last) terminal.stderr.write(`\r\u001b[K${text}`);
    last = text;
  };
  return {
    onEvent: (event: ScanEvent) => {
      if (event.kind === "image-opened") layers = event.layers;
      else if (event.kind === "layer-read" || event.kind === "layer-cached") done += 1;
      else if (event.kind === "package-found") packages += 1;
      else if (event.kind === "inventory-taken") return draw(`Matching ${event.packages.length} packages …`);
      else if (event.kind === "matched") return draw("");
      const bytes =
        event.kind === "layer-progress" ? `, ${Math.round(event.bytes / 1_048_576)} MiB of layer ${event.index}` : "";
      draw(`Reading layer ${Math.min(done + 1, layers)} of ${layers}${bytes}, ${packages} packages so far …`);
    },
    end: () => draw(""),
  };
}

/** Draws how much of a download has arrived. */
export interface DownloadProgress {
  readonly onBytes: ((address: string, bytes: number, total?: number) => void) | undefined;
  end(): void;
}

/** The same for downloads. */
export function downloadProgress(terminal: Terminal, wanted: boolean): DownloadProgress {
  if (!wanted || terminal.stderr.isTTY !== true) return { onBytes: undefined, end: () => undefined };
  let last = "";
  const draw = (text: string): void => {
    if (text !== last) terminal.stderr.write(`\r\u001b[K${text}`);
    last = text;
  };
  const mebibytes = (bytes: number): string => (bytes / 1_048_576).toFixed(1);
  return {
    onBytes: (address, bytes, total) =>
      draw(`Fetching ${address}: ${mebibytes(bytes)}${total === undefined ? "" : ` of ${mebibytes(total)}`} MiB …`),
    end: () => draw(""),
  };
}
