import { BenchmarkError } from "./benchmark-error.ts";
import { readSettings } from "./settings.ts";
import type { BenchmarkSettings } from "./settings.ts";

/** A benchmark: its controls files by target, and the settings that say how programs and files are found. */
export interface Benchmark {
  readonly id: string;
  readonly settings: BenchmarkSettings;
  /** By target, in the order of the files. */
  readonly controls: ReadonlyMap<string, { readonly text: string; readonly path: string }>;
}

/** One file of a benchmark folder. */
export interface BenchmarkFile {
  /** `config.yaml`, `cis-1.11/master.yaml`. */
  readonly path: string;
  readonly text: string;
}

/** A folder of benchmarks, as kube-bench's `cfg` is laid out. */
export interface BenchmarkFolder {
  readonly settings: BenchmarkSettings;
  /** Ids of the benchmarks that have files. */
  readonly ids: readonly string[];
  /** Reads one benchmark. @throws BenchmarkError for an unknown id, and when its own settings are invalid. */
  benchmark(id: string): Benchmark;
}

/**
 * Reads a folder of benchmarks: `config.yaml` and one folder for each benchmark.
 * @throws BenchmarkError when `config.yaml` is missing or invalid.
 */
export function readBenchmarkFolder(files: readonly BenchmarkFile[]): BenchmarkFolder {
  const main = files.find((file) => file.path === "config.yaml");
  if (main === undefined) throw new BenchmarkError("config.yaml", "is missing");
  const byId = new Map<string, BenchmarkFile[]>();
  for (const file of files) {
    const [id, name, ...deeper] = file.path.split("/");
    if (id === undefined || name === undefined || deeper.length > 0 || !name.endsWith(".yaml")) continue;
    byId.set(id, [...(byId.get(id) ?? []), file]);
  }
  return {
    settings: readSettings(main.text, main.path),
    ids: [...byId.keys()].toSorted(),
    benchmark(id) {
      const own = byId.get(id);
      if (own === undefined) throw new BenchmarkError(id, "no such benchmark");
      const overrides = own.find((file) => file.path === `${id}/config.yaml`);
      return {
        id,
        settings: readSettings(main.text, main.path, overrides),
        controls: new Map(
          own
            .filter((file) => file !== overrides)
            .map((file) => [file.path.slice(id.length + 1, -".yaml".length), file] as const)
            .toSorted(([a], [b]) => (a < b ? -1 : 1)),
        ),
      };
    },
  };
}
