/** One authentication scheme that a server offers. */
export interface Challenge {
  /** Lower-case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names are lower-case. */
  readonly parameters: ReadonlyMap<string, string>;
}

const token = /[!#$%&'*+.^_`|~0-9A-Za-z-]/;

/** The challenges of a `WWW-Authenticate` header (RFC 9110, section 11.6.1). Unreadable parts are skipped. */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  let at = 0;
  const skip = (pattern: RegExp): void => {
    while (at < header.length && pattern.test(header[at] ?? "")) at += 1;
  };
  const readToken = (): string => {
    const start = at;
    skip(token);
    return header.slice(start, at);
  };
  while (at < header.length) {
    skip(/[\s,]/);
    const name = readToken();
    if (name === "") {
      at += 1;
      continue;
    }
    skip(/[ \t]/);
    if (header[at] !== "=") {
      challenges.push({ scheme: name.toLowerCase(), parameters: new Map() });
      continue;
    }
    at += 1;
    skip(/[ \t]/);
    const value = header[at] === '"' ? readQuoted() : readToken();
    challenges.at(-1)?.parameters.set(name.toLowerCase(), value);
  }
  return challenges;

  function readQuoted(): string {
    let value = "";
    for (at += 1; at < header.length && header[at] !== '"'; at++) {
      if (header[at] === "\\") at += 1;
      value += header[at] ?? "";
    }
    at += 1;
    return value;
  }
}
