import { licenseId } from "./license-list.ts";

/** What the SPDX list says to write instead of ids that it has withdrawn, where it is more than a version's `-only`. */
const successors: ReadonlyMap<string, { readonly license: string; readonly exception?: string }> = new Map([
  ["BSD-2-Clause-FreeBSD", { license: "BSD-2-Clause-Views" }],
  ["BSD-2-Clause-NetBSD", { license: "BSD-2-Clause" }],
  ["GPL-2.0-with-GCC-exception", { license: "GPL-2.0-only", exception: "GCC-exception-2.0" }],
  ["GPL-2.0-with-autoconf-exception", { license: "GPL-2.0-only", exception: "Autoconf-exception-2.0" }],
  ["GPL-2.0-with-bison-exception", { license: "GPL-2.0-only", exception: "Bison-exception-2.2" }],
  ["GPL-2.0-with-classpath-exception", { license: "GPL-2.0-only", exception: "Classpath-exception-2.0" }],
  ["GPL-2.0-with-font-exception", { license: "GPL-2.0-only", exception: "Font-exception-2.0" }],
  ["GPL-3.0-with-GCC-exception", { license: "GPL-3.0-only", exception: "GCC-exception-3.1" }],
  ["GPL-3.0-with-autoconf-exception", { license: "GPL-3.0-only", exception: "Autoconf-exception-3.0" }],
  ["Nunit", { license: "zlib-acknowledgement" }],
  ["StandardML-NJ", { license: "SMLNJ" }],
  ["bzip2-1.0.5", { license: "bzip2-1.0.6" }],
  ["eCos-2.0", { license: "GPL-2.0-or-later", exception: "eCos-exception-2.0" }],
  ["wxWindows", { license: "GPL-2.0-or-later", exception: "WxWindows-exception-3.1" }],
]);

/** The id (and exception) that says today what a withdrawn id said; `orLater` is the `+` behind it. */
export function currentId(
  id: string,
  orLater = false,
): { readonly license: string; readonly exception?: string; readonly plus?: true } {
  const successor = successors.get(id);
  if (successor !== undefined) return successor;
  const versions = [`${id}-or-later`, `${id}-only`].map(licenseId);
  if (versions[0] !== undefined && versions[1] !== undefined) return { license: orLater ? versions[0] : versions[1] };
  if (orLater && id.endsWith("-only")) {
    const later = licenseId(id.replace(/-only$/, "-or-later"));
    if (later !== undefined) return { license: later };
  }
  return orLater && !id.endsWith("-or-later") ? { license: id, plus: true } : { license: id };
}
