import type { Report, ScanEvent, ScanListener } from "@plimsoll/model";

/** An item of a followed scan: an event, or at the end the report. */
export type ScanProgress = ScanEvent | { readonly kind: "report"; readonly report: Report };

/** The part of scan options that following a scan takes over. */
interface Followable {
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ScanListener | undefined;
}

/**
 * Turns a scan with a listener into an async iterable of its events, followed by the report. Leaving the loop early aborts the scan; an error of
 * the scan is thrown by the loop. Events are queued for a slow reader; none is lost.
 */
export async function* followScan<Options extends Followable>(
  scan: (options: Options) => Promise<Report>,
  options: Options,
): AsyncGenerator<ScanProgress, void, undefined> {
  const left = new AbortController();
  const waiting: ScanProgress[] = [];
  let wake: (() => void) | undefined;
  let outcome: { readonly report: Report } | { readonly error: unknown } | undefined;
  const running = scan({
    ...options,
    signal: options.signal === undefined ? left.signal : AbortSignal.any([options.signal, left.signal]),
    onEvent: (event) => {
      options.onEvent?.(event);
      waiting.push(event);
      wake?.();
    },
  }).then(
    (report) => void (outcome = { report }),
    (error: unknown) => void (outcome = { error }),
  );
  void running.then(() => wake?.());
  try {
    for (;;) {
      for (let event = waiting.shift(); event !== undefined; event = waiting.shift()) yield event;
      if (outcome !== undefined) break;
      await new Promise<void>((resolve) => (wake = resolve));
    }
    if ("error" in outcome) throw outcome.error;
    yield { kind: "report", report: outcome.report };
  } finally {
    left.abort(new Error("Nobody follows the scan any more"));
    await running;
  }
}
