import { finish, isRecord } from "@plimsoll/formats";
import { fileFormats, valueFormats } from "./formats.ts";
import { baseName, extensionOf } from "./shared/format.ts";
import { structuredDocuments } from "./shared/structured-file.ts";

/** Ansible's files have no name of their own: anything in YAML, JSON or INI, or without an ending, may be one. */
function mayBeAnsible(path: string): boolean {
  return baseName(path) === "ansible.cfg" || ["", ".yml", ".yaml", ".json", ".ini"].includes(extensionOf(path));
}

function mayBeHelm(path: string): boolean {
  return (
    [".yml", ".yaml", ".tpl", ".tgz"].includes(extensionOf(path)) ||
    path.endsWith(".tar.gz") ||
    [".helmignore", "NOTES.txt"].includes(baseName(path))
  );
}

/**
 * Which kinds of configuration a file may be, by its name and, where it is given, its text: `dockerfile`, `terraform`, `kubernetes`,
 * `cloudformation`, `terraformplan-json`, `azure-arm`, `compose`, `kustomize`, `yaml`, `json`, `helm`, `ansible`. A file may be several.
 */
export function detectConfigTypes(path: string, text?: string): readonly string[] {
  const extension = extensionOf(path);
  const yaml = extension === ".yaml" || extension === ".yml";
  const json = extension === ".json";
  const types = fileFormats.filter((format) => format.matchesName(path)).map(({ id }) => id);
  if (text !== undefined && (yaml || json)) {
    const values = finish(structuredDocuments({ path, text })).documents.map(({ value }) => value);
    for (const format of valueFormats)
      if (values.some((value) => isRecord(value) && format.matches(value, path))) types.push(format.id);
  }
  if (text !== undefined && types.length === 0)
    for (const format of fileFormats) if (format.matchesText?.(text) === true) types.push(format.id);
  if (yaml) types.push("yaml");
  if (json) types.push("json");
  if (mayBeHelm(path)) types.push("helm");
  if (mayBeAnsible(path)) types.push("ansible");
  return types;
}
