import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { recognized } from "../shared/reading/recognized-file.ts";

/**
 * `.terraform.lock.hcl` (https://developer.hashicorp.com/terraform/language/files/dependency-lock): which providers `terraform init`
 * chose. The tool writes one attribute per line, so that no reader of all of HCL is needed; modules are not locked.
 */
export const terraformLock: FileAnalyzer = recognized(
  {
    kind: "file",
    id: "terraform/lock",
    revision: 1,
    evidence: "declared",
    matches: [{ basename: ".terraform.lock.hcl" }],
    maxBytes: 16 * 1024 * 1024,
    async *analyze(file): AsyncGenerator<Observation> {
      for (const { address, version, constraints, line } of providersOf(await file.text())) {
        if (version === undefined) {
          yield malformedFile(file, `the provider ${address.slice(0, 80)} has no version`, line);
          continue;
        }
        const facts = constraints === undefined ? undefined : { requirement: constraints };
        yield {
          kind: "package",
          package: { name: address, version, relationship: "direct", ...(facts === undefined ? {} : { facts }) },
          line,
        };
      }
    },
  },
  // The tool's own heading, which it writes even when nothing is locked.
  /^# This file is maintained automatically|^provider\s+"/m,
);

interface Provider {
  readonly address: string;
  readonly line: number;
  version?: string;
  constraints?: string;
}

function providersOf(text: string): readonly Provider[] {
  const providers: Provider[] = [];
  let open: Provider | undefined;
  let line = 0;
  for (const raw of text.split("\n")) {
    line++;
    const [, address] = /^\s*provider\s+"([^"]+)"\s*\{/.exec(raw) ?? [];
    if (address !== undefined) {
      open = { address, line };
      providers.push(open);
      continue;
    }
    if (/^\s*\}\s*$/.test(raw)) open = undefined;
    const [, attribute, value] = /^\s*(version|constraints)\s*=\s*"([^"]+)"/.exec(raw) ?? [];
    if (open === undefined || value === undefined) continue;
    if (attribute === "version") open.version ??= value;
    else open.constraints ??= value;
  }
  return providers;
}
