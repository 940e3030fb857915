/** The ecosystem without its release: `Alpine` of `Alpine:v3.20`. */
export function ecosystemBase(namespace: string): string {
  const colon = namespace.indexOf(":");
  return colon < 0 ? namespace : namespace.slice(0, colon);
}

/**
 * A package name as look-up keys spell it: where a registry treats several spellings as one name, the canonical one.
 * PyPI: PEP 503. NuGet, Packagist and GitHub: names are case-insensitive. All others: as published.
 */
export function canonicalName(namespace: string, name: string): string {
  switch (ecosystemBase(namespace)) {
    case "PyPI":
      return name.toLowerCase().replaceAll(/[-_.]+/g, "-");
    case "GitHub Actions":
    case "NuGet":
    case "Packagist":
      return name.toLowerCase();
    default:
      return name;
  }
}
