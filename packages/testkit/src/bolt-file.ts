import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Nested buckets: an object is a bucket, a text is a value. */
export interface BoltContent {
  readonly [key: string]: string | BoltContent;
}

let program: string | undefined | null;

/**
 * A database written by the real engine, so that readers are not tested only with files of our own writer.
 * Undefined, with one line said, where there is no Go toolchain or its module cache lacks bbolt: nothing is downloaded.
 */
export function boltFile(content: BoltContent): Uint8Array | undefined {
  program ??= buildWriter() ?? null;
  if (program === null) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-bolt-"));
  try {
    const file = join(folder, "file.db");
    execFileSync(program, [file], { input: JSON.stringify(content) });
    return new Uint8Array(readFileSync(file));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function buildWriter(): string | undefined {
  const output = join(mkdtempSync(join(tmpdir(), "plimsoll-bolt-writer-")), "bolt-writer");
  try {
    execFileSync("go", ["build", "-o", output, "."], {
      cwd: fileURLToPath(new URL("./bolt-writer", import.meta.url)),
      env: { ...process.env, GOPROXY: "off", GOFLAGS: "-mod=mod -buildvcs=false" },
      stdio: "pipe",
    });
    process.once("exit", () => rmSync(join(output, ".."), { recursive: true, force: true }));
    return output;
  } catch {
    console.warn(
      "no Go toolchain with go.etcd.io/bbolt in its module cache: tests on files of the real engine are skipped",
    );
    rmSync(join(output, ".."), { recursive: true, force: true });
    return undefined;
  }
}
