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

/**
 * The names in a `Bundle-License` header (OSGi Core, "Bundle-License"): `name;link=…;description=…, name…`, each perhaps in quotes. A
 * name that is `<<EXTERNAL>>` stands for its link. What is no link and has no attributes is one name up to the end, since many write text
 * there.
 */
export function bundleLicenses(header: string): readonly string[] {
  const hasAttributes = /;\s*[\w-]+\s*:?=/.test(header);
  const names: string[] = [];
  // The name of a clause, then its attributes.
  let clause = [""];
  function finish(): void {
    const [name = "", ...attributes] = clause.map((part) => part.trim());
    const link = attributes.find((attribute) => /^link\s*:?=/.test(attribute)) ?? "";
    names.push(name === "<<EXTERNAL>>" ? link.slice(link.indexOf("=") + 1).trim() : name);
    clause = [""];
  }
  for (const [token, quoted] of header.matchAll(/"([^"]*)"|[^";,]+|[;,]/g)) {
    if (token === ";" && hasAttributes) clause.push("");
    else if (token === "," && (clause.length > 1 || isLink(clause[0]))) finish();
    else clause.push(`${clause.pop() ?? ""}${quoted ?? token}`);
  }
  finish();
  return [...new Set(names.filter((name) => name !== ""))];
}

function isLink(name: string | undefined): boolean {
  return /^\s*https?:\/\//i.test(name ?? "");
}
