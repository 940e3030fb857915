import { analyzedFile } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { pypiDirectUrl } from "./direct-url.ts";

const metadata = "site/app-1.0.dist-info/METADATA";
const observed = [
  {
    observation: { kind: "package", package: { name: "app", version: "1.0" } },
    path: metadata,
    analyzer: "pypi/metadata",
  },
] as const;

test.each([
  [
    '{"url":"https://example.com/a.git","vcs_info":{"vcs":"git","commit_id":"0123"}}',
    "https://example.com/a.git@0123",
    "repository",
  ],
  ['{"url":"file:///src/app","dir_info":{"editable":true}}', "file:///src/app", "path"],
  ['{"url":"https://files.example.com/app.whl","archive_info":{}}', undefined, undefined],
  ["{", undefined, undefined],
  ["[]", undefined, undefined],
])("%s", async (text, from, origin) => {
  const file = analyzedFile("site/app-1.0.dist-info/direct_url.json", text);
  const files = { get: () => undefined, [Symbol.iterator]: () => [file].values() };
  const said = [];
  for await (const one of pypiDirectUrl.analyze(files, observed, {})) if (one.kind === "package") said.push(one);

  expect(said).toEqual(
    from === undefined
      ? []
      : [{ kind: "package", package: { name: "app", version: "1.0", origin, facts: { from } }, at: metadata }],
  );
});
