// What a caller gives to be asked, a listener, a rule, a store, may fail: the scan then ends in an error that says which.
import { ScanError } from "@plimsoll/model";
import type { TriageRule } from "@plimsoll/model";
import { literalImage } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { leftPadFiles, leftPadStore as advisories } from "./fixtures/left-pad.ts";
import * as neutral from "./index.ts";
import * as node from "./node.ts";

const source = literalImage({ layers: [leftPadFiles] });
const boom = new Error("boom");
const explode: () => never = () => {
  throw boom;
};

const keep: TriageRule["judge"] = () => undefined;

async function failureOf(call: () => Promise<unknown>): Promise<ScanError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof ScanError) return error;
    throw error;
  }
  throw new Error("nothing failed");
}

describe.each([
  ["node", node.scanImage, node.analyzeImage, node.scanInventory],
  ["neutral", neutral.scanImage, neutral.analyzeImage, neutral.scanInventory],
] as const)("a scan of the entry %s ends in an error that says so", (_, scanImage, analyzeImage, scanInventory) => {
  test.each(["image-opened", "package-found", "inventory-taken", "matched"])(
    "when its listener throws at %s",
    async (kind) => {
      let told = 0;
      const onEvent = (event: { readonly kind: string }): void => {
        if (event.kind === kind) explode();
        told += 1;
      };
      const error = await failureOf(() => scanImage(source, { advisories, onEvent, cache: undefined }));
      expect(error.message).toBe("The listener onEvent failed: boom");
      expect(error.failure.kind).toBe("callback-failed");
      expect(error.cause).toBe(boom);
      expect(told).toBeGreaterThanOrEqual(kind === "image-opened" ? 0 : 1);
    },
  );

  test("when the listener of an inventory throws, and of matching alone", async () => {
    expect((await failureOf(() => analyzeImage(source, { onEvent: explode }))).message).toContain("onEvent failed");
    const inventory = await analyzeImage(source);
    expect((await failureOf(() => scanInventory(inventory, { advisories, onEvent: explode }))).message).toContain(
      "onEvent failed",
    );
  });

  test.each([
    ["judge", { judge: explode }],
    ["start", { start: explode, judge: keep }],
    ["remarks", { remarks: explode, judge: keep }],
  ])("when a triage rule throws in %s", async (_name, rule) => {
    const triage = [{ id: "mine", ...rule }];
    const error = await failureOf(() => scanImage(source, { advisories, triage }));
    expect(error.message).toBe("The triage rule mine failed: boom");
    expect(error.cause).toBe(boom);
  });

  test("when a rule or listener throws a ScanError, with that very one", async () => {
    const own = new ScanError({ kind: "invalid-option", option: "mine", reason: "is wrong" });
    const judge: () => never = () => {
      throw own;
    };
    expect(await failureOf(() => scanImage(source, { advisories, triage: [{ id: "mine", judge }] }))).toBe(own);
    expect(await failureOf(() => scanImage(source, { advisories, onEvent: judge }))).toBe(own);
  });
});

test("a followed scan whose listener throws ends its loop in that error", async () => {
  const follow = async (): Promise<void> => {
    for await (const _ of neutral.scanEvents(source, { advisories, onEvent: explode }));
  };
  expect((await failureOf(follow)).message).toBe("The listener onEvent failed: boom");
});
