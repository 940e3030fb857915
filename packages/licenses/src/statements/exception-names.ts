import { exceptionId } from "../spdx/license-list.ts";

/** Words that name an exception to a licence, and its SPDX id by the licence's major version where it has several. */
const exceptions: readonly (readonly [words: RegExp, id: string, ofVersion3?: string])[] = [
  [/\bclasspath\b|\bcpe\b|^ce$/, "Classpath-exception-2.0"],
  [/\bassembly\b/, "OpenJDK-assembly-exception-1.0"],
  [/\b(?:universal )?foss\b/, "Universal-FOSS-exception-1.0"],
  [/\bautoconf\b/, "Autoconf-exception-2.0", "Autoconf-exception-3.0"],
  [/\bbison\b/, "Bison-exception-2.2"],
  [/\bgcc\b/, "GCC-exception-2.0", "GCC-exception-3.1"],
  [/\bfont\b/, "Font-exception-2.0"],
  [/\bllvm\b/, "LLVM-exception"],
  [/\blibtool\b/, "Libtool-exception"],
  [/\bpyinstaller\b|\bbootloader\b/, "Bootloader-exception"],
  [/\blinux syscall\b/, "Linux-syscall-note"],
  [/\bwxwindows\b|\bwx windows\b/, "WxWindows-exception-3.1"],
  [/\bocaml\b/, "OCaml-LGPL-linking-exception"],
  [/\btexinfo\b/, "Texinfo-exception"],
  [/\bgnat\b/, "GNAT-exception"],
  [/\becos\b/, "eCos-exception-2.0"],
  [/\bswift\b/, "Swift-exception"],
  [/\bqt lgpl\b/, "Qt-LGPL-exception-1.1"],
  [/\bqt gpl\b/, "Qt-GPL-exception-1.0"],
];

/** The SPDX id of an exception by what a statement calls it: an id, or words about it. Undefined when SPDX lists none such. */
export function namedException(text: string, license: string): string | undefined {
  const id = exceptionId(text.trim());
  if (id !== undefined) return id;
  const words = text.toLowerCase().replaceAll(/[^a-z0-9]+/g, " ");
  const [, found, ofVersion3] = exceptions.find(([pattern]) => pattern.test(words.trim())) ?? [];
  return /-3\.0/.test(license) ? (ofVersion3 ?? found) : found;
}
