import type { FileAnalyzer } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";

/**
 * `.registry/**.reg` of PEAR and PECL, one for each installed package: an array as PHP's `serialize` writes it
 * (https://www.php.net/manual/function.serialize.php). Lengths are not followed: the few fields that matter are found by name.
 */
export const pearRegistry: FileAnalyzer = {
  kind: "file",
  id: "pear/registry",
  revision: 1,
  matches: [{ suffix: ".reg" }],
  maxBytes: 16 * 1024 * 1024,
  async *analyze(file) {
    if (!/(?:^|\/)\.registry\/(?:[^/]+\/)*[^/]+\.reg$/.test(file.path)) return;
    const text = await file.text();
    const name = fieldOf(text, "name");
    const version =
      /"version";a:\d+:\{s:\d+:"release";s:\d+:"([^"]{1,64})"/.exec(text)?.[1] ?? fieldOf(text, "version");
    if (name === undefined || version === undefined) return yield malformedFile(file, "states no name or no version");
    const license =
      /"license";a:\d+:\{[^}]{0,500}\}s:\d+:"_content";s:\d+:"([^"]{1,200})"/.exec(text)?.[1] ??
      fieldOf(text, "license");
    const channel = fieldOf(text, "channel");
    yield {
      kind: "package",
      package: {
        name,
        version,
        ...(license === undefined ? {} : { licenses: [license] }),
        ...(channel === undefined ? {} : { facts: { channel } }),
      },
    };
  },
};

/** The first text under a name; the outermost array comes first. */
function fieldOf(text: string, name: string): string | undefined {
  const at = text.indexOf(`"${name}";s:`);
  return at === -1 ? undefined : /^"[a-z]+";s:\d+:"([^"]{1,200})"/.exec(text.slice(at, at + 400))?.[1];
}
