import { BenchmarkError } from "./benchmark-error.ts";
import type { BenchmarkFolder } from "./benchmark.ts";
import { benchmarkOfVersion, minorVersion, platformBenchmark, platformOf } from "./versions.ts";

/** How to choose a benchmark; a benchmark and a version exclude each other. */
export interface BenchmarkChoice {
  readonly benchmark?: string | undefined;
  /** `1.31`, a server's text (`v1.27.6+k3s1`), or a name of the folder's version mapping (`ocp-4.11`). */
  readonly kubernetesVersion?: string | undefined;
  /** The version detected on the node, used when neither is given. */
  readonly detected?: string | undefined;
}

/** The benchmark that a folder has for a version or a platform, and what chose it. @throws BenchmarkError when there is none. */
export function chooseBenchmark(
  folder: BenchmarkFolder,
  choice: BenchmarkChoice,
): { readonly id: string; readonly because: string } {
  const { benchmark, kubernetesVersion, detected } = choice;
  if (benchmark !== undefined && kubernetesVersion !== undefined)
    throw new BenchmarkError("options", "a benchmark and a Kubernetes version cannot both be given");
  if (benchmark !== undefined) {
    if (!folder.ids.includes(benchmark))
      throw new BenchmarkError(benchmark, `no such benchmark; there are ${folder.ids.join(", ")}`);
    return { id: benchmark, because: benchmark };
  }
  const version = kubernetesVersion ?? detected;
  if (version === undefined)
    throw new BenchmarkError("options", "the version of Kubernetes is not known: name it, or name a benchmark");
  const platform = platformOf(version);
  if (platform !== undefined) {
    const id = platformBenchmark(platform);
    if (folder.ids.includes(id)) return { id, because: `${platform.name} ${platform.version}` };
  }
  const minor = minorVersion(version) ?? version;
  const id = benchmarkOfVersion(folder.settings.versionMapping, minor);
  if (id === undefined)
    throw new BenchmarkError(version, "unable to find a matching benchmark for this version of Kubernetes");
  if (!folder.ids.includes(id)) throw new BenchmarkError(id, `no such benchmark; there are ${folder.ids.join(", ")}`);
  return { id, because: minor };
}
