import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { once } from "node:events";
import { sayingOf } from "./command-line.ts";
import type { Terminal } from "./command-line.ts";

/** Writes a document to a file, whole or not at all, or to stdout. */
export async function writeOutput(text: Iterable<string>, file: string | undefined, terminal: Terminal): Promise<void> {
  if (file === undefined) {
    for (const part of text) terminal.stdout.write(part);
    return;
  }
  await sayingOf(file, () => writeFile(text, file));
}

async function writeFile(text: Iterable<string>, file: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    const stream = createWriteStream(temporary);
    for (const part of text) if (!stream.write(part)) await once(stream, "drain");
    stream.end();
    await once(stream, "finish");
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
