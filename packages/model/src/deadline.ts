/**
 * A signal that aborts when so many milliseconds have passed, with a `TimeoutError`, or as soon as one of the others does. In place of
 * `AbortSignal.any` with an `AbortSignal.timeout`: Node 20 forgets a timeout that nothing but the combined signal listens to as soon as
 * garbage is collected, and then it never aborts (https://github.com/nodejs/node/issues/54614).
 */
export function signalAfter(milliseconds: number, ...others: readonly (AbortSignal | undefined)[]): AbortSignal {
  const timeout = AbortSignal.timeout(milliseconds);
  // Whoever is listened to is kept until it has fired.
  timeout.addEventListener("abort", () => undefined, { once: true });
  const given = others.filter((signal) => signal !== undefined);
  return given.length === 0 ? timeout : AbortSignal.any([...given, timeout]);
}
