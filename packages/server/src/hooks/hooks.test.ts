import fc from "fast-check";
import { expect, test } from "vitest";
import { hookDialects } from "./hook-routes.ts";

const digest = `sha256:${"a".repeat(64)}`;
const image = "application/vnd.oci.image.manifest.v1+json";

/** What each kind of registry sends for a push, by its documentation, and for something else. */
const messages: Readonly<
  Record<string, { readonly push: object; readonly reference: string; readonly other: object }>
> = {
  distribution: {
    push: {
      events: [
        {
          action: "push",
          target: { mediaType: image, repository: "team/app", digest, tag: "1" },
          request: { host: "registry.example:5000" },
        },
        { action: "push", target: { mediaType: "application/octet-stream", repository: "team/app", digest } },
        { action: "pull", target: { mediaType: image, repository: "team/app", digest, tag: "1" } },
      ],
    },
    reference: `registry.example:5000/team/app:1@${digest}`,
    other: { events: [{ action: "pull" }, { action: "push" }, 7, null] },
  },
  "docker-hub": {
    push: { push_data: { tag: "latest", pusher: "ann" }, repository: { repo_name: "team/app", namespace: "team" } },
    reference: "docker.io/team/app:latest",
    other: { push_data: { pusher: "ann" }, repository: { repo_name: "team/app" } },
  },
  harbor: {
    push: {
      type: "PUSH_ARTIFACT",
      event_data: {
        resources: [{ digest, tag: "1", resource_url: "harbor.example/library/app:1" }],
        repository: { name: "app", repo_full_name: "library/app" },
      },
    },
    reference: `harbor.example/library/app:1@${digest}`,
    other: {
      type: "DELETE_ARTIFACT",
      event_data: { resources: [{ digest, resource_url: "harbor.example/library/app:1" }] },
    },
  },
  quay: {
    push: { name: "app", repository: "team/app", docker_url: "quay.example/team/app", updated_tags: ["1"] },
    reference: "quay.example/team/app:1",
    other: { docker_url: "quay.example/team/app", updated_tags: [] },
  },
  github: {
    push: {
      action: "published",
      registry_package: {
        name: "App",
        namespace: "Team",
        package_type: "CONTAINER",
        owner: { login: "Team" },
        package_version: { version: digest, container_metadata: { tag: { name: "1", digest } } },
      },
    },
    reference: `ghcr.io/team/app:1@${digest}`,
    other: { zen: "Design for failure.", hook_id: 1 },
  },
  acr: {
    push: {
      action: "push",
      target: { mediaType: image, repository: "app", tag: "1", digest },
      request: { host: "team.azurecr.io", method: "PUT" },
    },
    reference: `team.azurecr.io/app:1@${digest}`,
    other: { action: "delete", target: { repository: "app" }, request: { host: "team.azurecr.io" } },
  },
  ecr: {
    push: {
      source: "aws.ecr",
      account: "123456789012",
      region: "eu-central-1",
      detail: {
        "action-type": "PUSH",
        result: "SUCCESS",
        "repository-name": "app",
        "image-digest": digest,
        "image-tag": "1",
      },
    },
    reference: `123456789012.dkr.ecr.eu-central-1.amazonaws.com/app:1@${digest}`,
    other: {
      account: "1",
      region: "x",
      detail: { "action-type": "DELETE", result: "SUCCESS", "repository-name": "app" },
    },
  },
  gcr: {
    push: pubSub({
      action: "INSERT",
      digest: `eu-docker.pkg.dev/p/r/app@${digest}`,
      tag: "eu-docker.pkg.dev/p/r/app:1",
    }),
    reference: `eu-docker.pkg.dev/p/r/app:1@${digest}`,
    other: pubSub({ action: "DELETE", tag: "eu-docker.pkg.dev/p/r/app:1" }),
  },
};

function pubSub(event: object): object {
  return {
    message: { data: Buffer.from(JSON.stringify(event)).toString("base64"), messageId: "1" },
    subscription: "s",
  };
}

test.each(hookDialects)("a push that $id tells is read, and what it tells beside is left", ({ id, read }) => {
  const message = messages[id];

  expect(read(message?.push as Record<string, unknown>)).toEqual([{ reference: message?.reference }]);
  expect(read(message?.other as Record<string, unknown>)).toEqual([]);
  expect(read({ something: "else" })).toBeUndefined();
});

test("what webhooks hold is not believed to have any form", () => {
  const value = fc.letrec((tie) => ({
    json: fc.oneof(fc.constant(null), fc.integer(), fc.string(), fc.boolean(), tie("list"), tie("object")),
    list: fc.array(tie("json"), { maxLength: 3 }),
    object: fc.dictionary(
      fc.constantFrom(
        "events",
        "action",
        "target",
        "request",
        "message",
        "data",
        "detail",
        "type",
        "event_data",
        "resources",
        "resource_url",
        "push_data",
        "repository",
        "repo_name",
        "tag",
        "docker_url",
        "updated_tags",
        "package",
        "account",
        "region",
      ),
      tie("json"),
      { maxKeys: 6 },
    ),
  })).object;
  fc.assert(
    fc.property(value, (body) => {
      for (const { read } of hookDialects)
        for (const { reference } of read(body as Record<string, unknown>) ?? [])
          expect(typeof reference).toBe("string");
    }),
  );
});
