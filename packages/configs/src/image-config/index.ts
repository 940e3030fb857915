import type { ImageConfiguration, LayerRef } from "@plimsoll/model";
import { dockerfileDocument } from "../dockerfile/index.ts";
import { parseDockerfile } from "../dockerfile/parse-dockerfile.ts";
import type { ConfigDocument } from "../document.ts";
import { instructionText } from "./instruction-text.ts";

/** A Dockerfile that was made from an image. */
export interface ImageDockerfile {
  readonly text: string;
  /** Of each line, the layer that it made; undefined for lines that made none. */
  readonly layers: readonly (LayerRef | undefined)[];
}

const firstLines = ["# Reconstructed from the configuration and the history of an image.", "FROM scratch"];

/**
 * A Dockerfile reconstructed from the history of an image, for checks of Dockerfiles. It includes the instructions of base images.
 * Instructions that builders write in a form that no Dockerfile has are written as Dockerfiles have them; what is none is a comment.
 * The user and the health check are those of the configuration where the history does not say them.
 */
export function imageDockerfile({
  history,
  user = "",
  healthcheck = [],
}: Pick<ImageConfiguration, "history"> & Partial<Pick<ImageConfiguration, "user" | "healthcheck">>): ImageDockerfile {
  const lines: string[] = [...firstLines];
  const layers: (LayerRef | undefined)[] = firstLines.map(() => undefined);
  const add = (text: string, layer?: LayerRef): void => {
    for (const line of text.split("\n")) {
      lines.push(line);
      layers.push(layer);
    }
  };
  for (const { createdBy, layer } of history)
    if (createdBy !== undefined && createdBy.trim() !== "") add(instructionText(createdBy, healthcheck), layer);
  const has = (keyword: string): boolean => lines.some((line) => line.startsWith(`${keyword} `));
  if (user !== "" && !has("USER")) add(instructionText(`USER ${user}`));
  if (healthcheck.length > 0 && !has("HEALTHCHECK")) add(instructionText("HEALTHCHECK", healthcheck));
  return { text: `${lines.join("\n")}\n`, layers };
}

/** The document of a Dockerfile that was made from an image. */
export function imageConfigDocument(path: string, text: string): ConfigDocument<"image-config"> {
  return dockerfileDocument("image-config", path, text, parseDockerfile(text));
}
