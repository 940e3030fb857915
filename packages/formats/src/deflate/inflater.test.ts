import { deflateRawSync, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { openInflater } from "./inflater.ts";
import type { Inflater } from "./inflater.ts";

type Answer = { readonly content: string; readonly used: number } | "damaged" | "cut";

/** What an inflater says of bytes that come in pieces of a length. */
function expanded(inflater: Inflater, bytes: Uint8Array, step: number): Answer {
  const content: Buffer[] = [];
  try {
    for (let at = 0; at < bytes.length; at += step) {
      const part = bytes.subarray(at, at + step);
      for (const piece of inflater.push(part)) content.push(Buffer.from(piece));
      if (inflater.unused === undefined) continue;
      expect(inflater.unused).toBeLessThanOrEqual(part.length);
      return { content: Buffer.concat(content).toString("hex"), used: at + part.length - inflater.unused };
    }
    return "cut";
  } catch {
    return "damaged";
  } finally {
    inflater.close();
  }
}

function byZlib(bytes: Uint8Array): Answer {
  try {
    // Its types do not know of `info`.
    const { buffer, engine } = inflateRawSync(bytes, { info: true }) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    return { content: buffer.toString("hex"), used: engine.bytesWritten };
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "Z_BUF_ERROR" ? "cut" : "damaged";
  }
}

/** Content that deflate packs in many ways: repeats near and far, letters of few kinds, and noise. */
const contents = fc.oneof(
  fc.uint8Array({ maxLength: 3_000 }),
  fc
    .array(fc.constantFrom("a", "bc", "defg", " ", "the quick brown fox "), { maxLength: 2_000 })
    .map((words) => Buffer.from(words.join(""))),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.integer({ min: 1, max: 400 }))
    .map(([part, times]) => Buffer.concat(Array.from({ length: times }, () => part))),
);

const packings = fc.record({
  level: fc.integer({ min: 0, max: 9 }),
  strategy: fc.integer({ min: 0, max: 4 }),
  memLevel: fc.integer({ min: 1, max: 9 }),
  windowBits: fc.integer({ min: 9, max: 15 }),
});

const steps = fc.constantFrom(1, 2, 7, 100, 5_000, 1_000_000);

let copies = 0;

/** A copy of the module that has tried nothing yet. Test files share a process: modules of others must stay what they are. */
async function copyOfModule(): Promise<Pick<typeof import("./inflater.ts"), "openInflater">> {
  const name = `./inflater.ts?${++copies}`;
  return (await import(name)) as typeof import("./inflater.ts");
}

afterEach(() => void vi.unstubAllGlobals());

describe.each(["WebAssembly", "fflate"])("deflate data expanded by %s", (engine) => {
  let copy: ReturnType<typeof copyOfModule> | undefined;

  async function open(): Promise<Inflater> {
    if (engine === "fflate") vi.stubGlobal("WebAssembly", undefined);
    const inflater = (await (copy ??= copyOfModule())).openInflater();
    expect(inflater.constructor.name).toBe(engine === "fflate" ? "SteppedInflate" : "CompiledInflate");
    return inflater;
  }

  test("is what was packed, however it comes, and ends where it ends", () =>
    fc.assert(
      fc.asyncProperty(
        contents,
        packings,
        steps,
        fc.uint8Array({ maxLength: 40 }),
        async (content, how, step, behind) => {
          const packed = deflateRawSync(content, how);
          const inflater = await open();

          expect(expanded(inflater, Buffer.concat([packed, behind]), step)).toEqual({
            content: Buffer.from(content).toString("hex"),
            used: packed.length,
          });
        },
      ),
      { numRuns: 60 },
    ));

  test("that is larger than all windows is whole", async () => {
    const content = Buffer.concat(
      Array.from({ length: 60_000 }, (_, at) => Buffer.from(`line ${at * 7919} of many\n`)),
    );
    const packed = deflateRawSync(content);

    expect(expanded(await open(), packed, 300_000)).toEqual({ content: content.toString("hex"), used: packed.length });
  });
});

describe("damaged deflate data", () => {
  test("is damaged to WebAssembly where it is to zlib, and cut where it is cut", () =>
    fc.assert(
      fc.asyncProperty(
        contents,
        packings,
        steps,
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 }),
        fc.option(fc.nat()),
        async (content, how, step, changes, length) => {
          const packed = deflateRawSync(content, how);
          for (const [at, value] of changes) packed[at % packed.length] = value;
          const bytes = length === null ? packed : packed.subarray(0, length % packed.length);

          expect(expanded(openInflater(), bytes, step)).toEqual(byZlib(bytes));
        },
      ),
      { numRuns: 300 },
    ));

  test.each<readonly [string, string, Answer]>([
    ["a block of an unknown type", "07", "damaged"],
    ["a stored length that its complement does not match", "010100fffe00", "damaged"],
    ["287 codes", "fc00", "damaged"],
    ["a distance before the beginning", "4b04120000", "damaged"],
    ["nothing", "", "cut"],
  ])("such as %s", async (_, hex, answer) => {
    const bytes = Buffer.concat([Buffer.from(hex, "hex"), Buffer.alloc(hex === "" ? 0 : 8)]);

    expect(expanded(openInflater(), bytes, 1_000)).toBe(answer);
    expect(byZlib(bytes)).toBe(answer);
  });

  test("does not see what an earlier stream left in the same memory", async () => {
    expanded(openInflater(), deflateRawSync(Buffer.from("secret ".repeat(5_000))), 1_000);

    expect(expanded(openInflater(), Buffer.from("4b04120000", "hex"), 100)).toBe("damaged");
  });
});

test("a machine that there is no memory for is done without; later ones are not", async () => {
  const { Instance } = WebAssembly;
  let refusals = 1;
  vi.stubGlobal("WebAssembly", {
    Module: WebAssembly.Module,
    Instance: function open(code: WebAssembly.Module): WebAssembly.Instance {
      if (refusals-- > 0) throw new RangeError("Out of memory: Cannot allocate Wasm memory for new instance");
      return new Instance(code);
    },
  });
  const { openInflater: open } = await copyOfModule();

  expect([open(), open()].map(({ constructor }) => constructor.name)).toEqual(["SteppedInflate", "CompiledInflate"]);
});
