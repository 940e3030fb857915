/** The name under which an index and advisories know a project (https://packaging.python.org/en/latest/specifications/name-normalization/). */
export function normalizeName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}
