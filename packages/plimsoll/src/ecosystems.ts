/**
 * The ecosystems one by one, for programs that look for a few and want to carry no others.
 * @module
 * @example
 * import { scanImage } from "plimsoll";
 * import { apk, npm } from "plimsoll/ecosystems";
 * const report = await scanImage(file, { ecosystems: [apk, npm], advisories });
 */
export * from "@plimsoll/ecosystems";
