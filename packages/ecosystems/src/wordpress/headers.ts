import { applicationCpe } from "@plimsoll/formats";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import type { AnalyzedFile, FileAnalyzer, FoundPackage } from "@plimsoll/model";

/** WordPress reads headers from this much of a file, too (`get_file_data`). */
const headerBytes = 8_192;

/**
 * Plugins and themes by their header comment
 * (https://developer.wordpress.org/plugins/plugin-basics/header-requirements/), and WordPress itself by `wp-includes/version.php`.
 */
export const wordpressHeaders: FileAnalyzer = {
  kind: "file",
  id: "wordpress/headers",
  revision: 2,
  matches: [{ suffix: ".php" }, { basename: "style.css" }],
  async *analyze(file) {
    const kind = kindOf(file.path);
    if (kind === undefined) return;
    const found = (kind === "core" ? coreOf : headerOf)(await beginning(file), file.path, kind);
    if (found === undefined) return;
    if (found.version !== "") yield { kind: "package", package: found };
    else
      yield {
        ...malformedFile(file, `the ${kind} ${found.name.slice(0, 200)} states no version`),
        code: "unknown-version",
        effect: "none",
      };
  },
};

type Kind = "core" | "plugin" | "theme";

function kindOf(path: string): Kind | undefined {
  if (/(?:^|\/)wp-includes\/version\.php$/.test(path)) return "core";
  if (/(?:^|\/)wp-content\/(?:mu-)?plugins\/(?:[^/]+\/)?[^/]+\.php$/.test(path)) return "plugin";
  return /(?:^|\/)wp-content\/themes\/[^/]+\/style\.css$/.test(path) ? "theme" : undefined;
}

async function beginning(file: AnalyzedFile): Promise<string> {
  const head = new Uint8Array(headerBytes);
  let size = 0;
  for await (const chunk of file.stream()) {
    head.set(chunk.subarray(0, headerBytes - size), size);
    size += Math.min(chunk.length, headerBytes - size);
    if (size === headerBytes) break;
  }
  return new TextDecoder().decode(head.subarray(0, size));
}

function coreOf(text: string): FoundPackage | undefined {
  const [, version] = /^[ \t]*\$wp_version\s*=\s*'([^']{1,64})'/m.exec(text) ?? [];
  if (version === undefined) return undefined;
  return {
    name: "wordpress",
    version,
    cpes: [applicationCpe("wordpress", "wordpress", version)],
    facts: { kind: "core" },
  };
}

function headerOf(text: string, path: string, kind: Kind): FoundPackage | undefined {
  const title = header(text, kind === "theme" ? "Theme Name" : "Plugin Name");
  const version = header(text, "Version") ?? "";
  if (title === undefined) return undefined;
  const author = header(text, "Author");
  const license = header(text, "License");
  // A child theme builds on another.
  const parent = kind === "theme" ? header(text, "Template") : undefined;
  return {
    name: header(text, "Text Domain") ?? directoryOf(path),
    version,
    ...(license === undefined ? {} : { licenses: [license] }),
    ...(author === undefined ? {} : { supplier: author }),
    ...(parent === undefined ? {} : { dependsOn: [parent] }),
    facts: { kind, title },
  };
}

/** The directory is the name in the plugin directory; a plugin of one file has that of the file. */
function directoryOf(path: string): string {
  const [directory = "", base = ""] = path.split("/").slice(-2);
  return directory.endsWith("plugins") ? base.replace(/\.php$/, "") : directory;
}

function header(text: string, name: string): string | undefined {
  for (const line of text.split(/[\r\n]+/)) {
    const content = line.replace(/^[\s*#@/]+/, "");
    if (!content.toLowerCase().startsWith(`${name.toLowerCase()}:`)) continue;
    const value = content
      .slice(name.length + 1)
      .replace(/(?:\*\/|\?>).*$/s, "")
      .trim();
    if (value !== "") return value.slice(0, 256);
  }
  return undefined;
}
