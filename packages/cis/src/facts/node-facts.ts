/** A value, now or later: facts may be read from a disk or an image. */
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

/** What a file is and who may use it. Symbolic links are followed. */
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

/** What is asked of a cluster: objects as its API server lists them. */
export interface ClusterFacts {
  /** The objects of a resource (`pods`, `clusterrolebindings`) in all namespaces or in one; undefined when nobody knows. */
  list(resource: string, namespace?: string): MaybeLater<readonly unknown[] | undefined>;
}

/**
 * Facts about a node, from whatever knows them: a host, a root file system, an image, a snapshot. Nothing is run and nothing changed.
 * `undefined` means that nobody knows, which is never the same as an empty answer; `null` means that there is no such file.
 */
export interface NodeFacts {
  /** Where the facts are from, for people: `host`, `rootfs:/mnt`, `snapshot:node.json`. */
  readonly origin: string;
  /** Running processes; undefined when they cannot be known, as in an image. */
  processes(): MaybeLater<readonly NodeProcess[] | undefined>;
  /**
   * `declared`: the processes are those that manifests and units would start, and others may run too. Absent: `running`, all of them.
   */
  readonly processesAre?: "running" | "declared";
  stat(path: string): MaybeLater<FileFacts | null | undefined>;
  /** Content as text; null when there is no such file, undefined when it may not be read or was left out. */
  readFile(path: string): MaybeLater<string | null | undefined>;
  /** Names inside a folder; null when there is none. */
  list(path: string): MaybeLater<readonly string[] | null | undefined>;
  /** Lines of the journal of a unit, oldest first; undefined when there is no journal to read. */
  journal?(unit: string): MaybeLater<readonly string[] | undefined>;
  readonly cluster?: ClusterFacts;
  /** What the server or the kubelet says about its version: `v1.30.2`. */
  readonly kubernetesVersion?: string;
  readonly hostname?: string;
}
