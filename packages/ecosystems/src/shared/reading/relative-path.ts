/** A path relative to the directory of a file, without `.` and `..`; above the root there is nothing. */
export function joinPath(file: string, relative: string): string {
  const parts = file.split("/").slice(0, -1);
  for (const part of relative.split(/[/\\]/)) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}
