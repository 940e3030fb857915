/** `https://github.com/apple/swift-nio.git` is `github.com/apple/swift-nio`. */
export function repositoryName(location: string | undefined): string | undefined {
  const name = location
    ?.replace(/^[a-z+]+:\/\/(?:[^@/]*@)?/i, "")
    .replace(/^[^@/:]+@([^:/]+):/, "$1/")
    .replace(/(?<!\/)\/+$/, "")
    .replace(/\.git$/, "");
  return name === "" ? undefined : name;
}
