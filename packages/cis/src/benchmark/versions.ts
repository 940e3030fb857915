/** Where a cluster runs: the name in its version text and its minor version, `eks` and `1.29`. */
export interface Platform {
  readonly name: string;
  readonly version: string;
}

/** The platform that a server version names: `v1.27.6+rke2r1` is `rke2r` at `1.27`; undefined for plain Kubernetes. */
export function platformOf(gitVersion: string): Platform | undefined {
  const match = /v(\d+\.\d+)\.\d+[-+](\w+)[.\-+]*\w+/.exec(gitVersion.slice(0, 200));
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  // The pattern needs one more letter behind the name; `eks` of `-eks-4c` keeps all of its own.
  return { name: match[2], version: match[1] };
}

/** Benchmarks of one platform: those for listed versions, and the one for all others. */
interface PlatformBenchmarks {
  readonly from: readonly (readonly [minorVersions: string, benchmark: string])[];
  readonly otherwise: string;
}

/** As kube-bench maps platforms; an empty text means that it has none. */
const benchmarksByPlatform: Readonly<Record<string, PlatformBenchmarks>> = {
  eks: {
    from: [
      ["1.15 1.16 1.17 1.18 1.19", "eks-1.0.1"],
      ["1.29 1.30 1.31", "eks-1.7.0"],
      ["1.32 1.33 1.34", "eks-1.8.0"],
    ],
    otherwise: "eks-1.5.0",
  },
  aks: {
    from: [
      ["1.19 1.20 1.21 1.22 1.23 1.24", "aks-1.0"],
      ["1.29 1.30 1.31", "aks-1.7"],
    ],
    otherwise: "aks-1.8",
  },
  gke: {
    from: [
      ["1.15 1.16 1.17 1.18 1.19", "gke-1.0"],
      ["1.20 1.21 1.22 1.23 1.24 1.25 1.26 1.27", "gke-1.2.0"],
      ["1.28 1.29", "gke-1.6.0"],
      ["1.30", "gke-1.8.0"],
    ],
    otherwise: "gke-1.9.0",
  },
  ocp: {
    from: [
      ["3.10", "rh-0.7"],
      ["4.1", "rh-1.0"],
      ["4.11", "rh-1.4"],
      ["4.13", "rh-1.8"],
    ],
    otherwise: "",
  },
  k3s: {
    from: [
      ["1.22 1.23", "k3s-cis-1.23"],
      ["1.24", "k3s-cis-1.24"],
      ["1.25", "k3s-cis-1.7"],
      ["1.26", "k3s-cis-1.8"],
    ],
    otherwise: "k3s-cis-1.9",
  },
  rancher: {
    from: [
      ["1.23", "rke-cis-1.23"],
      ["1.24", "rke-cis-1.24"],
    ],
    otherwise: "rke-cis-1.7",
  },
  rke2r: {
    from: [
      ["1.23", "rke2-cis-1.23"],
      ["1.24", "rke2-cis-1.24"],
      ["1.25", "rke2-cis-1.7"],
    ],
    otherwise: "rke2-cis-1.8",
  },
  aliyun: { from: [], otherwise: "ack-1.0" },
  vmware: { from: [], otherwise: "tkgi-1.2.53" },
};

/** The benchmark of a platform; empty when there is none. */
export function platformBenchmark(platform: Platform): string {
  if (!Object.hasOwn(benchmarksByPlatform, platform.name)) return "";
  const benchmarks = benchmarksByPlatform[platform.name];
  const listed = benchmarks?.from.find(([versions]) => versions.split(" ").includes(platform.version));
  return listed?.[1] ?? benchmarks?.otherwise ?? "";
}

const openShiftVersions = new Set(["3.10", "4.1", "4.11", "4.13"]);

/** The nearest OpenShift version at or below the given one that has a benchmark; undefined when there is none. */
export function knownOpenShiftVersion(version: string): string | undefined {
  for (let at = version; at !== ""; at = lowerMinor(at)) if (openShiftVersions.has(at)) return at;
  return undefined;
}

/** The version one minor below: `1.13` to `1.12`; empty below `1.2` and when it is none. */
export function lowerMinor(version: string): string {
  const parts = version.split(".");
  const minor = parts[1] ?? "";
  if (!/^\d{1,9}$/.test(minor) || Number(minor) <= 1) return "";
  // Nothing has ten thousand minor versions: a longer walk down would only cost time.
  if (Number(minor) > 10_000) return "";
  parts[1] = String(Number(minor) - 1);
  return parts.join(".");
}

/** The version that kube-bench assumes when none is known. */
export const assumedVersion = "1.18";

/** The benchmark of a Kubernetes version, the nearest at or below it; undefined when there is none. */
export function benchmarkOfVersion(mapping: ReadonlyMap<string, string>, version: string): string | undefined {
  for (let at = version.trim(); at !== ""; at = lowerMinor(at)) {
    const benchmark = mapping.get(at);
    if (benchmark !== undefined) return benchmark;
    if (at === assumedVersion) return undefined;
  }
  return undefined;
}

/** Major and minor of a version text: `v1.27.6+k3s1` to `1.27`; undefined when it begins with no version. */
export function minorVersion(text: string): string | undefined {
  const match = /^v?(\d{1,4})\.(\d{1,4})(?![\d])/.exec(text.trim());
  return match === null ? undefined : `${match[1]}.${match[2]}`;
}

/** The target's name in the files: `worker` becomes `node`; case is ignored. */
export function targetName(text: string): string {
  return text.toLowerCase().replaceAll("worker", "node");
}
