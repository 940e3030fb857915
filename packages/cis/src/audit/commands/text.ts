import { printed } from "../command.ts";
import type { Command, Operation } from "../command.ts";
import { UnsupportedAudit } from "../unsupported.ts";
import { readInputs } from "./files.ts";
import { countOption, joinLines, linesOf, readArguments } from "./options.ts";

/** A command that prints nothing and ends with a code: `true`, `false`, `:`. */
export function nothing(code: number): Command {
  return () => () => printed("", code);
}

/** A command over the lines of its files or its input. */
function overText(
  command: string,
  files: readonly string[],
  change: (text: string, spend: (steps: number) => void) => string,
): Operation {
  return async (input, context) => {
    const { read, error } = await readInputs(command, files, input, context);
    const spend = (steps: number): void => context.spend(steps);
    const out = read.map(({ text }) => change(text, spend)).join("");
    return { out, error: error === "" ? "" : `${error}\n`, code: error === "" ? 0 : 1 };
  };
}

export const echo: Command = (args) => {
  const words = [...args];
  let ending = "\n";
  let escapes = false;
  while (/^-[neE]+$/.test(words[0] ?? "")) {
    const flags = words.shift() ?? "";
    if (flags.includes("n")) ending = "";
    escapes ||= flags.includes("e");
  }
  const text = words.join(" ");
  return () => printed((escapes ? unescape(text) : text) + ending);
};

function unescape(text: string): string {
  return text.replace(/\\([ntr\\])/g, (_, letter: string) => ({ n: "\n", t: "\t", r: "\r" })[letter] ?? "\\");
}

/** `printf FORMAT ARGUMENT…` with `%s`, `%d`, `%%`; the format is used again while arguments are left. */
export const printf: Command = (args) => {
  const [format = "", ...values] = args[0] === "--" ? args.slice(1) : args;
  const unknown = /%[^sd%]/.exec(format)?.[0];
  if (unknown !== undefined) throw new UnsupportedAudit("format of printf", unknown);
  const places = (format.match(/%[sd]/g) ?? []).length;
  let text = "";
  const left = [...values];
  do {
    text += unescape(format).replace(/%([sd%])/g, (_, letter: string) =>
      letter === "%" ? "%" : (left.shift() ?? (letter === "d" ? "0" : "")),
    );
  } while (left.length > 0 && places > 0);
  return () => printed(text);
};

export const head: Command = (args) => {
  const { count, files } = lineCount("head", args);
  return overText("head", files, (text) => joinLines(linesOf(text).slice(0, count)));
};

export const tail: Command = (args) => {
  const { count, files, fromStart } = lineCount("tail", args);
  return overText("tail", files, (text) => {
    const lines = linesOf(text);
    if (fromStart) return joinLines(lines.slice(Math.max(0, count - 1)));
    return joinLines(count === 0 ? [] : lines.slice(-count));
  });
};

function lineCount(
  command: string,
  args: readonly string[],
): { count: number; files: readonly string[]; fromStart: boolean } {
  const modern = args.map((word) => (/^-\d+$/.test(word) ? `-n${word.slice(1)}` : word));
  const { options, operands } = readArguments(command, modern, { flags: [], valued: ["n", "--lines"] });
  const text = (options.get("n") ?? options.get("--lines"))?.[0] ?? "10";
  const fromStart = text.startsWith("+");
  return { count: countOption(command, fromStart ? text.slice(1) : text), files: operands, fromStart };
}

/** `wc -l`, `wc -w`, `wc -c`. */
export const wc: Command = (args) => {
  const { options, operands } = readArguments("wc", args, { flags: ["l", "w", "c"], valued: [] });
  if (options.size !== 1 || operands.length > 0)
    throw new UnsupportedAudit("option of wc", args.join(" ").slice(0, 20));
  return (input) => {
    const words = input.split(/\s+/).filter((word) => word !== "").length;
    const lines = input.split("\n").length - 1;
    return printed(`${options.has("l") ? lines : options.has("w") ? words : input.length}\n`);
  };
};

export const sort: Command = (args) => {
  const { options, operands } = readArguments("sort", args, { flags: ["u", "r"], valued: [] });
  return overText("sort", operands, (text, spend) => {
    const lines = linesOf(text);
    spend(lines.length);
    const sorted = lines.toSorted();
    if (options.has("r")) sorted.reverse();
    return joinLines(options.has("u") ? [...new Set(sorted)] : sorted);
  });
};

