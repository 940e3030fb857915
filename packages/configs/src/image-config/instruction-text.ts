import { parseDockerfile } from "../dockerfile/parse-dockerfile.ts";

/** Docker's own builder in front of what is no command. */
const nothingRun = /^\/bin\/sh -c #\(nop\)\s+/;
/** A command, with the values of `ARG`s in front of it: `|1 VERSION=2 /bin/sh -c make`, `RUN /bin/sh -c make # buildkit`. */
const shellRun = /^(?:RUN )?(?:\|\d+ [\s\S]*?)?\/bin\/(?:ba|a|da)?sh (?:-\S+(?: pipefail)? )*?-\S*c /;
const keywords =
  /^(?:ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR)\b/;

/** An entry of a history as an instruction of a Dockerfile; as a comment where it is none. */
export function instructionText(createdBy: string, healthcheck?: readonly string[]): string {
  const plain = createdBy
    .replace(nothingRun, "")
    .replace(/\s+# buildkit\s*$/, "")
    .trim();
  const text = shellRun.test(plain)
    ? run(plain.replace(shellRun, ""))
    : keywords.test(plain)
      ? rewritten(plain, healthcheck)
      : undefined;
  return text !== undefined && isInstruction(text) ? text : plain.replaceAll(/^/gm, "# ");
}

function run(script: string): string {
  if (!script.includes("\n")) return `RUN ${script}`;
  let name = "SCRIPT";
  while (script.includes(name)) name += "_";
  return `RUN <<${name}\n${script}\n${name}`;
}

/** The text of an instruction that builders record in Go's spelling, or without quotes. */
function rewritten(text: string, healthcheck: readonly string[] | undefined): string | undefined {
  const [keyword = ""] = /^\S+/.exec(text) ?? [];
  const rest = text.slice(keyword.length).trim();
  switch (keyword) {
    case "ADD":
    case "COPY":
      // `ADD file:0123 in /` unpacks what the builder had: which file that was is not told.
      return / in \S+\s*$/.test(rest) && /^(?:file|dir|multi):/.test(rest) ? undefined : `${keyword} ${rest}`;
    case "ENV":
    case "LABEL":
      return `${keyword} ${quotedPairs(rest)}`;
    case "EXPOSE":
      return `EXPOSE ${rest.startsWith("map[") ? [...rest.matchAll(/(\d+(?:-\d+)?(?:\/\w+)?):\{\}/g)].map(([, port]) => port).join(" ") : rest}`;
    case "HEALTHCHECK":
      return healthInstruction(rest, healthcheck);
    case "VOLUME":
    case "SHELL":
      return `${keyword} ${rest.startsWith("[") && !rest.startsWith('["') ? JSON.stringify(rest.slice(1, -1).split(" ")) : rest}`;
    case "RUN":
      return run(rest);
    default:
      return `${keyword} ${rest}`;
  }
}

/** Puts back the quotes that a history lacks: `A=b c` was `A="b c"`. */
function quotedPairs(text: string): string {
  const words = text.split(/\s+/);
  if (words.every((word) => /^[^="']+=/.test(word)) || /["']/.test(text)) return text;
  const equals = text.indexOf("=");
  return equals === -1 ? text : `${text.slice(0, equals)}=${JSON.stringify(text.slice(equals + 1))}`;
}

function healthInstruction(rest: string, healthcheck: readonly string[] | undefined): string {
  // BuildKit writes Go's `&{["CMD-SHELL" "curl …"] "30s" …}`, which the configuration says as data.
  if (rest !== "" && !rest.startsWith("&{")) return `HEALTHCHECK ${rest}`;
  const [kind = "NONE", ...words] = healthcheck ?? [];
  if (kind === "NONE" || words.length === 0) return "HEALTHCHECK NONE";
  return `HEALTHCHECK CMD ${kind === "CMD-SHELL" ? words.join(" ").replaceAll("\n", " ") : JSON.stringify(words)}`;
}

function isInstruction(text: string): boolean {
  const { errors, instructions } = parseDockerfile(`FROM scratch\n${text}\n`);
  return errors.length === 0 && instructions.length === 2;
}
