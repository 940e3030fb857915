import { purlPattern } from "../../purl-match.ts";
import type { VexProduct } from "./statement.ts";

const imageTypes: ReadonlySet<string> = new Set(["oci", "docker"]);

/**
 * A product named by a package URL, which may be that of an SBOM's subject, or, for the image itself, by its name or digest. With `parts`, only
 * those of its components; without, the product itself, and all of an image or of an SBOM's subject.
 */
export function productOf(name: string, parts: readonly string[] = []): VexProduct {
  const whole = purlPattern(name);
  const patterns = parts.flatMap((part) => purlPattern(part) ?? []);
  // Parts that are no package URLs mean something that cannot be found here, which is not the same as the whole product.
  const onlyParts = parts.length > 0;
  return {
    covers: (finding, run) => {
      if (onlyParts && !patterns.some((pattern) => pattern.matches(finding))) return false;
      if (whole === undefined) return run.isNamed(name);
      if (run.isSubject(whole)) return true;
      if (imageTypes.has(whole.parts.type)) return run.isImage(whole);
      return whole.matches(finding) || (onlyParts && run.isWithin(whole, finding));
    },
  };
}
