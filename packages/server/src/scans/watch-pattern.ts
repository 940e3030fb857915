import { ScanError } from "@plimsoll/model";
import { parseReference } from "@plimsoll/registry";

/** Which images to watch. */
export interface WatchPattern {
  readonly registry: string;
  /** One repository; undefined: all that the registry lists and that match. */
  readonly repository: string | undefined;
  isRepository(name: string): boolean;
  isTag(tag: string): boolean;
}

/**
 * Reads `registry/repository[:tags]`, in which `*` stands for anything: `registry.example/team/*:1.*`.
 * @throws TypeError for text that is no such pattern.
 */
export function watchPattern(text: string): WatchPattern {
  const [, name = "", tags = "*"] = /^(.*?)(?::([A-Za-z0-9_.*-]{1,128}))?$/s.exec(text) ?? [];
  const slash = name.indexOf("/");
  // In front of a slash a port may stand, which is no tag.
  const [registry, repository] =
    name.includes("*") && slash > 0 ? [name.slice(0, slash), name.slice(slash + 1)] : plain(text, name);
  if (!/^[a-z0-9_.*/-]{1,255}$/.test(repository)) throw refusal(text, `"${repository}" names no repositories`);
  plain(text, `${registry}/any`);
  const [isRepository, isTag] = [wildcard(repository), wildcard(tags)];
  return { registry, repository: repository.includes("*") ? undefined : repository, isRepository, isTag };
}

function plain(text: string, name: string): readonly [registry: string, repository: string] {
  try {
    const { registry, repository } = parseReference(name);
    return [registry, repository];
  } catch (error) {
    if (error instanceof ScanError) throw refusal(text, error.message);
    throw error;
  }
}

function refusal(text: string, reason: string): TypeError {
  return new TypeError(`watch: "${text}" is no registry/repository[:tags]: ${reason}`);
}

/** Whether a text is what a pattern says; looks at each letter a bounded number of times. */
function wildcard(pattern: string): (text: string) => boolean {
  const parts = pattern.split("*");
  const [first = "", last = ""] = [parts[0], parts.at(-1)];
  if (parts.length === 1) return (text) => text === pattern;
  return (text) => {
    if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
    let at = first.length;
    const end = text.length - last.length;
    for (const part of parts.slice(1, -1)) {
      const found = text.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}
