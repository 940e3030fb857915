import type { Container } from "@plimsoll/kubernetes";
import type { Auditor, AuditLevel, AuditResult } from "../auditor.ts";

/** Containers run the image that the configuration names; every image has a tag. */
export const image: Auditor = {
  name: "image",
  *audit({ containers }, { config }) {
    const wanted = splitImage(config.image);
    for (const container of containers) {
      const { name, tag } = splitImage(container.image ?? "");
      if (tag === "") yield resultOf(container, "ImageTagMissing", "warning", "The image has no tag.");
      else if (name !== wanted.name) continue;
      else if (tag === wanted.tag) yield resultOf(container, "ImageCorrect", "info", "The image has the right tag.");
      else {
        const message = `The image has another tag than "${wanted.tag}".`;
        yield resultOf(container, "ImageTagIncorrect", "error", message);
      }
    }
  },
};

function resultOf({ name, path }: Container, rule: string, level: AuditLevel, message: string): AuditResult {
  return { rule, level, message, metadata: { Container: name }, path: [...path, "image"] };
}

/** The text before the first colon, and between it and the next. This is kubeaudit's own reading, wrong for ports and digests. */
export function splitImage(reference: string): { readonly name: string; readonly tag: string } {
  const colon = reference.indexOf(":");
  if (colon === -1) return { name: reference, tag: "" };
  const next = reference.indexOf(":", colon + 1);
  return { name: reference.slice(0, colon), tag: reference.slice(colon + 1, next === -1 ? undefined : next) };
}
