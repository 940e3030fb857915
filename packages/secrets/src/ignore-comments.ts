/** Comments by which a file excludes secrets from reports. */

import { compileGlob } from "@plimsoll/formats";

/** What comments that exclude secrets begin with, in lower case. */
export const commentMarks: readonly string[] = ["gitleaks:allow", "trivy:ignore:", "plimsoll:ignore "];

/** A comment of a file about secrets in it. */
export interface SecretComment {
  /** As it is written: `trivy:ignore:github-pat`. */
  readonly text: string;
  /** 1-based. */
  readonly line: number;
  /** Ids and aliases in lower case, `*` for any characters; absent: any secret. */
  readonly ids?: readonly string[];
  /** The last day on which it holds: `2026-12-31`. */
  readonly until?: string;
  /** Whether the comment is alone in its line, so that it applies to the next line, too. */
  readonly alone: boolean;
}

/** How much of a line is read as the comment, in UTF-16 units. */
const longestComment = 300;

/** Reads the comment whose mark is at an offset of a line; undefined if it names no rule although it must. */
export function readComment(line: string, offset: number, number: number): SecretComment | undefined {
  const rest = line.slice(offset, offset + longestComment);
  const before = line.slice(0, offset);
  const place = { line: number, alone: /^[\s#/*<!;%"'-]*$/.test(before) };
  if (/^gitleaks:allow/i.test(rest)) return { ...place, alone: false, text: rest.slice(0, "gitleaks:allow".length) };
  const trivy = /^trivy:ignore:([\w.*-]+)((?::\w+(?::[\w.-]+)?)*)/i.exec(rest);
  if (trivy?.[1] !== undefined) {
    const until = /:exp:(\d{4}-\d{2}-\d{2})/.exec(trivy[2] ?? "")?.[1];
    return {
      ...place,
      text: trivy[0],
      ids: [trivy[1].toLowerCase()],
      ...(until === undefined ? {} : { until }),
    };
  }
  const ours = /^plimsoll:ignore[ \t]+([\w.*,-]+)([^\r\n]*)/i.exec(rest);
  if (ours?.[1] === undefined) return undefined;
  const until = /(?:^|[ \t])until[ \t]+(\d{4}-\d{2}-\d{2})/.exec(ours[2] ?? "")?.[1];
  return {
    ...place,
    text: `plimsoll:ignore ${ours[1]}`,
    ids: ours[1].toLowerCase().split(","),
    ...(until === undefined ? {} : { until }),
  };
}

/** Whether a comment applies to what a rule found in these lines. */
export function speaksOf(
  { ids, line, alone }: SecretComment,
  rule: { readonly id: string; readonly aliases?: readonly string[] },
  lines: { readonly first: number; readonly last: number },
): boolean {
  const reaches = (line >= lines.first && line <= lines.last) || (alone && line + 1 === lines.first);
  if (!reaches) return false;
  if (ids === undefined) return true;
  const names = [rule.id, ...(rule.aliases ?? [])].map((name) => name.toLowerCase());
  return ids.some((id) => names.some(compileGlob(id)));
}
