/** Whether a location is a PostgreSQL server. */
export function isServer(location: string): boolean {
  return /^postgres(ql)?:\/\//.test(location);
}

/** The directory of an embedded database; undefined: it is in memory, or on a server. */
export function embeddedDirectory(location: string): string | undefined {
  return isServer(location) || location === "memory:" ? undefined : location.replace(/^file:(\/\/)?/, "");
}
