import { defineVersionScheme } from "@plimsoll/model";
import type { VersionScheme } from "@plimsoll/model";
import { compareDigits } from "../shared/versions/digits.ts";

/** R's order (`?package_version`): numbers between dots or hyphens; of two that agree, the longer one is newer. */
export const cranVersions: VersionScheme = defineVersionScheme<readonly string[]>({
  id: "cran",
  parse: (text) => (/^\d+(?:[.-]\d+)*$/.test(text) ? text.split(/[.-]/) : undefined),
  compare(a, b) {
    for (let index = 0; index < Math.min(a.length, b.length); index++) {
      const order = compareDigits(a[index] ?? "", b[index] ?? "");
      if (order !== 0) return order;
    }
    return a.length - b.length;
  },
});
