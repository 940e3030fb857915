/**
 * The dialects of ignore files, one line a file.
 * @module
 */
export { gitleaksignore } from "./ignore-files/gitleaksignore.ts";
export { grype } from "./ignore-files/grype.ts";
export { osvScanner } from "./ignore-files/osv-scanner.ts";
export { plimsollignore } from "./ignore-files/plimsollignore.ts";
export { trivyignore } from "./ignore-files/trivyignore.ts";
export { trivyignoreYaml } from "./ignore-files/trivyignore-yaml.ts";
