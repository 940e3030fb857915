/** Whether a disk was full, by the errors of the last minute. */
export interface DiskHealth {
  /** Records an error if it says that a disk is full. */
  note(error: unknown): void;
  /** Whether a write failed in the last minute because a disk was full. */
  isFull(): boolean;
}

/** Milliseconds for which a full disk is told of after it was met with: whoever retries meets with it again. */
const remembered = 60_000;

/** What PostgreSQL, the embedded one too, and file systems call a disk that is full, or a quota that is used up. */
const codes: ReadonlySet<unknown> = new Set(["53100", "ENOSPC", "EDQUOT"]);

/** How many causes of an error are looked at. */
const maxCauses = 10;

/** Whether an error, or one of its causes, says that a disk is full. */
export function isDiskFull(error: unknown): boolean {
  let cause = error;
  for (let depth = 0; depth < maxCauses && cause instanceof Error; depth++, cause = cause.cause)
    if ("code" in cause && codes.has(cause.code)) return true;
  return false;
}

/** @param clock A monotonic clock in milliseconds. */
export function diskHealth(clock: () => number = () => performance.now()): DiskHealth {
  let met: number | undefined;
  return {
    note(error) {
      if (isDiskFull(error)) met = clock();
    },
    isFull: () => met !== undefined && clock() - met < remembered,
  };
}
