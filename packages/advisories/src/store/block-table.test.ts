import { expect, test } from "vitest";
import { TableIndex, TableWriter } from "./block-table.ts";
import { encodeText } from "./byte-order.ts";

async function indexOf(blocks: number): Promise<Uint8Array> {
  let length = 16;
  const table = new TableWriter(async (bytes) => {
    length += bytes.length;
    return length - bytes.length;
  }, 8);
  for (let at = 0; at < blocks; at++) await table.add(encodeText(`key-${at}`), "a value of some length");
  return (await table.finish()).index;
}

test("blocks that lie behind each other are given where they lie", async () => {
  const index = new TableIndex(await indexOf(3), 3);
  const places = [0, 1, 2].map((block) => index.place(block));

  expect(places.map(({ offset, packed }) => offset + packed).slice(0, 2)).toEqual(
    places.map(({ offset }) => offset).slice(1),
  );
});

test("an index that names the same bytes many times is refused: each look-up would expand them anew", async () => {
  const bytes = await indexOf(3);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setBigUint64(24, view.getBigUint64(0, true), true);
  const index = new TableIndex(bytes, 3);

  expect(() => index.place(0)).toThrow(/overlap/);
});
