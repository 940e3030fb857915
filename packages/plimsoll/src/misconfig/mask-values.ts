import { maskSecrets } from "@plimsoll/secrets";

/** Names whose values nobody should see, where something is assigned to them: the end of the name, and `=` or `:` behind it. */
const secretName =
  /(?:password|passwd|passphrase|pword|pwd|secret|token|apikey|api_key|access_key|access_key_id|private_key|credentials?|_key|_auth)["']?[ \t]{0,8}(?:=|:(?=[ \t"']))[ \t]{0,8}/gi;

/** An environment variable as Kubernetes writes it: a name that holds a secret, and a value behind it. */
const namedValue =
  /\bname["']?[ \t]{0,8}:[ \t]{0,8}["']?[\w.-]{0,80}(?:PASSWORD|PASSWD|PASSPHRASE|PWD|SECRET|TOKEN|KEY|CREDENTIALS?|AUTH)["']?[ \t]{0,8},?\s{0,80}["']?value["']?[ \t]{0,8}:[ \t]{1,8}/gi;

/** What may stand where a secret would, and is none: a reference, a boolean, nothing. */
const reference = /^["']?(?:\$|\{\{|<|true\b|false\b|null\b|[|>&*[{]|$)/;

/**
 * Replaces secrets in a text by as many `*`, so that lines and columns stay the same: those that the secret scanner finds, and the values of names
 * that hold secrets (environment variables of Dockerfiles, mappings of YAML and JSON, assignments in shell).
 */
export function maskValues(text: string, path: string): string {
  return maskBehind(namedValue, maskBehind(secretName, maskSecrets(text, { path })));
}

function maskBehind(pattern: RegExp, text: string): string {
  const pieces: string[] = [];
  let copied = 0;
  let lineEnd = -1;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const start = match.index + match[0].length;
    // Once for each line: there may be one only, with thousands of names.
    if (lineEnd < start) lineEnd = endOfLine(text, start);
    const line = text.slice(start, lineEnd);
    if (reference.test(line) || endsQuoted(text, match.index, start)) continue;
    const length = valueLength(line);
    const quoted = line.startsWith('"') || line.startsWith("'") ? 1 : 0;
    if (length <= 2 * quoted) continue;
    const value = line.slice(quoted, length - quoted);
    pieces.push(text.slice(copied, start + quoted), quoted === 1 ? "*".repeat(value.length) : maskPlain(value));
    copied = start + length - quoted;
    pattern.lastIndex = start + length;
  }
  return pieces.join("") + text.slice(copied);
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end;
}

/** The longest word whose quotes are counted. */
const maxWordLength = 200;

/**
 * Whether the quote that follows is the one that ends `"--token="`, before which nothing is assigned. It stands right behind the sign, with no
 * quote before that, which would be the end of a name (`"API token": "abc"`), and with nothing behind it that would belong to the same word.
 */
function endsQuoted(text: string, nameAt: number, valueAt: number): boolean {
  const quote = text[valueAt];
  if (quote !== '"' && quote !== "'") return false;
  if (!/^[^"'\s]*[=:]$/.test(text.slice(nameAt, valueAt)) || !/[\s,;\])}]|^$/.test(text.charAt(valueAt + 1)))
    return false;
  const [word = ""] = /[^\s,[{(]*$/.exec(text.slice(Math.max(0, nameAt - maxWordLength), nameAt)) ?? [];
  return word.split(quote).length % 2 === 0;
}

/** The whole of `"--token=abc"` may be quoted: its quotes stay, so that the file can still be read. */
function maskPlain(value: string): string {
  return value.replace(/\\["'\\]|[^"']/g, (part) => (part.length === 2 ? part : "*"));
}

/** A quoted value with its quotes, or everything up to a blank. */
function valueLength(line: string): number {
  const quote = line[0];
  if (quote === '"' || quote === "'") {
    for (let at = 1; at < line.length; at++) {
      if (line[at] === "\\") at++;
      else if (line[at] === quote) return at + 1;
    }
    return line.length + 1;
  }
  const end = line.search(/[\s,;&|}\]]/);
  return end === -1 ? line.length : end;
}
