/** What the file name of a source package says. */
export interface SourceRpm {
  readonly name: string;
  /** `version-release`. */
  readonly version: string;
}

/** Splits `name-version-release.src.rpm` from the right, since names hold hyphens; undefined when it is none. */
export function parseSourceRpm(fileName: string): SourceRpm | undefined {
  const whole = fileName.replace(/\.(?:no)?src\.rpm$/, "");
  const release = whole.lastIndexOf("-");
  const version = whole.lastIndexOf("-", release - 1);
  if (whole === fileName || version <= 0 || release === whole.length - 1) return undefined;
  return { name: whole.slice(0, version), version: whole.slice(version + 1) };
}
