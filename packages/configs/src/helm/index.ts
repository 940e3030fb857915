import { fileProblem } from "../shared/diagnostics.ts";
import { baseName, folderOf } from "../shared/format.ts";
import type { ReadConfigs } from "../document.ts";

/** Charts among files that are scanned together: their templates are no YAML until they are rendered. */
export class HelmCharts {
  readonly #folders: readonly string[];

  constructor(paths: Iterable<string>) {
    const folders: string[] = [];
    for (const path of paths) if (baseName(path) === "Chart.yaml") folders.push(folderOf(path));
    this.#folders = folders;
  }

  /** The chart whose template the file is; undefined when it is none. */
  chartOf(path: string): string | undefined {
    return this.#folders.find((folder) => path.startsWith(folder === "" ? "templates/" : `${folder}/templates/`));
  }

  /** The diagnostic for a file that belongs to a chart; undefined for files that are read like others. */
  read(path: string): ReadConfigs | undefined {
    if (baseName(path) === "Chart.yaml")
      return {
        documents: [],
        diagnostics: [
          fileProblem("unsupported-format", path, "the Helm chart is not rendered, so its templates are not checked"),
        ],
      };
    return this.chartOf(path) === undefined ? undefined : { documents: [], diagnostics: [] };
  }
}
