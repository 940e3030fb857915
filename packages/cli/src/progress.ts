import type { ScanEvent, ScanListener } from "@plimsoll/model";
import type { AdvisoriesFetched } from "@plimsoll/node";
import type { Terminal } from "./command-line.ts";

/** Shows the progress of a scan in one line of a terminal, which is erased at the end. */
export interface Progress {
  readonly onEvent: ScanListener | undefined;
  /** Shows the number of advisories in the database. */
  advisories(count: number): void;
  /** Shows that advisories are being fetched; the first time, and where no progress is drawn, in a line that stays. */
  fetching(fetched: AdvisoriesFetched): void;
  /** Shows any other text. */
  say(text: string): void;
  end(): void;
}

/** For so many milliseconds no estimate is shown: it would be a guess. */
const minMillisecondsForEstimate = 2_000;
const minShareForEstimate = 0.05;

/** Milliseconds between two drawings. */
const millisecondsPerFrame = 100;

/** Progress on stderr, if that is a terminal and `wanted` is set. `clock`: milliseconds. */
export function progress(terminal: Terminal, wanted: boolean, clock: () => number = () => performance.now()): Progress {
  if (!wanted || terminal.stderr.isTTY !== true) return undrawn(terminal, wanted);
  let last = "";
  let drawnAt = -Infinity;
  const draw = (text: string): void => {
    // What is longer than the line would wrap, and the first part of it would stay.
    const shown = text.slice(0, Math.max(20, (terminal.stderr.columns ?? 100) - 1));
    if (shown !== last) terminal.stderr.write(`\r\u001b[K${shown}`);
    last = shown;
    drawnAt = clock();
  };
  const reading = new Reading(clock);
  let advisories = 0;
  return {
    onEvent: (event) => {
      reading.take(event);
      if (event.kind === "inventory-taken")
        draw(`Matching ${event.packages.length} packages${withAdvisories(advisories)} …`);
      else if (event.kind === "matched") draw("");
      else if (event.kind !== "package-found" || clock() - drawnAt > millisecondsPerFrame) draw(reading.describe());
    },
    advisories: (count) => {
      advisories = count;
      if (last.startsWith("Matching")) draw(last.replace(/ packages.*/, ` packages${withAdvisories(count)} …`));
    },
    fetching: ({ ecosystems, bytes, total }) => {
      if (bytes === 0 || clock() - drawnAt > millisecondsPerFrame)
        draw(`Fetching advisories${forEcosystems(ecosystems)}${transferred(bytes, total)} …`);
    },
    say: draw,
    end: () => draw(""),
  };
}

/** Where nothing can be drawn over, only what takes long and comes once is told. */
function undrawn(terminal: Terminal, wanted: boolean): Progress {
  return {
    onEvent: undefined,
    advisories: () => undefined,
    fetching: ({ ecosystems, bytes }) => {
      if (wanted && bytes === 0) terminal.stderr.write(`Fetching advisories${forEcosystems(ecosystems)} …\n`);
    },
    say: () => undefined,
    end: () => undefined,
  };
}

function forEcosystems(ecosystems: readonly string[]): string {
  return ecosystems.length === 0 ? "" : ` for ${ecosystems.join(", ")}`;
}

function transferred(bytes: number, total: number | undefined): string {
  if (bytes === 0) return "";
  return `: ${megabytes(bytes)}${total === undefined ? "" : ` of ${megabytes(total)}`} MB`;
}

/** Shows the progress of a download. */
export interface DownloadProgress {
  readonly onBytes: ((address: string, bytes: number, total?: number) => void) | undefined;
  end(): void;
}

/** Progress of downloads on stderr; see {@link progress}. */
export function downloadProgress(terminal: Terminal, wanted: boolean): DownloadProgress {
  const drawn = progress(terminal, wanted);
  if (drawn.onEvent === undefined) return { onBytes: undefined, end: () => undefined };
  return {
    onBytes: (address, bytes, total) => drawn.say(`Fetching ${address}${transferred(bytes, total)} …`),
    end: drawn.end,
  };
}

function withAdvisories(count: number): string {
  return count === 0 ? "" : ` with ${count} advisories`;
}

/** What is known of the layers while they are read. */
class Reading {
  readonly #clock: () => number;
  #startedAt = 0;
  #layers = 0;
  #bytes = 0;
  #done = 0;
  #packages = 0;
  /** Stored bytes of layers that are done. */
  #doneBytes = 0;
  /** Uncompressed bytes of layers that are done, for what a stored byte becomes. */
  #doneExpanded = 0;
  /** The layers that are being read, by index. */
  readonly #open = new Map<number, { readonly size: number; expanded: number }>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  take(event: ScanEvent): void {
    switch (event.kind) {
      case "image-opened":
        this.#startedAt = this.#clock();
        this.#layers = event.layers;
        this.#bytes = event.bytes;
        break;
      case "layer-started":
        this.#open.set(event.index, { size: event.size, expanded: 0 });
        break;
      case "layer-progress": {
        const layer = this.#open.get(event.index);
        if (layer !== undefined) layer.expanded = event.bytes;
        break;
      }
      case "layer-cached":
        this.#done += 1;
        this.#doneBytes += event.size;
        break;
      case "layer-read": {
        const layer = this.#open.get(event.index);
        this.#open.delete(event.index);
        this.#done += 1;
        this.#doneBytes += layer?.size ?? 0;
        this.#doneExpanded += layer?.expanded ?? 0;
        break;
      }
      case "package-found":
        this.#packages += 1;
        break;
    }
  }

  describe(): string {
    const bytes = `${megabytes(this.#readBytes())} of ${megabytes(this.#bytes)} MB`;
    const left = this.#millisecondsLeft();
    return [
      `Reading layer ${Math.min(this.#done + 1, this.#layers)} of ${this.#layers}`,
      bytes,
      `${this.#packages} packages so far`,
      ...(left === undefined ? [] : [`about ${Math.ceil(left / 1000)} s left`]),
    ].join(", ");
  }

  /** Stored bytes; of a layer that is being read, as many as its expanded ones probably were. */
  #readBytes(): number {
    const expansion =
      this.#doneExpanded > this.#doneBytes && this.#doneBytes > 0 ? this.#doneExpanded / this.#doneBytes : 2;
    const open = [...this.#open.values()].map(({ size, expanded }) => Math.min(size, expanded / expansion));
    return open.reduce((sum, part) => sum + part, this.#doneBytes);
  }

  #millisecondsLeft(): number | undefined {
    const share = this.#bytes === 0 ? 0 : this.#readBytes() / this.#bytes;
    const spent = this.#clock() - this.#startedAt;
    if (spent < minMillisecondsForEstimate || share < minShareForEstimate) return undefined;
    return (spent / share) * (1 - Math.min(1, share));
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(bytes < 100_000_000 ? 1 : 0);
}
