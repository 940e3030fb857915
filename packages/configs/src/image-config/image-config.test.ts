import type { LayerRef } from "@plimsoll/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDockerfile } from "../dockerfile/parse-dockerfile.ts";
import { imageConfigDocument, imageDockerfile } from "./index.ts";

function layer(index: number): LayerRef {
  return { index, diffId: `sha256:${"0".repeat(64)}` };
}

test.each([
  ['/bin/sh -c #(nop)  CMD ["sh"]', 'CMD ["sh"]'],
  ["/bin/sh -c #(nop) ADD file:0a1b in / ", "# ADD file:0a1b in /"],
  ["/bin/sh -c apk add curl", "RUN apk add curl"],
  ["RUN /bin/sh -c apk add curl # buildkit", "RUN apk add curl"],
  ["RUN |2 A=1 B=x y /bin/sh -c make # buildkit", "RUN make"],
  ["|1 VERSION=2 /bin/sh -c make $VERSION", "RUN make $VERSION"],
  ["RUN /bin/bash -o pipefail -c a | b # buildkit", "RUN a | b"],
  ["COPY app /srv # buildkit", "COPY app /srv"],
  ["ENV PATH=/usr/bin:/bin", "ENV PATH=/usr/bin:/bin"],
  ["ENV NOTE=a b c", 'ENV NOTE="a b c"'],
  ["LABEL a=1 b=2", "LABEL a=1 b=2"],
  ["EXPOSE map[443/tcp:{} 80/tcp:{}]", "EXPOSE 443/tcp 80/tcp"],
  ["VOLUME [/data /tmp]", 'VOLUME ["/data","/tmp"]'],
  ["SHELL [/bin/bash -c]", 'SHELL ["/bin/bash","-c"]'],
  ['ENTRYPOINT ["/app"]', 'ENTRYPOINT ["/app"]'],
  ["bazel build //:image", "# bazel build //:image"],
  ["ENV", "# ENV"],
  ["first\nsecond", "# first\n# second"],
  ["RUN /bin/sh -c set -e\nmake\n # buildkit", "RUN <<SCRIPT\nset -e\nmake\nSCRIPT"],
])("%j is %j", (createdBy, line) => {
  expect(imageDockerfile({ history: [{ createdBy }] }).text).toBe(
    `# Reconstructed from the configuration and the history of an image.\nFROM scratch\n${line}\n`,
  );
});

test("user and health check come from the configuration where the history does not say them", () => {
  const healthcheck = ["CMD-SHELL", "curl localhost"];
  const { text } = imageDockerfile({
    history: [{ createdBy: 'HEALTHCHECK &{["CMD-SHELL" "curl localhost"] "30s" "0s" "0s" \'\\x00\'}' }],
    user: "app",
    healthcheck,
  });

  expect(text.split("\n").slice(2)).toEqual(["HEALTHCHECK CMD curl localhost", "USER app", ""]);
  expect(imageDockerfile({ history: [{ createdBy: "USER app" }], user: "app" }).text.match(/USER/g)).toHaveLength(1);
  expect(imageDockerfile({ history: [], healthcheck }).text).toContain("HEALTHCHECK CMD curl localhost");
});

test("lines know the layers that they made", () => {
  const { text, layers } = imageDockerfile({
    history: [
      { createdBy: "RUN /bin/sh -c a\nb", layer: layer(0) },
      { createdBy: "USER app" },
      { createdBy: "COPY a b", layer: layer(1) },
    ],
  });

  expect(
    text
      .split("\n")
      .map((line, index) => `${line} ${layers[index]?.index ?? "-"}`)
      .slice(2),
  ).toEqual(["RUN <<SCRIPT 0", "a 0", "b 0", "SCRIPT 0", "USER app -", "COPY a b 1", " -"]);
  expect(imageConfigDocument("image", text).at(["instructions", 1])).toMatchObject({ line: 3, endLine: 6 });
});

test("whatever a history holds, the Dockerfile is one", () => {
  const entry = fc.oneof(
    fc.string({ unit: "binary" }),
    fc
      .tuple(
        fc.constantFrom(
          "RUN ",
          "ENV ",
          "/bin/sh -c ",
          "/bin/sh -c #(nop) ",
          "HEALTHCHECK ",
          "VOLUME [",
          "EXPOSE map[",
          "ONBUILD ",
        ),
        fc.string(),
      )
      .map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 5 }), fc.array(fc.string(), { maxLength: 3 }), (texts, healthcheck) => {
      const { text, layers } = imageDockerfile({
        history: texts.map((createdBy, index) => ({ createdBy, layer: layer(index) })),
        healthcheck,
      });

      expect(parseDockerfile(text).errors).toEqual([]);
      expect(text.split("\n")).toHaveLength(layers.length + 1);
    }),
    { numRuns: 300 },
  );
});
