import { sameInChunks } from "@plimsoll/testkit";
import { FormatError } from "../format-error.ts";
import { unxz } from "./unxz.ts";

/** Deflated input can claim nearly everything: this much is enough to see. */
const maxBytes = 8 * 1024 * 1024;

/** Two streams, incompressible bytes, zeros, several blocks with each kind of check, and a filter for programs, by xz(1). */
export function seeds(): Uint8Array[] {
  return [
    "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4AD1AEBdADoaCM52x+Xp1gc0w9EOv85V4aq94OSPmAHdjeUHVJ5lJV8nOmp+tNNJAzgzaaLZzNJWcy1naTtlFTAIsSNdIAAA/kY4NoWO+NMAAVz2AQAAAMne0cexxGf7AgAAAAAEWVr9N3pYWgAABObWtEYCACEBFgAAAHQv5aMBAAR3b3JsZAAAAAD4WOFU+vwQPgABHQW4LYCvH7bzfQEAAAAABFla",
    "/Td6WFoAAArh+wyhAgAhAQwAAACPmEGcAQK7AAccQHGwA17HRMlhCLd5SigUDxctUoTEGHTeXOJ7I9OWaEc0MDlQdqnqP5wMhhKnUAbFmHhmY22FrOAneNZHwk/lj0YL2ruqqLPM9C5xwyeUFZ464JheMxUFBBAqU4nNJYXzdQScSAHDmXxtbXqVv/ZAlPVp53cVvXc/FvXn6PYXQnrAGnzscAGbSQTIoIV4eomm0hBXrRWGC5g44p5oQScbHi5MebMAV7sys0bikk8a79bLz+AEMm22E3jrcgajVBLZtJySl6nJ+DmD3Ee7Q9N2KOKvi3RrcYSl1RdivCidJrdbDsmXdF5WXXGTxAdTrhuRG61SBsKRb1pTW3CTxQlWsiCXIrVbEM2dfGhia4Gl2B1ryDevO892LOq7m4iDjaTJAkOS8GDZZgCjWh7rzLq2wdkEOXvLL5saoz7iml8yFAMADCVMgsUbe+ho8o447LKGaVlXZH6m3SZ42UzIWPCbVRzs0MHAzukXT5TnTr0/y2kVy5NpTkBAT2uVzhlt0EXDVe+cWCHz2czN3foqZKsFadpe7Iw68ryUe29xgqDMDFSqFIYLmjvlo25HLyQnOViFwQ9mzETFWvenZjIM8ObqAiJQjdc0mxSWLMp7OwjeyL/E2Pkta7YUfPF5EK9hIuvHsqqwxeccW6cGb+VuBqZZG+XCrqeuxOcdXaoKdOt1Dq9jJvHPvLa+1fkwcb8giwiOKMp/QxTu3Nfg+CJVl+ZItDK5VPetckQkEw8ZMliMzySC7272kjvts4ZnV1RfeaDVHm/OQbxK4oxEC9q8rau30vo1eswxoCGrSe+ocEUoGhkmQmui6EChFpMjvWkj572hlJSiv+kmbcEomRyoSPCrdUwxJSY1U363BFm8M7JE4I5KFejOw8XV9CVfqANn2l/tjz72wpuCeHuMrNkZY7okmB6tUAC5hmBIPwA9yQ0F4mh0Hkxh7lqEu8i9xYEsE2MvRugyIH6A2VREqQAB7AW8BQAAnbNcO7bp3xwCAAAAAApZWg==",
    "/Td6WFoAAAFpIt42AgAhARwAAAAQz1jM4HUvAEBdAABv/f//o7f/Rz5IFXI5YVG4kijmo4YH+e7kHoLTL8U6PAFLsX7JiopNL6MN2X+m44wjEVPgWRjFdYriZ/Yd6QAAIEoCZQABWLDqAQAAOJ1Piz4wDYsCAAAAAAFZWg==",
    "/Td6WFoAAAD/EtlBAgAhARYAAAB0L+Wj4ABjAD9dADoaCM52x+Xp1gc0w9EOv85V4aq94OSPmAHdjeUHVJ5lJV8nOmp+tNNJAzgzaaLZzNJWcy1naTtlFS8PikZbwAAAAgAhARYAAAB0L+Wj4ABjAEBdADwICUeT3rgEm2fFW6XKmAj5MhrmuxCnhoJUjNZ3u+l92y304+lV2F3rur3xLA/Hx/JL0xZ+Bp9gnXAZiIE9SgAAAgAhARYAAAB0L+WjAQAtYXp5IGRvZywgYW5kIGFnYWluOiB0aGUgcXVpY2sgYnJvd24gZm94IGp1bXBzCgAAAAADU2RUZD4um4PAJKgACvwCAAAAAABZWg==",
    "/Td6WFoAAATm1rRGAgEEACEBDADWfBivAQK7AAccQHGwA17HRMlhCLd5SigUDxctUoTEGHTeXOJ7I9OWaEc0MDlQdqnqP5wMhhKnUAbFmHhmY22FrOAneNZHwk/lj0YL2ruqqLPM9C5xwyeUFZ464JheMxUFBBAqU4nNJYXzdQScSAHDmXxtbXqVv/ZAlPVp53cVvXc/FvXn6PYXQnrAGnzscAGbSQTIoIV4eomm0hBXrRWGC5g44p5oQScbHi5MebMAV7sys0bikk8a79bLz+AEMm22E3jrcgajVBLZtJySl6nJ+DmD3Ee7Q9N2KOKvi3RrcYSl1RdivCidJrdbDsmXdF5WXXGTxAdTrhuRG61SBsKRb1pTW3CTxQlWsiCXIrVbEM2dfGhia4Gl2B1ryDevO892LOq7m4iDjaTJAkOS8GDZZgCjWh7rzLq2wdkEOXvLL5saoz7iml8yFAMADCVMgsUbe+ho8o447LKGaVlXZH6m3SZ42UzIWPCbVRzs0MHAzukXT5TnTr0/y2kVy5NpTkBAT2uVzhlt0EXDVe+cWCHz2czN3foqZKsFadpe7Iw68ryUe29xgqDMDFSqFIYLmjvlo25HLyQnOViFwQ9mzETFWvenZjIM8ObqAiJQjdc0mxSWLMp7OwjeyL/E2Pkta7YUfPF5EK9hIuvHsqqwxeccW6cGb+VuBqZZG+XCrqeuxOcdXaoKdOt1Dq9jJvHPvLa+1fkwcb8giwiOKMp/QxTu3Nfg+CJVl+ZItDK5VPetckQkEw8ZMliMzySC7272kjvts4ZnV1RfeaDVHm/OQbxK4oxEC9q8rau30vo1eswxoCGrSe+ocEUoGhkmQmui6EChFpMjvWkj572hlJSiv+kmbcEomRyoSPCrdUwxJSY1U363BFm8M7JE4I5KFejOw8XV9CVfqANn2l/tjz72wpuCeHuMrNkZY7okmB6tUAC5hmBIPwD+quqYX3ubSwAB1AW8BQAAXTZ107HEZ/sCAAAAAARZWg==",
    "/Td6WFoAAATm1rRGAgEDAQMhARaXj3H84AD1AE0TADoa2dR59hZo3uis58rngHuhmsBxYxxNXPJs+QzjxIPOXEHDMAF6AxlgSMUROX9GfhykdIsHYEa7zBDKUjIga9zbezdM2fUpa4IL8JQAAAAAAP5GODaFjvjTAAFp9gEAAADXSGaTscRn+wIAAAAABFla",
  ].map((text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));
}

/** However the stream is cut: the same bytes or the same kind of FormatError. */
export async function fuzz(input: Uint8Array): Promise<void> {
  await sameInChunks(input, async (stream) => {
    let bytes = 0;
    let sum = 0;
    try {
      for await (const chunk of unxz(stream)) {
        bytes += chunk.length;
        if (bytes > maxBytes) return "more";
        for (const byte of chunk) sum = (Math.imul(sum, 31) + byte) | 0;
      }
      return `${bytes} ${sum}`;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      // What came out before is a matter of how much went in at once.
      return error.problem;
    }
  });
}