export const uniq: Command = (args) => {
  const { options, operands } = readArguments("uniq", args, { flags: ["c"], valued: [] });
  return overText("uniq", operands, (text) => {
    const runs: { line: string; count: number }[] = [];
    for (const line of linesOf(text)) {
      const last = runs.at(-1);
      if (last?.line === line) last.count++;
      else runs.push({ line, count: 1 });
    }
    return joinLines(runs.map(({ line, count }) => (options.has("c") ? `${String(count).padStart(7)} ${line}` : line)));
  });
};

/** `tr SET1 SET2`, `tr -d SET1`, `tr -s SET1`, with ranges, `\n`, `\0` and classes of letters. */
export const tr: Command = (args) => {
  const { options, operands } = readArguments("tr", args, { flags: ["d", "s"], valued: [] });
  const from = characterSet(operands[0] ?? "");
  const to = characterSet(operands[1] ?? "");
  if (!options.has("d") && !options.has("s") && to.length === 0) throw new UnsupportedAudit("option of tr", "one set");
  const map = new Map(from.map((char, index) => [char, to[Math.min(index, to.length - 1)] ?? char]));
  return (input) => {
    if (options.has("d")) return printed([...input].filter((char) => !map.has(char)).join(""));
    const changed = to.length === 0 ? [...input] : [...input].map((char) => map.get(char) ?? char);
    if (!options.has("s")) return printed(changed.join(""));
    const squeezed = new Set(to.length === 0 ? from : to);
    return printed(changed.filter((char, index) => char !== changed[index - 1] || !squeezed.has(char)).join(""));
  };
};

function characterSet(text: string): readonly string[] {
  const plain = text
    .replaceAll("[:upper:]", "A-Z")
    .replaceAll("[:lower:]", "a-z")
    .replaceAll("[:digit:]", "0-9")
    .replaceAll("[:space:]", " \t\n\r")
    .replaceAll("[:alpha:]", "A-Za-z")
    .replace(/\\([nt0rs\\"])/g, (_, letter: string) => ({ n: "\n", t: "\t", "0": "\0", r: "\r" })[letter] ?? letter);
  if (plain.includes("[:")) throw new UnsupportedAudit("option of tr", text.slice(0, 20));
  const chars: string[] = [];
  for (let at = 0; at < plain.length; at++) {
    const char = plain[at] ?? "";
    const last = plain[at + 2];
    if (plain[at + 1] === "-" && last !== undefined && last >= char) {
      for (let code = char.charCodeAt(0); code <= last.charCodeAt(0); code++) chars.push(String.fromCharCode(code));
      at += 2;
    } else chars.push(char);
  }
  return chars;
}

/** `cut -d DELIMITER -f LIST`. */
export const cut: Command = (args) => {
  const { options, operands } = readArguments("cut", args, {
    flags: ["s"],
    valued: ["d", "f", "--delimiter", "--fields"],
  });
  const delimiter = (options.get("d") ?? options.get("--delimiter"))?.[0] ?? "\t";
  const list = (options.get("f") ?? options.get("--fields"))?.[0] ?? "";
  if (!/^\d+(-\d*)?(,\d+(-\d*)?)*$/.test(list) || delimiter.length !== 1)
    throw new UnsupportedAudit("option of cut", args.join(" ").slice(0, 30));
  const ranges = list.split(",").map((part) => {
    const [first = "", last] = part.split("-");
    return { first: Number(first), last: last === undefined ? Number(first) : last === "" ? Infinity : Number(last) };
  });
  return overText("cut", operands, (text) =>
    joinLines(
      linesOf(text)
        .filter((line) => !options.has("s") || line.includes(delimiter))
        .map((line) => {
          if (!line.includes(delimiter)) return line;
          const kept = line
            .split(delimiter)
            .filter((_, index) => ranges.some(({ first, last }) => index + 1 >= first && index + 1 <= last));
          return kept.join(delimiter);
        }),
    ),
  );
};

/** `paste -s -d DELIMITER -`: the lines of the input as one. */
export const paste: Command = (args) => {
  const { options } = readArguments("paste", args, { flags: ["s"], valued: ["d"] });
  if (!options.has("s")) throw new UnsupportedAudit("option of paste", "several files");
  return (input) => printed(`${linesOf(input).join(options.get("d")?.[0] ?? "\t")}\n`);
};
