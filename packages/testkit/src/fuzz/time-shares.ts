/**
 * Milliseconds that the next of so many targets gets of the time that is left: the same for each, so that what one did not use, and no more, is
 * there for the others. Never nothing: every target is tried.
 */
export function shareOf(left: number, targets: number): number {
  return Math.max(1, left / Math.max(1, targets));
}
