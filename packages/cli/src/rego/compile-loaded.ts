import { trivyFunctions } from "@plimsoll/checks";
import { regoEnvironment } from "@plimsoll/node";
import { compileModules, RegoError, type Policies, type Stage } from "@plimsoll/rego";
import { UsageError } from "../command-line.ts";
import { LoadError, loadPolicies, readSchemas, type LoadedPolicies, type LoadOptions } from "./load-policies.ts";

/** The options that all commands for policies have. */
export interface CompileFlags {
  readonly v0Compatible?: boolean;
  readonly strict?: boolean;
  readonly schema?: string;
}

/** Callbacks of compiling and evaluating. */
export interface Watching {
  /** Receives the output of `print`; absent: `print` does nothing. */
  readonly print?: ((text: string) => void) | undefined;
  readonly onStage?: ((stage: Stage) => void) | undefined;
}

/** Policies with the data that was read beside them. */
export interface CompiledPolicies {
  readonly policies: Policies;
  readonly data: Record<string, unknown>;
}

/**
 * Reads policies and data, and compiles them.
 * @throws LoadError with all files that could not be read, and the parse errors of the others
 * @throws RegoError with all errors of the stage that failed
 */
export function compilePaths(
  paths: readonly string[],
  flags: CompileFlags,
  options: LoadOptions = {},
  watching: Watching = {},
): CompiledPolicies {
  const { modules, data } = loadedOr(paths, options, (readable) => compiled(readable, flags, {}));
  return { policies: compiled(modules, flags, watching), data };
}

/** What was read; where something could not be, what is wrong with the rest is told as well. */
function loadedOr(
  paths: readonly string[],
  options: LoadOptions,
  compile: (modules: LoadedPolicies["modules"]) => unknown,
): LoadedPolicies {
  try {
    return loadPolicies(paths, options);
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    try {
      compile(error.modules);
    } catch (other) {
      const issues = other instanceof RegoError ? other.errors : [];
      const parsing = issues.filter(({ code }) => code === "rego_parse_error");
      throw new LoadError([...parsing, ...error.problems], error.modules);
    }
    throw error;
  }
}

function compiled(modules: LoadedPolicies["modules"], flags: CompileFlags, { print, onStage }: Watching): Policies {
  return compileModules(modules, {
    regoVersion: flags.v0Compatible === true ? "v0" : "v1",
    strict: flags.strict === true,
    ...(flags.schema === undefined ? {} : { schemas: readSchemas(flags.schema) }),
    environment: { ...regoEnvironment(), ...(print === undefined ? {} : { print }) },
    ...(onStage === undefined ? {} : { onStage }),
    // What checks for Trivy call is known here, too: their tests run as they are.
    builtins: trivyFunctions,
  });
}

/** Milliseconds of a duration in Go's syntax: `500ms`, `1m30s`; `0` means no limit. */
export function durationOf(option: string, text: string): number {
  const units: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 36e5 };
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  const total = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ""] ?? 0), 0);
  if (text === "0") return Infinity;
  if (text === "" || parts.map(([part]) => part).join("") !== text)
    throw new UsageError(`${option} is a duration such as 30s, 500ms or 1m30s, or 0 for none`);
  return total > 0 ? total : Infinity;
}
