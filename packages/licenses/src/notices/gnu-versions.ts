export interface GnuVersion {
  readonly number: string;
  readonly later: boolean;
  /** Of two versions that are named as a choice, the second. */
  readonly other?: string;
  /** Directly at the name. */
  readonly adjacent: boolean;
  readonly length: number;
}

const laterWords =
  /^[\s,;().]*(?:(?:of )?of the licen[sc]e|of that licen[sc]e|\(?[al]?gplv?\d(?:\.\d)?\+?\)?|dated [\w ,]{3,16}|[,;]?\s*as published by the free software foundation)?[\s,;().]*(?:\+|(?:or|and)?[\s,(]*(?:\(?at your option\)?[\s,)]*)?(?:any )?(?:later|newer|higher|subsequent|above)|or \(at your option\) any later)/i;

export function gnuVersion(head: string, tail: string): GnuVersion | undefined {
  // "version 3 of the GNU General Public License"
  const leading =
    /(?:version|v\.?)\s*(\d(?:\.\d)?)(\+| or later| or any later version| or newer|,? or \(at your option\) any later version,?)?,? of (?:the )?(?:gnu )?(?:lesser |library |affero )?$/i.exec(
      head,
    );
  if (leading !== null)
    return { number: fullVersion(leading[1]), later: leading[2] !== undefined, adjacent: true, length: 0 };
  // "GPLv2+", "GPL 3 or later", "General Public License (GPL) Version 2"
  const near =
    /^(?:\s*\([^)]{1,40}\))?[\s,:-]{0,4}(?:(?:version|ver\.?|v\.?)\s*)?[-\s]?(\d(?:\.\d)?)(?![\d.]*[a-z])/i.exec(tail);
  if (near !== null && Number(near[1]) <= 3)
    return {
      number: fullVersion(near[1]),
      ...whatFollows(tail.slice(near[0].length + sameVersionAgain(tail.slice(near[0].length), near[1]))),
      adjacent: true,
      length: near[0].length,
    };
  // "as published by the Free Software Foundation; either version 2 of the License, or (at your option) any later version"
  const far = /^(?:(?!general public licen)[^]){0,260}?\b(?:version|v\.?)\s*(\d(?:\.\d)?)(?!\d)/i.exec(tail);
  if (far !== null && Number(far[1]) <= 3 && !/\b(?:see|received|copy)\b/i.test(far[0].slice(0, -10)))
    return {
      number: fullVersion(far[1]),
      ...whatFollows(tail.slice(far[0].length)),
      adjacent: false,
      length: far[0].length,
    };
  return undefined;
}

/** ", as published by the Free Software Foundation; either version 2" behind "version 2.0": how long it is, 0 where it does not follow. */
const again =
  /^[\s,*#/]{1,12}as[\s*#/]{1,12}published[\s*#/]{1,12}by[\s*#/]{1,12}the[\s*#/]{1,12}free[\s*#/]{1,12}software[\s*#/]{1,12}foundation[;,:.]?[\s*#/]{1,12}(?:either[\s*#/]{1,12})?version[\s*#/]{1,12}(\d(?:\.\d)?)(?![\d.]*[a-z])/i;

function sameVersionAgain(rest: string, version: string | undefined): number {
  const match = again.exec(rest);
  return match !== null && fullVersion(match[1] ?? "") === fullVersion(version ?? "") ? match[0].length : 0;
}

/** "2 or (at your option) version 3 of the License", "2 or 3", "version 2 or version 3". */
const choice =
  /^(?: of (?:the|that) licen[sc]e)?,? or (?:\(?at your option\)?,? )?(?:(?:version|v\.?) ?)?(\d(?:\.\d)?)(?![\d.]*[a-z%])(?= of\b|[ ,.;)]|$)/i;

function whatFollows(rest: string): Pick<GnuVersion, "later" | "other"> {
  const second = choice.exec(rest);
  const number = fullVersion(second?.[1]);
  return second === null || Number(number) > 3
    ? { later: isLater(rest) }
    : { later: isLater(rest.slice(second[0].length)), other: number };
}

export function isLater(rest: string): boolean {
  return laterWords.test(rest);
}

function fullVersion(version: string | undefined): string {
  return version === undefined || version.includes(".") ? (version ?? "") : `${version}.0`;
}
