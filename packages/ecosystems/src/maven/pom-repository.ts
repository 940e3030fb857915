import { readValueStepsOrReport } from "../shared/reading/value-limit.ts";
import { xmlSteps } from "@plimsoll/formats";
import type { AnalyzedFile, Diagnostic, RetainedFiles } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { addTo } from "../shared/reading/multi-map.ts";
import { interpolate, readPom } from "./pom-document.ts";
import type { Pom } from "./pom-document.ts";
import type { WorkBudget } from "./work-budget.ts";

/** A POM and the file it is in. */
export interface LocatedPom {
  readonly path: string;
  readonly pom: Pom;
}

/**
 * The POMs of a scanned tree, found as Maven finds them: beside each other, as modules of the same build, and in
 * repositories (`org/example/a/1.0/a-1.0.pom`, and Gradle's `org.example/a/1.0/<sha1>/a-1.0.pom`).
 */
export class PomRepository {
  readonly #files: RetainedFiles;
  readonly #work: WorkBudget;
  readonly #read = new Map<string, LocatedPom | undefined>();
  /** `artifact/version` to files of repositories. */
  readonly #published = new Map<string, AnalyzedFile[]>();
  readonly #projects: AnalyzedFile[] = [];
  #modules: ReadonlyMap<string, readonly LocatedPom[]> | undefined;
  readonly #problems: Diagnostic[] = [];

  constructor(files: RetainedFiles, work: WorkBudget) {
    this.#files = files;
    this.#work = work;
    for (const file of files) {
      const parts = file.path.split("/");
      const name = parts.at(-1) ?? "";
      if (name === "pom.xml") {
        if (!file.path.includes(".m2/repository/")) this.#projects.push(file);
        continue;
      }
      for (const depth of [2, 3]) {
        const [artifact, version] = [parts.at(-depth - 1), parts.at(-depth)];
        if (artifact !== undefined && version !== undefined && name.startsWith(`${artifact}-`))
          addTo(this.#published, `${artifact}/${version}`, file);
      }
    }
  }

  /** `pom.xml` files of projects, in path order: not those inside of a local repository. */
  get projects(): readonly AnalyzedFile[] {
    return this.#projects;
  }

  /** What was wrong with files that were read since the last call. */
  takeProblems(): readonly Diagnostic[] {
    return this.#problems.splice(0);
  }

  /** The POM at a path; undefined when there is none, or when it is none. */
  async at(path: string): Promise<LocatedPom | undefined> {
    if (this.#read.has(path)) return this.#read.get(path);
    const file = this.#files.get(path);
    const located = file === undefined ? undefined : await this.#parse(file);
    this.#read.set(path, located);
    return located;
  }

  /** The POM of an artifact, from the build itself or from a repository. */
  async find(group: string, artifact: string, version: string): Promise<LocatedPom | undefined> {
    this.#modules ??= await this.#indexModules();
    for (const located of this.#modules.get(`${group}:${artifact}`) ?? []) {
      if (!this.#work.spend(1)) return undefined;
      const stated = statedVersion(located.pom);
      if (stated === version || stated.includes("${")) return located;
    }
    const inMaven = `${group.replaceAll(".", "/")}/${artifact}/${version}/`;
    const inGradle = `${group}/${artifact}/${version}/`;
    for (const { path } of this.#published.get(`${artifact}/${version}`) ?? []) {
      if (!this.#work.spend(1)) return undefined;
      if ([inMaven, inGradle].some((folder) => path.startsWith(folder) || path.includes(`/${folder}`)))
        return this.at(path);
    }
    return undefined;
  }

  async #indexModules(): Promise<ReadonlyMap<string, readonly LocatedPom[]>> {
    const modules = new Map<string, LocatedPom[]>();
    for (const { path } of this.#projects) {
      const located = await this.at(path);
      if (located === undefined) continue;
      const { pom } = located;
      addTo(modules, `${pom.group ?? pom.parent?.group ?? ""}:${pom.artifact ?? ""}`, located);
    }
    return modules;
  }

  async #parse(file: AnalyzedFile): Promise<LocatedPom | undefined> {
    const text = await file.text();
    const parsed = await readValueStepsOrReport(file, text, "xml", xmlSteps);
    if ("problem" in parsed) {
      this.#problems.push(parsed.problem);
      return undefined;
    }
    const { root, problem } = parsed.value;
    if (problem !== undefined) this.#problems.push(malformedFile(file, problem));
    if (root.name === "project") return { path: file.path, pom: readPom(root) };
    this.#problems.push(malformedFile(file, `<${root.name}> where <project> was expected`));
    return undefined;
  }
}

/** The version of a POM as far as the file itself tells. */
function statedVersion(pom: Pom): string {
  return interpolate(pom.version ?? pom.parent?.version ?? "", (name) => pom.properties.get(name)).trim();
}
