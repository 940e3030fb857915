/** What one path of a file tree is; links are not followed. */
export interface TreeEntry {
  readonly type: "file" | "directory" | "symlink" | "other";
  /** Permission bits with set-id and sticky: `0o644`. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes. */
  readonly size: number;
  /** Where a symbolic link points, as it is written. */
  readonly target?: string;
}

/**
 * A tree of files that can be asked about single paths: a root file system in a folder, an image, a disk. Paths are absolute inside the
 * tree, without `.` and `..`, and `/` is its root. Answers are null where there is nothing.
 */
export interface FileTree {
  stat(path: string): Promise<TreeEntry | null> | TreeEntry | null;
  /** Names inside a folder. */
  list(path: string): Promise<readonly string[] | null> | readonly string[] | null;
  /** The content of a file, at most `limit` bytes; null when it is no file or longer. */
  read(path: string, limit: number): Promise<Uint8Array | null> | Uint8Array | null;
}
