import { record } from "@plimsoll/formats";
import { hookDialects } from "./hook-routes.ts";

const encoder = new TextEncoder();

/** Webhooks as registries send them. */
export function seeds(): readonly Uint8Array[] {
  const type = "application/vnd.oci.image.manifest.v1+json";
  const digest = `sha256:${"a".repeat(64)}`;
  return [
    {
      events: [
        { action: "push", target: { mediaType: type, repository: "a/b", digest, tag: "1" }, request: { host: "r" } },
      ],
    },
    { repository: { repo_name: "a/b" }, push_data: { tag: "1" } },
    { type: "PUSH_ARTIFACT", event_data: { resources: [{ resource_url: "r/a/b:1", digest, tag: "1" }] } },
    { docker_url: "quay.io/a/b", updated_tags: ["1", "2"] },
    {
      action: "published",
      package: { package_type: "container", package_version: { container_metadata: { tag: { name: "1" } } } },
    },
    { action: "push", target: { mediaType: type, repository: "a", digest }, request: { host: "x.azurecr.io" } },
    {
      "detail-type": "ECR Image Action",
      account: "1",
      region: "r",
      detail: { "repository-name": "a", "image-tag": "1" },
    },
    {
      message: { data: btoa(JSON.stringify({ action: "INSERT", digest: "gcr.io/a/b@sha256:1", tag: "gcr.io/a/b:1" })) },
    },
  ].map((body) => encoder.encode(JSON.stringify(body)));
}

/** Every dialect reads whatever object somebody posts as pushes of images or as none of its kind. */
export function fuzz(input: Uint8Array): void {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(input));
  } catch {
    return;
  }
  const body = record(value);
  if (body === undefined) return;
  for (const dialect of hookDialects)
    for (const { reference } of dialect.read(body) ?? [])
      if (!/[:@]/.test(reference)) throw new Error(`${dialect.id}: "${reference}" names no image`);
}
