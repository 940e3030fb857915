import { createWriteStream } from "node:fs";
import { lstat, rename, rm } from "node:fs/promises";
import { once } from "node:events";
import { sayingOf } from "./command-line.ts";
import type { Terminal } from "./command-line.ts";

/**
 * Writes a document to a file, whole or not at all, or to stdout. What is no plain file (a link, a device, a pipe) is
 * written through: replacing it would put a file where others expect a `/dev/stdout`.
 */
export async function writeOutput(text: Iterable<string>, file: string | undefined, terminal: Terminal): Promise<void> {
  if (file === undefined) {
    for (const part of text) terminal.stdout.write(part);
    return;
  }
  await sayingOf(file, async () => ((await isReplaceable(file)) ? replaceFile(text, file) : writeFile(text, file)));
}

async function isReplaceable(file: string): Promise<boolean> {
  return lstat(file).then(
    (found) => found.isFile(),
    () => true,
  );
}

async function replaceFile(text: Iterable<string>, file: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(text, temporary);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeFile(text: Iterable<string>, file: string): Promise<void> {
  const stream = createWriteStream(file);
  for (const part of text) if (!stream.write(part)) await once(stream, "drain");
  stream.end();
  await once(stream, "finish");
}
