import { licenseId } from "../spdx/license-list.ts";
import { isLater } from "./gnu-versions.ts";
import { gap, isMentioned, nothing, plain } from "./notice.ts";
import type { Window } from "./notice.ts";

const name = new RegExp(`free${gap}documentation${gap}$`, "i");

/** The GNU Free Documentation License says with its notice whether it has invariant sections. */
export function documentation(text: string, from: number, at: number, to: number): Window | undefined {
  if (!/^licen/i.test(text.slice(at, at + 5)) || !name.test(text.slice(Math.max(from, at - 80), at))) return undefined;
  const head = plain(text.slice(from, at));
  const tail = plain(text.slice(at, to + 300));
  const end = at + 7;
  if (isMentioned(head.replace(/(?:gnu )?free documentation\s*$/i, ""))) return nothing(end);
  const [, version = "", rest = ""] =
    /^licen[cs]e[\s,(]{0,3}(?:gfdl\)?)?[\s,]{0,3}(?:version|v\.?)?\s?(1\.\d)(.{0,500})/i.exec(tail) ?? [];
  if (version === "") return nothing(end);
  const isOpen = isLater(rest.replace(/^ published by the free software foundation/i, ""));
  const later = isOpen ? "or-later" : "only";
  const sections = /\b(no|without(?: any)?|with(?: the)?) invariant sections?/i.exec(rest)?.[1]?.toLowerCase();
  const invariants =
    sections === undefined
      ? ""
      : sections.startsWith("with the") || sections === "with"
        ? "invariants-"
        : "no-invariants-";
  const id = licenseId(`GFDL-${version}-${invariants}${later}`);
  if (id === undefined) return nothing(end);
  const notice = { id, confidence: 1, start: Math.max(from, at - 40), end, link: false };
  return { found: [isOpen ? notice : { ...notice, bare: true }], readTo: at + 200 };
}
