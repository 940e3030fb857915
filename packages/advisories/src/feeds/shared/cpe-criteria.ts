import { cpeAny, cpeNotApplicable, isCpe, parseCpe } from "@plimsoll/formats";
import type { CpeName } from "@plimsoll/formats";

/** Reads a CPE 2.3 name that has all its attributes; undefined for a shorter one, which would match every version. */
export function wholeCpe(text: string): CpeName | undefined {
  return text.startsWith("cpe:2.3:") && isCpe(text) ? parseCpe(text) : undefined;
}

/** Whether software for this host (`target_sw`) may be a program of a Linux image: WordPress's and Node.js's are known by other names. */
export function isForLinux(targetSoftware: string): boolean {
  return ["", cpeAny, cpeNotApplicable].includes(targetSoftware) || namesLinux(targetSoftware);
}

/** Whether a platform that a statement asks for may be the one under a Linux image. */
export function isLinuxPlatform(name: CpeName | undefined): boolean {
  return name?.part === "o" && (name.vendor === "linux" || namesLinux(name.product));
}

function namesLinux(text: string): boolean {
  return /linux|unix|debian|ubuntu|fedora|alpine/.test(text);
}
