import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { lstat, rename, rm, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { ScanError, textInTurns } from "@plimsoll/model";
import { sayingOf } from "./command-line.ts";
import type { Terminal } from "./command-line.ts";

/**
 * Writes a document to stdout, or atomically to a file. Devices and pipes, also through a link such as `/dev/stdout`, are written to directly,
 * because replacing them would put a file in their place.
 * @throws ScanError `invalid-option` for a symbolic link to a file: whoever made the link would choose what is overwritten.
 */
export async function writeOutput(text: Iterable<string>, file: string | undefined, terminal: Terminal): Promise<void> {
  if (file === undefined) {
    for await (const part of textInTurns(text)) terminal.stdout.write(part);
    return;
  }
  await sayingOf(file, async () => ((await isReplaceable(file)) ? replaceFile(text, file) : writeFile(text, file)));
}

async function isReplaceable(file: string): Promise<boolean> {
  const found = await lstat(file).catch(() => undefined);
  if (found === undefined || found.isFile()) return true;
  const target = found.isSymbolicLink() ? await stat(file).catch(() => undefined) : found;
  if (target === undefined || target.isFile())
    throw new ScanError({
      kind: "invalid-option",
      option: "output",
      reason: `${file} is a link; name a file, which need not be there yet`,
    });
  return false;
}

async function replaceFile(text: Iterable<string>, file: string): Promise<void> {
  // Nobody can know the name beforehand, and what has it already, such as a link, is not opened.
  const temporary = `${file}.${randomBytes(8).toString("hex")}.tmp`;
  try {
    await writeFile(text, temporary, "wx");
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeFile(text: Iterable<string>, file: string, flags: "w" | "wx" = "w"): Promise<void> {
  // A disk may be full while others have their turn: whoever waits for it hears of that.
  await pipeline(textInTurns(text), createWriteStream(file, { flags }));
}
