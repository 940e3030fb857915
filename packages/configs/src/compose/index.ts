import { asObject, member } from "@plimsoll/kubernetes";
import { baseName } from "../shared/format.ts";
import type { ValueFormat } from "../shared/format.ts";

/** Compose files: by name, or by services that have an image or a build. */
export const composeFormat: ValueFormat = {
  id: "compose",
  name: "compose file",
  matches(value, path) {
    const services = asObject(member(value, "services"));
    if (services === undefined) return false;
    if (/^(?:docker-)?compose(?:[.-].*)?\.ya?ml$/.test(baseName(path))) return true;
    const each = Object.values(services);
    return (
      each.length > 0 &&
      each.every((service) => member(service, "image") !== undefined || member(service, "build") !== undefined)
    );
  },
  document: (input) => ({ ...input, format: "compose" }),
};
