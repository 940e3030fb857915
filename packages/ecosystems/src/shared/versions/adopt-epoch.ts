/**
 * `version` with the epoch of `bound` where it has none of its own. Some feeds and many SBOMs drop epochs; a missing one then means
 * "not stated", not the 0 that dpkg and rpm take it for.
 */
export function adoptEpoch(version: string, bound: string): string {
  const epoch = /^\d+:/.exec(bound)?.[0];
  return epoch === undefined || /^\d+:/.test(version) ? version : epoch + version;
}
