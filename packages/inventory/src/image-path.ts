/** `a/b/c` → `a/b`; empty at the top. */
export function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** `a/b/c` → `c`. */
export function baseNameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/**
 * Where a link's target leads, as a path of the image: absolute targets start at the image's root, relative ones at
 * `directory`, and `..` stops at the root, as it does for a process inside the container.
 */
export function joinTarget(directory: string, target: string): string {
  const segments = target.startsWith("/") || directory === "" ? [] : directory.split("/");
  for (const segment of target.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment === "..") segments.pop();
    else segments.push(segment);
  }
  return segments.join("/");
}

/** The file of the image that holds this place: what comes before the first `!/`. */
export function outerPath(path: string): string {
  const cut = path.indexOf("!/");
  return cut < 0 ? path : path.slice(0, cut);
}
