import { xmlSteps } from "@plimsoll/formats";
import type { XmlDocument, XmlElement } from "@plimsoll/formats";
import type { AnalyzedFile, Diagnostic, RetainedFiles } from "@plimsoll/model";
import { joinPath } from "../shared/reading/relative-path.ts";
import { readValueStepsOrReport } from "../shared/reading/value-limit.ts";
import { descendants } from "./xml-descendants.ts";

/** Bytes of a property file that is read only where another one imports it. */
export const maxImportedBytes: number = 1024 * 1024;
/** No version is longer; what is longer could be filled with a multiple of the file. */
export const maxVersionLength = 256;
/** Files that one project leads to; real ones lead to a handful. */
const maxImports = 100;
/** Directories above a project in which is looked. */
const maxLevels = 64;
/** Files that are followed for all projects of a tree together. */
const maxFollowed = 100_000;

/** What MSBuild imports into every project below a directory, in this order; of each name the file that is nearest above. */
const automatic = ["Directory.Build.props", "Directory.Packages.props"] as const;

/** Properties by their names in lower case. Undefined: it has several values, and conditions decide, which are not evaluated. */
type Properties = Map<string, string | undefined>;

/** What is kept of a file: documents are much larger. */
interface Summary {
  readonly own: Properties;
  /** Paths. */
  readonly imports: readonly string[];
}

/** The properties that hold in the project files of a tree. */
export class ProjectProperties {
  readonly #files: RetainedFiles;
  readonly #summaries = new Map<string, Summary>();
  readonly #scopes = new Map<string, Promise<readonly Properties[]>>();
  #followed = 0;
  #isCut = false;

  /** Whether there were more imports than are followed, so that properties may be missing. */
  get isCut(): boolean {
    return this.#isCut;
  }

  constructor(files: RetainedFiles) {
    this.#files = files;
  }

  /** Notes what a file sets and imports, for whoever has read it. */
  note(path: string, root: XmlElement): Summary {
    const imports: string[] = [];
    for (const element of descendants(root)) {
      if (element.name !== "Import") continue;
      const imported = this.#imported(path, element.attributes.get("Project") ?? "");
      if (imported === undefined || this.#files.get(imported) === undefined) continue;
      if (imports.length < maxImports) imports.push(imported);
      else this.#isCut = true;
    }
    const summary = { own: propertiesOf(root), imports };
    this.#summaries.set(path, summary);
    return summary;
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
    let at = directory;
    for (let level = 0; level < maxLevels; level++) {
      if (this.#files.get(at + name) !== undefined) return at + name;
      if (at === "") return undefined;
      at = at.slice(0, at.lastIndexOf("/", at.length - 2) + 1);
    }
    return undefined;
  }

  /** Adds what a file imports, then what it sets itself. */
  async #add(path: string, layers: Properties[], seen: Set<string>): Promise<void> {
    if (seen.has(path)) return;
    if (seen.size >= maxImports || ++this.#followed > maxFollowed) {
      this.#isCut = true;
      return;
    }
    seen.add(path);
    const summary = this.#summaries.get(path) ?? (await this.#summarize(path));
    if (summary === undefined) return;
    for (const imported of summary.imports) await this.#add(imported, layers, seen);
    layers.push(summary.own);
  }

  async #summarize(path: string): Promise<Summary | undefined> {
    const file = this.#files.get(path);
    if (file === undefined) return undefined;
    const read = await readProject(file);
    if (!("problem" in read)) return this.note(path, read.value.root);
    // What cannot be read is not read again for each directory below.
    const nothing: Summary = { own: new Map(), imports: [] };
    this.#summaries.set(path, nothing);
    return nothing;
  }

  /** `..\eng\Versions.props`, also behind `$(MSBuildThisFileDirectory)`, and the usual function for the next file above. */
  #imported(path: string, project: string): string | undefined {
    const above = /GetPathOfFileAbove\(\s*'?(Directory\.\w{1,40}\.props)\b/.exec(project.slice(0, 1_024))?.[1];
    if (above !== undefined) return this.#nearest(joinPath(path, "..").replace(/(?<=.)$/, "/"), above);
    const relative = project.trim().replace(/^\$\(MSBuildThisFileDirectory\)/i, "");
    return relative === "" || relative.length > 1_024 || /[$*%]/.test(relative) ? undefined : joinPath(path, relative);
  }
}

/** A project or property file, or why it cannot be read. */
export async function readProject(
  file: AnalyzedFile,
): Promise<{ readonly value: XmlDocument } | { readonly problem: Diagnostic }> {
  return readValueStepsOrReport(file, await file.text(), "xml", xmlSteps);
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
