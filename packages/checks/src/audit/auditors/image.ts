import type { Auditor, AuditResult } from "../auditor.ts";

/** Containers run the image that the configuration names, and one with a tag in any case. */
export const image: Auditor = {
  name: "image",
  *audit({ containers }, { config }) {
    const wanted = splitImage(config.image);
    for (const container of containers) {
      const { name, tag } = splitImage(container.image ?? "");
      const head = { metadata: { Container: container.name }, path: [...container.path, "image"] };
      if (tag === "") yield { ...head, ...missing };
      else if (name === wanted.name && tag !== wanted.tag)
        yield {
          ...head,
          rule: "ImageTagIncorrect",
          level: "error",
          message: `The image has another tag than "${wanted.tag}".`,
        };
      else if (name === wanted.name)
        yield { ...head, rule: "ImageCorrect", level: "info", message: "The image has the right tag." };
    }
  },
};

const missing: Pick<AuditResult, "rule" | "level" | "message"> = {
  rule: "ImageTagMissing",
  level: "warning",
  message: "The image has no tag.",
};

/** What stands before the first colon and between it and the next: kubeaudit's own reading, ports and digests included. */
export function splitImage(reference: string): { readonly name: string; readonly tag: string } {
  const [name = "", tag = ""] = reference.split(":");
  return { name, tag };
}
