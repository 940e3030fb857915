import { sameExpansion, seedsOf } from "@plimsoll/testkit";
import { FormatError } from "./format-error.ts";
import { gunzip } from "./gzip.ts";

/** Two members with a name, incompressible bytes, and zeros, by gzip(1). */
export function seeds(): Uint8Array[] {
  return seedsOf([
    "H4sIAAAAAAAAAyvJSFUoLM1MzlZIKsovz1NIy69QyCrNLShWyC9LLVIoAUrnJFZVKqTkp+soJOalKCSmJ2bmWYElsOrjwikziEwEAHGCte32AAAAH4sIAAAAAAAAAyvPL8pJAQBDEXc6BQAAAA==",
    "H4sIAAAAAAAEAwG8AkP9AAccQHGwA17HRMlhCLd5SigUDxctUoTEGHTeXOJ7I9OWaEc0MDlQdqnqP5wMhhKnUAbFmHhmY22FrOAneNZHwk/lj0YL2ruqqLPM9C5xwyeUFZ464JheMxUFBBAqU4nNJYXzdQScSAHDmXxtbXqVv/ZAlPVp53cVvXc/FvXn6PYXQnrAGnzscAGbSQTIoIV4eomm0hBXrRWGC5g44p5oQScbHi5MebMAV7sys0bikk8a79bLz+AEMm22E3jrcgajVBLZtJySl6nJ+DmD3Ee7Q9N2KOKvi3RrcYSl1RdivCidJrdbDsmXdF5WXXGTxAdTrhuRG61SBsKRb1pTW3CTxQlWsiCXIrVbEM2dfGhia4Gl2B1ryDevO892LOq7m4iDjaTJAkOS8GDZZgCjWh7rzLq2wdkEOXvLL5saoz7iml8yFAMADCVMgsUbe+ho8o447LKGaVlXZH6m3SZ42UzIWPCbVRzs0MHAzukXT5TnTr0/y2kVy5NpTkBAT2uVzhlt0EXDVe+cWCHz2czN3foqZKsFadpe7Iw68ryUe29xgqDMDFSqFIYLmjvlo25HLyQnOViFwQ9mzETFWvenZjIM8ObqAiJQjdc0mxSWLMp7OwjeyL/E2Pkta7YUfPF5EK9hIuvHsqqwxeccW6cGb+VuBqZZG+XCrqeuxOcdXaoKdOt1Dq9jJvHPvLa+1fkwcb8giwiOKMp/QxTu3Nfg+CJVl+ZItDK5VPetckQkEw8ZMliMzySC7272kjvts4ZnV1RfeaDVHm/OQbxK4oxEC9q8rau30vo1eswxoCGrSe+ocEUoGhkmQmui6EChFpMjvWkj572hlJSiv+kmbcEomRyoSPCrdUwxJSY1U363BFm8M7JE4I5KFejOw8XV9CVfqANn2l/tjz72wpuCeHuMrNkZY7okmB6tUAC5hmBIPyBIQ6e8AgAA",
    "H4sIAAAAAAACA+3BMQEAAADCoPVPbQlPoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAPgYgSgJlMHUAAA==",
  ]);
}

/** However the stream is cut: the same bytes or the same kind of FormatError. */
export async function fuzz(input: Uint8Array): Promise<void> {
  await sameExpansion(input, gunzip, (error) => (error instanceof FormatError ? error.problem : undefined));
}
