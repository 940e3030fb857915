import { observe } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { gguf } from "./gguf.ts";
import { aiModel } from "./index.ts";
import { safetensors } from "./safetensors.ts";

const number = (value: number, bytes: 4 | 8): Buffer => {
  const buffer = Buffer.alloc(bytes);
  if (bytes === 4) buffer.writeUInt32LE(value);
  else buffer.writeBigUInt64LE(BigInt(value));
  return buffer;
};
const text = (value: string): Buffer => Buffer.concat([number(value.length, 8), Buffer.from(value)]);

/** A model with the given pairs; numbers become u32, lists lists of texts. */
function model(pairs: Readonly<Record<string, string | number | readonly string[]>>, version = 3): Uint8Array {
  const parts = [Buffer.from("GGUF"), number(version, 4), number(0, 8), number(Object.keys(pairs).length, 8)];
  for (const [key, value] of Object.entries(pairs)) {
    parts.push(text(key));
    if (typeof value === "string") parts.push(number(8, 4), text(value));
    else if (typeof value === "number") parts.push(number(4, 4), number(value, 4));
    else parts.push(number(9, 4), number(8, 4), number(value.length, 8), ...value.map(text));
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** Written by gguf 0.19.0 and safetensors 0.8.0, the formats' own libraries for Python. */
const written = {
  "tiny.gguf":
    "R0dVRgMAAAABAAAAAAAAAAgAAAAAAAAAFAAAAAAAAABnZW5lcmFsLmFyY2hpdGVjdHVyZQgAAAAFAAAAAAAAAGxsYW1hDAAAAAAAAABnZW5lcmFsLm5hbWUIAAAACgAAAAAAAABUaW55IExsYW1hDwAAAAAAAABnZW5lcmFsLnZlcnNpb24IAAAAAwAAAAAAAAAxLjIPAAAAAAAAAGdlbmVyYWwubGljZW5zZQgAAAAKAAAAAAAAAGFwYWNoZS0yLjAOAAAAAAAAAGdlbmVyYWwuYXV0aG9yCAAAAAcAAAAAAAAARXhhbXBsZRQAAAAAAAAAZ2VuZXJhbC5vcmdhbml6YXRpb24IAAAABwAAAAAAAABFeGFtcGxlEQAAAAAAAABsbGFtYS5ibG9ja19jb3VudAQAAAABAAAAFQAAAAAAAAB0b2tlbml6ZXIuZ2dtbC50b2tlbnMJAAAACAAAAAIAAAAAAAAAAQAAAAAAAABhAQAAAAAAAABiAQAAAAAAAAB0AQAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
  "tiny.safetensors":
    "6AAAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCIsIm1vZGVsc3BlYy5saWNlbnNlIjoiQXBhY2hlLTIuMCIsIm1vZGVsc3BlYy5pbXBsZW1lbnRhdGlvbiI6IngiLCJtb2RlbHNwZWMudGl0bGUiOiJUaW55IEVtYmVkZGVyIiwibW9kZWxzcGVjLmF1dGhvciI6IkV4YW1wbGUifSwiZW1iZWQud2VpZ2h0Ijp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsyLDJdLCJkYXRhX29mZnNldHMiOlswLDE2XX19ICAgICAgAAAAAAAAAAAAAAAAAAAAAA==",
};

test("files that the formats' own libraries wrote", async () => {
  const bytes = (name: keyof typeof written): Uint8Array => new Uint8Array(Buffer.from(written[name], "base64"));
  const found = [
    await observe(gguf, "models/tiny.gguf", bytes("tiny.gguf")),
    await observe(safetensors, "models/tiny.safetensors", bytes("tiny.safetensors")),
  ];

  expect(found.flatMap(({ diagnostics }) => diagnostics)).toEqual([]);
  expect(found.flatMap(({ packages }) => packages)).toMatchObject([
    { name: "Tiny Llama", version: "1.2", licenses: ["apache-2.0"], supplier: "Example" },
    { name: "Tiny Embedder", version: "", licenses: ["Apache-2.0"], supplier: "Example" },
  ]);
});

describe("GGUF", () => {
  test("what the model says of itself, wherever it stands among the pairs", async () => {
    const bytes = model({
      "general.architecture": "llama",
      "tokenizer.ggml.tokens": ["<s>", "</s>"],
      "general.quantization_version": 2,
      "general.name": "Example 7B",
      "general.version": "v0.3",
      "general.license": "apache-2.0",
      "general.organization": "Example",
    });
    const { packages, diagnostics } = await observe(gguf, "models/example-7b.Q4.gguf", bytes);

    expect(diagnostics).toEqual([]);
    expect(packages).toEqual([
      {
        name: "Example 7B",
        version: "v0.3",
        licenses: ["apache-2.0"],
        supplier: "Example",
        kind: "machine-learning-model",
        facts: { format: "gguf", architecture: "llama", title: "Example 7B" },
      },
    ]);
    expect(aiModel.purl(packages[0] ?? { name: "", version: "" }, undefined)).toBe("pkg:generic/Example%207B@v0.3");
  });

  test("one that says nothing is called like its file", async () => {
    expect((await observe(gguf, "models/tiny-00001-of-00002.gguf", model({}))).packages).toEqual([
      {
        name: "tiny",
        version: "",
        confidence: "approximate",
        kind: "machine-learning-model",
        facts: { format: "gguf" },
      },
    ]);
  });

  test.each([
    ["text", new TextEncoder().encode("no model at all, but long enough")],
    ["another version", model({}, 99)],
    ["a cut one", model({ "general.name": "x" }).subarray(0, 40)],
  ])("%s is reported", async (_, bytes) => {
    expect((await observe(gguf, "a.gguf", bytes)).diagnostics).toHaveLength(1);
  });

  test("lengths that nothing has do not make work", async () => {
    const bytes = model({ a: ["x"] });
    new DataView(bytes.buffer).setBigUint64(24 + 8 + 1 + 4 + 4, 2n ** 62n, true);

    expect((await observe(gguf, "a.gguf", bytes)).diagnostics).toHaveLength(1);
  });
});

describe("safetensors", () => {
  const file = (header: string): Uint8Array =>
    new Uint8Array(Buffer.concat([number(header.length, 8), Buffer.from(header), Buffer.alloc(16)]));

  test("a model of Hugging Face's cache is known by its place", async () => {
    const commit = "0123456789abcdef0123456789abcdef01234567";
    const path = `root/.cache/huggingface/hub/models--google-bert--bert-base/snapshots/${commit}/model.safetensors`;
    const { packages } = await observe(safetensors, path, file('{"__metadata__":{"format":"pt"}}'));

    expect(packages.map((pkg) => aiModel.purl(pkg, undefined))).toEqual([
      `pkg:huggingface/google-bert/bert-base@${commit}`,
    ]);
  });

  test("titles of ModelSpec", async () => {
    const header = '{"__metadata__":{"modelspec.title":"Example XL","modelspec.author":"Example"},"w":{"dtype":"F16"}}';

    expect((await observe(safetensors, "models/xl.safetensors", file(header))).packages).toEqual([
      {
        name: "Example XL",
        version: "",
        supplier: "Example",
        kind: "machine-learning-model",
        facts: { format: "safetensors", title: "Example XL" },
      },
    ]);
  });

  test.each([
    ["nothing", new Uint8Array()],
    ["a length beyond its end", file("{}").fill(255, 0, 8)],
    ["no JSON", file("not JSON")],
  ])("%s is reported", async (_, bytes) => {
    expect((await observe(safetensors, "a.safetensors", bytes)).diagnostics).toHaveLength(1);
  });
});
