/** Major, minor and patch of a cluster's version: `v1.27.6+k3s1` as `[1, 27, 6]`. Undefined: it is none. */
export function parseVersion(text: string): readonly [number, number, number] | undefined {
  const match = /^v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?/.exec(text);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3] ?? "0")];
}

/** Whether a version is as high as another one, or higher. */
export function atLeast(version: readonly [number, number, number], least: string): boolean {
  const other = parseVersion(least) ?? [0, 0, 0];
  for (const [index, part] of version.entries()) {
    const wanted = other[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}
