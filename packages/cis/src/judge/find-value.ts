import { parseConfiguration } from "./configuration.ts";
import { evaluateJsonPath } from "./json-path.ts";
import { matcherFor } from "./pattern.ts";

/** A value found in the output of a command. */
export interface FoundValue {
  readonly found: boolean;
  readonly value: string;
}

const nothing: FoundValue = { found: false, value: "" };

/**
 * Looks for a flag in the output of an audit: `--flag=value`, `flag: value`, `--flag value`, a bare `--flag` that means true, or a word that is its
 * own value. The first match counts.
 */
export function findFlag(output: string, flag: string): FoundValue {
  if (output === "" || flag === "" || !output.includes(flag)) return nothing;
  // A flag is a pattern too: kube-bench's files write `root:root` and also `^--x`.
  const match = matcherFor(`(${flag})(=|: *)*([^\\s]*) *`).exec(output);
  if (match === undefined) throw new SyntaxError(`the flag ${flag} is no pattern that matches itself`);
  const value = match.groups[3] ?? "";
  if (value !== "") return { found: true, value };
  return { found: true, value: flag.startsWith("--") ? "true" : (match.groups[1] ?? "") };
}

/** Looks for a JSONPath in a configuration that is JSON or YAML. @throws Error when it is neither, or the path is invalid. */
export function findPath(output: string, path: string): FoundValue {
  const value = evaluateJsonPath(path, parseConfiguration(output));
  return { found: value !== "", value };
}

/** Looks for the value of a variable in an environment, one `NAME=value` a line. */
export function findVariable(output: string, name: string): FoundValue {
  if (output === "" || name === "") return nothing;
  for (const line of output.split("\n")) {
    // Without an anchor, as kube-bench looks: `ETCD_TRUSTED_CA_FILE` is found in `MY_ETCD_TRUSTED_CA_FILE` too.
    const at = line.indexOf(`${name}=`);
    if (at === -1) continue;
    const value = line.slice(at + name.length + 1);
    return value === "" ? nothing : { found: true, value };
  }
  return nothing;
}
