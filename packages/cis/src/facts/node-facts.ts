/** A value or a promise of it: facts may be read from a disk or an image. */
export type MaybeLater<T> = T | Promise<T>;

/** One running process. */
export interface NodeProcess {
  readonly pid: number;
  readonly parentPid?: number;
  /** Name of the user it runs as. */
  readonly user?: string;
  /** The program and its arguments. */
  readonly arguments: readonly string[];
  /** Its environment, as far as it is known. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Type, mode and owner of a file. Symbolic links are followed. */
export interface FileFacts {
  readonly type: "file" | "directory" | "other";
  /** Permission bits with set-id and sticky: `0o644`. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Names of owner and group, where they are known. */
  readonly user?: string;
  readonly group?: string;
  /** Bytes. */
  readonly size?: number;
}

/** The objects of a cluster, as its API server lists them. */
export interface ClusterFacts {
  /** The objects of a resource (`pods`, `clusterrolebindings`) in all namespaces or in one; undefined when they are not known. */
  list(resource: string, namespace?: string): MaybeLater<readonly unknown[] | undefined>;
}

/**
 * Facts about a node from some source: a host, a root file system, an image, a snapshot. Reading them runs and changes nothing. `undefined` means
 * "not known", which differs from an empty answer; `null` means that there is no such file.
 */
export interface NodeFacts {
  /** Where the facts are from, for people: `host`, `rootfs:/mnt`, `snapshot:node.json`. */
  readonly origin: string;
  /** Running processes; undefined when they cannot be known, as in an image. */
  processes(): MaybeLater<readonly NodeProcess[] | undefined>;
  /** `running`: all running processes. `declared`: the processes that manifests and units would start; others may be running. Absent: `running`. */
  readonly processesAre?: "running" | "declared";
  stat(path: string): MaybeLater<FileFacts | null | undefined>;
  /** Content as text; null when there is no such file, undefined when it cannot be read or was left out. */
  readFile(path: string): MaybeLater<string | null | undefined>;
  /** Names inside a folder; null when there is none. */
  list(path: string): MaybeLater<readonly string[] | null | undefined>;
  /** Lines of the journal of a unit, oldest first; undefined when there is no journal to read. */
  journal?(unit: string): MaybeLater<readonly string[] | undefined>;
  readonly cluster?: ClusterFacts;
  /** Version that the API server or the kubelet states: `v1.30.2`. */
  readonly kubernetesVersion?: string;
  readonly hostname?: string;
}
