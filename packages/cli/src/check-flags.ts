import type { Command } from "commander";
import * as values from "./option-values.ts";
import { underHeading } from "./under-heading.ts";

/** Flags for the user's own checks. */
export interface CheckFlags {
  readonly configCheck?: readonly string[];
  readonly configData?: readonly string[];
  readonly checkNamespaces?: readonly string[];
  readonly configFileSchemas?: readonly string[];
}

/** Adds the options about the user's own checks to a command. */
export function withCheckOptions(command: Command): Command {
  underHeading(command, "Your own checks of configurations:", () =>
    command
      .option(
        "--config-check <path>",
        "more checks: a file or directory of Rego, an artifact (oci://REFERENCE), or a module or installed package that exports checks; may be repeated",
        values.repeated,
      )
      .option(
        "--config-data <path>",
        "files of YAML or JSON that checks in Rego see as data; may be repeated",
        values.repeated,
      )
      .option(
        "--check-namespaces <name>",
        "packages of Rego that hold checks, such as user (default: all that deny); may be repeated",
        values.repeated,
      )
      .option(
        "--config-file-schemas <path>",
        "JSON Schemas, files or directories: checks in Rego see only YAML and JSON files that match one; may be repeated",
        values.repeated,
      ),
  );
  return command;
}
