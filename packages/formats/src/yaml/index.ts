/**
 * Only the reading of YAML, for who loads it late.
 * @module
 */
export { parseYaml, yamlKeyLines, yamlKeyLinesSteps } from "./yaml.ts";
export { yamlSteps } from "./yaml-steps.ts";
export type { AtOnce, YamlStepsOptions } from "./yaml-steps.ts";
