import { callbackFailed } from "@plimsoll/model";
import type { ScanListener } from "@plimsoll/model";

/**
 * Does some work that tells a listener what happens. The work goes on when the listener throws, since what it does may be shared; its result
 * is then a ScanError `callback-failed`, with the first error as the cause.
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
