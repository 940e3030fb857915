/**
 * The main section of a `MANIFEST.MF` (JAR File Specification): names in lower case, continuation lines joined. What only
 * the first section of a package states, as older build scripts do, follows with that section's `name`.
 */
export function parseManifest(text: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  let name = "";
  let parts: string[] = [];
  let sections = 0;
  function finish(): void {
    if (name !== "" && !attributes.has(name)) attributes.set(name, parts.join("").trim());
    name = "";
  }
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (line.startsWith(" ")) {
      parts.push(line.slice(1));
      continue;
    }
    // A blank line ends the main section; before its first attribute it is a slip that does no harm.
    if (line === "") {
      if (name === "") continue;
      finish();
      if (++sections === 2) break;
      continue;
    }
    finish();
    const colon = line.indexOf(":");
    name = colon === -1 ? "" : line.slice(0, colon).trim().toLowerCase();
    parts = [line.slice(colon + 1)];
  }
  finish();
  return attributes;
}
