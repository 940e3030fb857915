import { emptyFacts } from "../facts/empty-facts.ts";
import { runAudit } from "./run-script.ts";
import { UnsupportedAudit } from "./unsupported.ts";

/** Any text as an audit of a node about which nothing is known: an answer, or a refusal that says why. */
export async function fuzz(input: Uint8Array): Promise<void> {
  try {
    await runAudit(new TextDecoder().decode(input), emptyFacts(), { steps: 20_000, characters: 1 << 20 });
  } catch (error) {
    if (!(error instanceof UnsupportedAudit) && !(error instanceof SyntaxError)) throw error;
  }
}

export function seeds(): readonly Uint8Array[] {
  const lines = [
    "/bin/ps -ef | grep kube-apiserver | grep -v grep",
    "/bin/sh -c 'if test -e /x; then stat -c permissions=%a /x; fi'",
    'for d in $(echo a b); do if [ "$d" = "a" ]; then echo "${d:-x}"; fi; done | sed -e "s/a/b/g" | awk -F: \'{print $1}\'',
    'echo \'{"a":[1,{"b":null}]}\' | jq -r \'.a[] | select(.b? == null) // empty | "x\\(.)"\' | xargs -L 1',
  ];
  return lines.map((line) => new TextEncoder().encode(line));
}
