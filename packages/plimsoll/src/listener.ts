import { callbackFailed } from "@plimsoll/model";
import type { ScanListener } from "@plimsoll/model";

/**
 * Runs work that reports events to a listener. The work continues when the listener throws, because its results may be shared; it then rejects with
 * a ScanError `callback-failed`, with the first error as the cause.
 */
export async function heardBy<T>(
  listener: ScanListener | undefined,
  work: (listener: ScanListener | undefined) => Promise<T>,
): Promise<T> {
  if (listener === undefined) return work(undefined);
  let failed: { readonly error: unknown } | undefined;
  const result = await work((event) => {
    if (failed !== undefined) return;
    try {
      listener(event);
    } catch (error) {
      failed = { error };
    }
  });
  if (failed !== undefined) throw callbackFailed("The listener onEvent", failed.error);
  return result;
}
