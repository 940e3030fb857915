import { sameExpansion, seedsOf } from "@plimsoll/testkit";
import { FormatError } from "./format-error.ts";
import { unzstd } from "./zstd.ts";

/** Two frames, incompressible bytes with a checksum, zeros, and a skippable frame in front, by zstd(1). */
export function seeds(): Uint8Array[] {
  return seedsOf([
    "KLUv/QRYRQIAhAN0aGUgcXVpY2sgYnJvd24gZm94IGp1bXBzIG92ZXIgdGhlIGxhenkgZG9nLCBhbmQgYWdhaW46CgQAiCpQ0HO5rT4ctxMKqQMkVii1L/0EWCkAAHdvcmxk71HuZg==",
    "KLUv/QRY4RUAAAccQHGwA17HRMlhCLd5SigUDxctUoTEGHTeXOJ7I9OWaEc0MDlQdqnqP5wMhhKnUAbFmHhmY22FrOAneNZHwk/lj0YL2ruqqLPM9C5xwyeUFZ464JheMxUFBBAqU4nNJYXzdQScSAHDmXxtbXqVv/ZAlPVp53cVvXc/FvXn6PYXQnrAGnzscAGbSQTIoIV4eomm0hBXrRWGC5g44p5oQScbHi5MebMAV7sys0bikk8a79bLz+AEMm22E3jrcgajVBLZtJySl6nJ+DmD3Ee7Q9N2KOKvi3RrcYSl1RdivCidJrdbDsmXdF5WXXGTxAdTrhuRG61SBsKRb1pTW3CTxQlWsiCXIrVbEM2dfGhia4Gl2B1ryDevO892LOq7m4iDjaTJAkOS8GDZZgCjWh7rzLq2wdkEOXvLL5saoz7iml8yFAMADCVMgsUbe+ho8o447LKGaVlXZH6m3SZ42UzIWPCbVRzs0MHAzukXT5TnTr0/y2kVy5NpTkBAT2uVzhlt0EXDVe+cWCHz2czN3foqZKsFadpe7Iw68ryUe29xgqDMDFSqFIYLmjvlo25HLyQnOViFwQ9mzETFWvenZjIM8ObqAiJQjdc0mxSWLMp7OwjeyL/E2Pkta7YUfPF5EK9hIuvHsqqwxeccW6cGb+VuBqZZG+XCrqeuxOcdXaoKdOt1Dq9jJvHPvLa+1fkwcb8giwiOKMp/QxTu3Nfg+CJVl+ZItDK5VPetckQkEw8ZMliMzySC7272kjvts4ZnV1RfeaDVHm/OQbxK4oxEC9q8rau30vo1eswxoCGrSe+ocEUoGhkmQmui6EChFpMjvWkj572hlJSiv+kmbcEomRyoSPCrdUwxJSY1U363BFm8M7JE4I5KFejOw8XV9CVfqANn2l/tjz72wpuCeHuMrNkZY7okmB6tUAC5hmBIP3KRKW8=",
    "KLUv/QRoRQAACAABACz1DoTdrKUi",
    "UCpNGAQAAABhYmNkKLUv/QRYGQAAYWJjmQl3rQ==",
  ]);
}

/** However the stream is cut: the same bytes or the same kind of FormatError. */
export async function fuzz(input: Uint8Array): Promise<void> {
  await sameExpansion(input, unzstd, (error) => (error instanceof FormatError ? error.problem : undefined));
}
