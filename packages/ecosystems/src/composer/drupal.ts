import { FormatError, parseYaml } from "@plimsoll/formats";
import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { ownValue, textOf } from "../shared/reading/untrusted.ts";

/**
 * Drupal, its modules, themes and profiles, by what drupal.org's packaging writes into their `*.info.yml` (Drupal 8 and later) and
 * `*.info` (7): `project` and `version`. Its Composer repository calls them `drupal/<project>`, and so do advisories; what comes with
 * Drupal is `drupal/core`. Sites that Composer built have them in their installed.json as well.
 */
export const drupalExtensions: FileAnalyzer = {
  kind: "file",
  id: "composer/drupal",
  revision: 1,
  matches: [{ suffix: ".info.yml" }, { suffix: ".info" }, { suffix: "core/lib/Drupal.php" }],
  maxBytes: 1024 * 1024,
  async *analyze(file): AsyncGenerator<Observation> {
    const text = await file.text();
    if (file.path.endsWith(".php")) {
      const version = /^[ \t]*const VERSION = '([^']{1,64})';/m.exec(text)?.[1];
      if (version !== undefined) yield packageOf("drupal", version, "core");
      return;
    }
    try {
      const fields = file.path.endsWith(".yml") ? yamlFields(text) : iniFields(text);
      const [project, version, type] = ["project", "version", "type"].map((name) => fields(name));
      // Files of other programs end so, too, and sources of Drupal have neither.
      if (project === undefined || fields("name") === undefined) return;
      if (version !== undefined && version !== "VERSION") yield packageOf(project, version, type ?? "module");
      else
        yield {
          ...malformedFile(file, `the project ${project.slice(0, 200)} states no version`),
          code: "unknown-version",
          effect: "none",
        };
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      if (/^(?:project|core_version_requirement):/m.test(text)) yield malformedFile(file, error.message);
    }
  },
};

type Fields = (name: string) => string | undefined;

function yamlFields(text: string): Fields {
  if (!/^['"]?project['"]?\s*:/m.test(text)) return () => undefined;
  const [document] = parseYaml(text);
  return (name) => textOf(ownValue(document, name));
}

/** `name = "Views"`. */
function iniFields(text: string): Fields {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, name, value] = line.length > 1_024 ? [] : (/^\s*(\w+)\s*=\s*"?([^"]*)"?\s*$/.exec(line) ?? []);
    if (name !== undefined && value !== undefined && value.trim() !== "" && !values.has(name))
      values.set(name, value.trim());
  }
  return (name) => values.get(name);
}

function packageOf(project: string, version: string, type: string): Observation {
  // `8.x-1.5` is 1.5.0 to Composer: the version of Drupal it is for comes first there.
  const [, own = version] = /^\d+\.x-(\d.*)$/.exec(version) ?? [];
  const plain = /^\d+\.\d+(?=$|-)/.test(own) ? own.replace(/^\d+\.\d+/, "$&.0") : own;
  return {
    kind: "package",
    package: {
      name: `drupal/${project === "drupal" ? "core" : project}`,
      version: plain,
      facts: { drupal: type, ...(plain === version ? {} : { stated: version }) },
    },
  };
}
