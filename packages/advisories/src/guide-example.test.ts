import { rmSync } from "node:fs";
import type { AdvisoryFeed } from "@plimsoll/model";
import { followGuide } from "@plimsoll/testkit";
import { afterAll, describe, expect, test } from "vitest";

// The guide to adding a feed, done: in a copy of this package, with the test that the guide gives.
const guide = followGuide("docs/adding-a-feed.md", "advisories");
afterAll(() => rmSync(guide.folder, { recursive: true, force: true }));
const copy = await guide.load("index.ts");

describe("the feed of the guide", () => {
  test("touches one folder, and one line outside of it", () => {
    expect(guide.changed.filter((file) => !file.startsWith("feeds/example/"))).toEqual(["feed-registry.ts +1"]);
  });

  test("is offered documents", () => {
    const feeds = copy["feeds"] as () => readonly AdvisoryFeed[];

    expect(feeds().find((feed) => feed.accepts("x/example-advisories.json"))?.id).toBe("example");
  });
});

await guide.load("feeds/example/example.test.ts");
