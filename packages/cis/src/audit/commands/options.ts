import { UnsupportedAudit } from "../unsupported.ts";

/** Options and operands of a command line. */
export interface Arguments {
  /** By letter or long name; flags have the value `""`. */
  readonly options: ReadonlyMap<string, readonly string[]>;
  readonly operands: readonly string[];
}

/**
 * Reads options as GNU programs do. `flags` and `valued` list what is known: letters, and long names with their dashes.
 * @throws UnsupportedAudit for an option that is not listed.
 */
export function readArguments(
  command: string,
  args: readonly string[],
  known: { readonly flags: readonly string[]; readonly valued: readonly string[]; readonly intermixed?: boolean },
): Arguments {
  const options = new Map<string, string[]>();
  const operands: string[] = [];
  const add = (name: string, value: string): void => {
    options.set(name, [...(options.get(name) ?? []), value]);
  };
  const refuse = (option: string): never => {
    throw new UnsupportedAudit(`option of ${command}`, option);
  };
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    if (word === "--") {
      operands.push(...args.slice(at + 1));
      break;
    }
    if (word.startsWith("--")) {
      const equals = word.indexOf("=");
      const name = equals === -1 ? word : word.slice(0, equals);
      if (known.flags.includes(name)) add(name, "");
      else if (known.valued.includes(name)) add(name, equals === -1 ? (args[++at] ?? "") : word.slice(equals + 1));
      else refuse(name);
      continue;
    }
    if (!word.startsWith("-") || word === "-") {
      operands.push(word);
      if (known.intermixed === false) {
        operands.push(...args.slice(at + 1));
        break;
      }
      continue;
    }
    for (let letter = 1; letter < word.length; letter++) {
      const name = word[letter] ?? "";
      if (known.flags.includes(name)) add(name, "");
      else if (known.valued.includes(name)) {
        const rest = word.slice(letter + 1);
        add(name, rest === "" ? (args[++at] ?? "") : rest);
        break;
      } else refuse(`-${name}`);
    }
  }
  return { options, operands };
}

/** A whole number that is not negative. @throws UnsupportedAudit */
export function countOption(command: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UnsupportedAudit(`option of ${command}`, `the number ${text.slice(0, 20)}`);
  return Number(text);
}

/** The lines of a text; the end of the last line need not be there. */
export function linesOf(text: string): readonly string[] {
  if (text === "") return [];
  return (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
}

/** Lines as a command prints them. */
export function joinLines(lines: readonly string[]): string {
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}
