import type { NodeProcess } from "./node-facts.ts";

const secretName = /pass|secret|token|credential|private|api[-_]?key|access[-_]?key/i;
/** Names that speak of secrets and hold a path, a number or a switch. */
const harmlessName =
  /file|path|dir|lookup|ttl|controller|bootstrap-token-auth|token-webhook|token-auth|max|issuer|rotat/i;
/** Members of kubeconfigs and encryption configurations whose values are secrets. */
const secretMember =
  /^([ \t-]*["']?(?:client-key-data|token|id-token|refresh-token|password|secret|client-secret)["']?[ \t]*:[ \t]*)(\S.*?)([,}\]]*)$/gm;

/** The content of a file with secrets masked; undefined for private keys, which are secrets as a whole. */
export function maskContent(content: string): string | undefined {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(content)) return undefined;
  return content.replace(secretMember, (_, name: string, value: string, end: string) => {
    const quote = /^["']/.exec(value)?.[0] ?? "";
    return `${name}${quote}${"*".repeat(8)}${quote}${end}`;
  });
}

/** The output of an audit with the secrets of files and command lines masked. */
export function maskOutput(output: string): string {
  const masked = maskContent(output) ?? "(a private key)";
  return masked.replace(/(--?[a-z][a-z0-9-]{1,60})([= ])([^\s-]\S*)/gi, (whole, flag: string, separator: string) =>
    isSecretName(flag) ? `${flag}${separator}********` : whole,
  );
}

/** A process with secrets in its arguments masked: `--token=…`. */
export function maskProcess(process: NodeProcess): NodeProcess {
  let next = false;
  const masked = process.arguments.map((word) => {
    if (next && !word.startsWith("-")) {
      next = false;
      return "********";
    }
    next = false;
    const flag = /^(--?[\w-]+)(=?)/.exec(word);
    if (flag === null || !isSecretName(flag[1] ?? "")) return word;
    if (flag[2] === "=") return `${flag[1]}=********`;
    next = true;
    return word;
  });
  return { ...process, arguments: masked };
}

/** Environment variables with the values of secret ones masked; which ones are is decided by their names. */
export function maskEnvironment(environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, isSecretName(name) ? "********" : value]),
  );
}

function isSecretName(name: string): boolean {
  return secretName.test(name) && !harmlessName.test(name);
}
