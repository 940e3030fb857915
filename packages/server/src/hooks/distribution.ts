import { record } from "@plimsoll/formats";
import { objectsOf, pushOf, textOf } from "./push.ts";
import type { HookDialect } from "./push.ts";

/** Of images and lists of them; pushes of blobs are none of images. */
const manifest = /^application\/vnd\.(oci\.image\.(manifest|index)|docker\.distribution\.manifest(\.list)?)\.v\d/;

/** Docker's registry, and registries based on it: https://distribution.github.io/distribution/about/notifications/ */
export const distribution: HookDialect = {
  id: "distribution",
  read(body) {
    return objectsOf(body["events"])?.flatMap(({ action, target, request }) => {
      const { mediaType, repository, digest, tag } = record(target) ?? {};
      if (action !== "push" || !manifest.test(textOf(mediaType) ?? "")) return [];
      const host = textOf(record(request)?.["host"]);
      const name = textOf(repository);
      return pushOf(
        host === undefined || name === undefined ? undefined : `${host}/${name}`,
        textOf(tag),
        textOf(digest),
      );
    });
  },
};
