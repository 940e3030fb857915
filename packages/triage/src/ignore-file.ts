import { FormatError } from "@plimsoll/formats";
import { checkOptions, optionIs, ScanError } from "@plimsoll/model";
import type { TriageRule } from "@plimsoll/model";
import type { IgnoreDialect } from "./ignore-dialect.ts";
import * as registry from "./ignore-registry.ts";
import { isYaml } from "./ignore-files/shared/yaml-rules.ts";
import { triageRuleOf } from "./ignore-rules.ts";
import type { IgnoreRulesOptions } from "./ignore-rules.ts";

/** The ignore files that can be read. */
export type IgnoreFormat = (typeof registry)[keyof typeof registry]["id"];

/** How to read an ignore file. */
export interface IgnoreFileOptions extends IgnoreRulesOptions {
  /** Absent: recognised by the name, then by the content. */
  readonly format?: IgnoreFormat | undefined;
}

const dialects: readonly IgnoreDialect<IgnoreFormat>[] = Object.values(registry);

/**
 * Reads an ignore file of any format into a triage rule. Entries that cannot be understood are not applied and are reported as
 * diagnostics.
 * @throws ScanError `malformed-document` when the file as a whole does not have the syntax of its format.
 */
export function ignoreFile(text: string, options: IgnoreFileOptions): TriageRule {
  checkOptions("ignoreFile", options, {
    name: optionIs.text,
    now: optionIs.either(optionIs.time, optionIs.having("getTime")),
    format: optionIs.oneOf(dialects.map(({ id }) => id)),
  });
  const content = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const dialect = dialects.find(({ id }) => id === options.format) ?? dialectOf(options.name, content);
  try {
    const read = dialect.read(content);
    const isEmpty = read.rules.length === 0 && read.problems.length === 0 && content.trim() !== "";
    return triageRuleOf(isEmpty && dialect.mayBeEmpty !== true ? { ...read, problems: [noRules] } : read, options);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new ScanError({ kind: "malformed-document", label: options.name, reason: error.message }, { cause: error });
  }
}

/** A file that was meant to hide something and hides nothing is more likely a mistake than not. */
const noRules = { place: "the file", problem: "it has no rules in it" } as const;

/** By name, then by content; a file that tells neither way is our own where it is YAML, else a plain list of ids. */
function dialectOf(name: string, text: string): IgnoreDialect {
  const base = name.slice(name.lastIndexOf("/") + 1).toLowerCase();
  const claimed = dialects.find(({ claims }) => claims(base));
  if (claimed !== undefined) return claimed;
  if (!isYaml(base)) return registry.trivyignore;
  return dialects.find(({ resembles }) => resembles?.(text)) ?? registry.plimsollignore;
}
