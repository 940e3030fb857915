import { parseXml } from "@plimsoll/formats";
import type { XmlDocument, XmlElement } from "@plimsoll/formats";
import type { AnalyzedFile, Diagnostic, RetainedFiles } from "@plimsoll/model";
import { readOrReport } from "../shared/reading/malformed-file.ts";
import { joinPath } from "../shared/reading/relative-path.ts";
import { tooManyValues } from "../shared/reading/value-limit.ts";
import { descendants } from "./xml-descendants.ts";

/** Bytes of a property file that is read only where another one imports it. */
export const maxImportedBytes: number = 1024 * 1024;
/** No version is longer; what is longer could be filled with a multiple of the file. */
export const maxVersionLength = 256;
/** Files that one project leads to; real ones lead to a handful. */
const maxImports = 100;
/** Files that are followed for all projects of a tree together. */
const maxFollowed = 100_000;

/** What MSBuild imports into every project below a directory, in this order; of each name the file that is nearest above. */
const automatic = ["Directory.Build.props", "Directory.Packages.props"] as const;

/** Properties by their names in lower case. Undefined: it has several values, and conditions decide, which are not evaluated. */
type Properties = Map<string, string | undefined>;

type Read = { readonly value: XmlDocument } | { readonly problem: Diagnostic };

/** The properties that hold in the project files of a tree. */
export class ProjectProperties {
  readonly #files: RetainedFiles;
  readonly #documents = new Map<string, Promise<Read>>();
  readonly #own = new Map<string, Properties>();
  readonly #scopes = new Map<string, Promise<readonly Properties[]>>();
  #followed = 0;

  constructor(files: RetainedFiles) {
    this.#files = files;
  }

  /** The document of a file, read once. */
  read(file: AnalyzedFile): Promise<Read> {
    const known = this.#documents.get(file.path) ?? readDocument(file);
    this.#documents.set(file.path, known);
    return known;
  }

  /**
   * Finds what holds at the end of a file, by names in lower case: its own in place of what it imports, and that in place of what holds in its
   * directory.
   */
  async of(path: string): Promise<(name: string) => string | undefined> {
    const directory = path.slice(0, path.lastIndexOf("/") + 1);
    // Not put together: many projects may share a large file.
    const layers = [...(await this.#scopeOf(directory))];
    await this.#add(path, layers, new Set());
    return (name) => layers.findLast((layer) => layer.has(name))?.get(name);
  }

  /** What holds in each project of a directory, the one that counts most last. */
  #scopeOf(directory: string): Promise<readonly Properties[]> {
    const known = this.#scopes.get(directory) ?? this.#readScope(directory);
    this.#scopes.set(directory, known);
    return known;
  }

  async #readScope(directory: string): Promise<readonly Properties[]> {
    const layers: Properties[] = [];
    for (const name of automatic) {
      const path = this.#nearest(directory, name);
      if (path !== undefined) await this.#add(path, layers, new Set());
    }
    return layers;
  }

  #nearest(directory: string, name: string): string | undefined {
    for (let at = directory; ; at = at.slice(0, at.lastIndexOf("/", at.length - 2) + 1)) {
      if (this.#files.get(at + name) !== undefined) return at + name;
      if (at === "") return undefined;
    }
  }

  /** Adds what a file imports, then what it sets itself. */
  async #add(path: string, layers: Properties[], seen: Set<string>): Promise<void> {
    const file = this.#files.get(path);
    if (file === undefined || seen.has(path) || seen.size >= maxImports || ++this.#followed > maxFollowed) return;
    seen.add(path);
    const read = await this.read(file);
    if ("problem" in read) return;
    const { root } = read.value;
    for (const element of descendants(root)) {
      const imported =
        element.name === "Import" ? this.#imported(path, element.attributes.get("Project") ?? "") : undefined;
      if (imported !== undefined) await this.#add(imported, layers, seen);
    }
    const own = this.#own.get(path) ?? propertiesOf(root);
    this.#own.set(path, own);
    layers.push(own);
  }

  /** `..\eng\Versions.props`, also behind `$(MSBuildThisFileDirectory)`, and the usual function for the next file above. */
  #imported(path: string, project: string): string | undefined {
    const above = /GetPathOfFileAbove\(\s*'?(Directory\.\w{1,40}\.props)\b/.exec(project.slice(0, 1_024))?.[1];
    if (above !== undefined) return this.#nearest(joinPath(path, "..").replace(/(?<=.)$/, "/"), above);
    const relative = project.trim().replace(/^\$\(MSBuildThisFileDirectory\)/i, "");
    return relative === "" || relative.length > 1_024 || /[$*%]/.test(relative) ? undefined : joinPath(path, relative);
  }
}

async function readDocument(file: AnalyzedFile): Promise<Read> {
  const text = await file.text();
  const tooMany = tooManyValues(file, text, "xml");
  return tooMany === undefined ? readOrReport(file, () => parseXml(text)) : { problem: tooMany };
}

/** Those that the file itself gives one value, whatever the conditions say. */
function propertiesOf(root: XmlElement): Properties {
  const properties: Properties = new Map();
  for (const group of descendants(root)) {
    if (group.name !== "PropertyGroup") continue;
    for (const { name, text } of group.children) {
      const [key, value] = [name.toLowerCase(), text.trim()];
      const isFit = value.length <= maxVersionLength && (properties.has(key) ? properties.get(key) === value : true);
      properties.set(key, isFit ? value : undefined);
    }
  }
  return properties;
}
