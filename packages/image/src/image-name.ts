/** The names that Docker's default registry goes by in front of an image's name. */
const defaultPrefix = /^(?:index\.)?docker\.io\/(?:library\/)?/;

/**
 * Whether a name in an archive is the one that was asked for: in full, without the default registry, without `:latest`,
 * or by its tag alone.
 */
export function isSameName(candidate: string, wanted: string): boolean {
  if (candidate === wanted || canonical(candidate) === canonical(wanted)) return true;
  return !wanted.includes("/") && !wanted.includes(":") && tagOf(candidate) === wanted;
}

function canonical(name: string): string {
  const short = name.replace(defaultPrefix, "");
  return tagOf(short) === undefined && !short.includes("@") ? `${short}:latest` : short;
}

function tagOf(name: string): string | undefined {
  const colon = name.lastIndexOf(":");
  return colon > name.lastIndexOf("/") ? name.slice(colon + 1) : undefined;
}
