/** A CPE 2.3 name taken apart: as far as it decides what is affected. Lower case. */
export interface CpeName {
  /** `a` application, `o` operating system, `h` hardware. */
  readonly part: string;
  readonly vendor: string;
  readonly product: string;
  readonly version: string;
  readonly update: string;
  readonly targetSoftware: string;
}

/** The logical values of CPE attributes (NISTIR 7695, section 5.3.1). */
export const any = "*";
export const notApplicable = "-";

/** Formatted string binding (NISTIR 7695, section 6.2): eleven attributes, `\\` before punctuation. */
export function parseCpe(text: string): CpeName | undefined {
  if (!text.startsWith("cpe:2.3:") || text.length > 2000) return undefined;
  const attributes = text.slice("cpe:2.3:".length).split(/(?<!\\):/);
  if (attributes.length !== 11) return undefined;
  const [part = "", vendor = "", product = "", version = "", update = "", , , , targetSoftware = ""] = attributes.map(
    (attribute) => attribute.replaceAll(/\\(.)/g, "$1").toLowerCase(),
  );
  return { part, vendor, product, version, update, targetSoftware };
}

/** Whether software for this host (`target_sw`) may be a program of a Linux image: WordPress's and Node.js's are known by other names. */
export function isForLinux(targetSoftware: string): boolean {
  return ["", any, notApplicable].includes(targetSoftware) || namesLinux(targetSoftware);
}

/** Whether a platform that a statement asks for may be the one under a Linux image. */
export function isLinuxPlatform(name: CpeName | undefined): boolean {
  return name?.part === "o" && (name.vendor === "linux" || namesLinux(name.product));
}

function namesLinux(text: string): boolean {
  return /linux|unix|debian|ubuntu|fedora|alpine/.test(text);
}
