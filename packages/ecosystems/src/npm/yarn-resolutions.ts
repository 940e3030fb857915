import { entriesOf } from "../shared/reading/untrusted.ts";

/** One line of `resolutions` in a `package.json`: what is installed in place of what a package asks for. */
interface Resolution {
  /** Only for what this package asks for; absent: for what anybody does. */
  readonly parent: string | undefined;
  /** Only where this range is asked for; absent: for all. */
  readonly range: string | undefined;
  readonly reference: string;
}

/** Gives what takes the place of the range that a package (absent: a project itself) asks for; undefined where nothing does. */
export interface Replacement {
  (need: readonly [name: string, range: string], parent?: string): string | undefined;
}

const part = "((?:@[^/@]+/)?[^/@]+)(?:@([^/]+))?";
const pattern = new RegExp(`^(?:\\*\\*/|${part}/)?${part}$`);

/**
 * Reads `resolutions` of a project's `package.json` (https://yarnpkg.com/configuration/manifest#resolutions): its keys are `name`,
 * `name@range`, `parent/name`, or in Yarn 1 `**` and a name. Other globs of Yarn 1 are left alone: its locks name the ranges that were asked for.
 */
export function replacementsOf(resolutions: unknown): Replacement {
  const byName = new Map<string, Resolution[]>();
  for (const [key, reference] of entriesOf(resolutions)) {
    const [, parent, , name, range] = pattern.exec(key) ?? [];
    if (name === undefined || name === "*" || name === "**" || parent === "*" || typeof reference !== "string")
      continue;
    const known = byName.get(name);
    if (known === undefined) byName.set(name, [{ parent, range, reference }]);
    else known.push({ parent, range, reference });
  }
  return ([name, range], asking) =>
    byName
      .get(name)
      ?.find(
        (one) =>
          (one.parent === undefined || one.parent === asking) &&
          (one.range === undefined || withoutProtocol(one.range) === withoutProtocol(range)),
      )?.reference;
}

/** `npm:^1.2` is the same as `^1.2`. */
function withoutProtocol(range: string): string {
  return range.replace(/^npm:/, "");
}
