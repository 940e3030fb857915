import { ExpansionError, expandWord } from "./expand-words.ts";
import { parseDockerfile } from "./parse-dockerfile.ts";

/** Any bytes as text: instructions and errors; words are replaced or refused. */
export function fuzz(input: Uint8Array): void {
  const { instructions } = parseDockerfile(new TextDecoder().decode(input));
  for (const { args } of instructions)
    for (const arg of args)
      try {
        expandWord(arg, new Map([["a", "b*c"]]));
      } catch (error) {
        if (!(error instanceof ExpansionError)) throw error;
      }
}

/** A file with everything that has a rule of its own. */
export function seeds(): readonly Uint8Array[] {
  return [
    "# escape=`\nFROM --platform=$P a:1 AS b\nRUN x `\n# note\n y\nONBUILD COPY --from=b a b\n",
    'FROM a\nENV a="b c" d=${e:-${f#*x}}\nRUN <<A 3<<-"B"\nx\nA\n\ty\n\tB\nCMD ["a", "b"]\nHEALTHCHECK --retries=1 CMD x\n',
  ].map((text) => new TextEncoder().encode(text));
}
