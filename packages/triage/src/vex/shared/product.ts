import { purlPattern } from "../../purl-match.ts";
import type { PurlPattern } from "../../purl-match.ts";
import type { VexProduct } from "./statement.ts";

const imageTypes: ReadonlySet<string> = new Set(["oci", "docker"]);

/**
 * A product named by a package URL, or, for the image itself, by its name or digest. With `parts`, only those of its components; without, the product
 * itself, and all of an image.
 */
export function productOf(name: string, parts: readonly string[] = []): VexProduct {
  const whole = purlPattern(name);
  const patterns = parts.flatMap((part) => purlPattern(part) ?? []);
  const isPart: VexProduct["covers"] = (finding) => patterns.some((pattern) => pattern.matches(finding) !== undefined);
  // Parts that are no package URLs mean something that cannot be found here, which is not the same as the whole product.
  const onlyParts = parts.length > 0;
  return {
    covers: (finding, pkg, run) => {
      if (whole === undefined || imageTypes.has(whole.type)) {
        const isArtifact = whole === undefined ? run.isNamed(name) : run.isImage(whole);
        return isArtifact && (!onlyParts || isPart(finding, pkg, run));
      }
      if (!onlyParts) return whole.matches(finding) !== undefined;
      return isPart(finding, pkg, run) && holds(whole);

      function holds(pattern: PurlPattern): boolean {
        return pattern.matches(finding) !== undefined || run.isWithin(pattern, finding);
      }
    },
  };
}
