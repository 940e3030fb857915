import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A database that SQLite's own shell makes of these statements, for readers that must not be proved by a writer of their
 * own author. Undefined, with one line said, where there is no `sqlite3`.
 */
export function sqliteFile(statements: string): Uint8Array | undefined {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-sqlite-"));
  try {
    const file = join(folder, "file.db");
    execFileSync("sqlite3", [file], { input: statements, stdio: "pipe" });
    return new Uint8Array(readFileSync(file));
  } catch {
    console.warn("no sqlite3: tests on files of the real engine are skipped");
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
