/** Resolves a path against the directory of a file. The result has no `.` and `..`; a `..` at the root stays at the root. */
export function joinPath(file: string, relative: string): string {
  const parts = file.split("/").slice(0, -1);
  for (const part of relative.split(/[/\\]/)) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}
