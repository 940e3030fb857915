/**
 * Configuration files to documents in which every value knows its lines: Dockerfiles, Kubernetes manifests, compose files, an image's own
 * configuration, and YAML or JSON of any other kind.
 * @module
 * @example
 * import { readConfigs } from "@plimsoll/configs";
 * const { documents, diagnostics } = readConfigs([{ path: "Dockerfile", text: "FROM alpine\nUSER 1000\n" }]);
 * documents[0]?.at("/instructions/1"); // { line: 2, … }
 */
export { configReader, readConfigs } from "./read-configs.ts";
export type { ConfigReader, FilePattern, ReadConfigsOptions } from "./read-configs.ts";
export { detectConfigTypes } from "./detect.ts";
export type {
  AnyConfigDocument,
  ConfigDocument,
  ConfigFile,
  ConfigFormat,
  ConfigValues,
  ReadConfigs,
} from "./document.ts";
export { parseDockerfile } from "./dockerfile/parse-dockerfile.ts";
export type {
  Dockerfile,
  DockerfileError,
  DockerfileInstruction,
  DockerfileStage,
  Heredoc,
} from "./dockerfile/instruction.ts";
export { ExpansionError, expandWord, expandWords } from "./dockerfile/expand-words.ts";
export type { ExpandedWord, Variables } from "./dockerfile/expand-words.ts";

// Images
export { imageConfigDocument, imageDockerfile } from "./image-config/index.ts";
export type { ImageDockerfile } from "./image-config/index.ts";
export type { EscapeCharacter } from "./dockerfile/words.ts";
