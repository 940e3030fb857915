// What Go's archive/tar makes of an archive is what a container gets: ours must be the same, or an error.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { oddTar, randomFrom } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { FormatError } from "../format-error.ts";
import { decodeName } from "./path.ts";
import { readTar } from "./read-tar.ts";

/** Reads archives with their lengths before them (4 bytes, big endian) and prints what each holds, one line of JSON each. */
const program = `package main

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
)

type entry struct {
	Flag, Name, Link, Content string
}

type listing struct {
	Entries []entry
	Broken  bool
}

func list(archive []byte) (l listing) {
	l.Entries = []entry{}
	reader := tar.NewReader(bytes.NewReader(archive))
	for {
		header, err := reader.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			l.Broken = true
			return
		}
		content, err := io.ReadAll(io.LimitReader(reader, 65536))
		if err != nil {
			l.Broken = true
			return
		}
		l.Entries = append(l.Entries, entry{string(header.Typeflag), hex.EncodeToString([]byte(header.Name)),
			hex.EncodeToString([]byte(header.Linkname)), hex.EncodeToString(content)})
	}
}

func main() {
	all, _ := io.ReadAll(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for len(all) >= 4 {
		size := binary.BigEndian.Uint32(all)
		out.Encode(list(all[4 : 4+size]))
		all = all[4+size:]
	}
}
`;

interface Entry {
  readonly type: string;
  readonly name: string;
  readonly link: string;
  readonly content: string;
}

interface Listing {
  readonly entries: readonly Entry[];
  readonly broken: boolean;
}

const hasGo = spawnSync("go", ["version"]).status === 0;
if (!hasGo) console.warn("go is not here: our reading of tar archives is not compared with its");

/** Undefined for a global header, which engines pass over. */
function entryOf(flag: string, name: Uint8Array, link: Uint8Array, content: string): Entry | undefined {
  if (flag === "g") return undefined;
  const types: Readonly<Record<string, string>> = { "1": "hardlink", "2": "symlink", "5": "directory" };
  const type = types[flag] ?? (["\0", "0", "7", "S"].includes(flag) ? "file" : "other");
  const isLink = type === "hardlink" || type === "symlink";
  return { type, name: decodeName(name), link: isLink ? decodeName(link) : "", content };
}

function listedByGo(archives: readonly Uint8Array[]): readonly Listing[] {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-go-"));
  try {
    writeFileSync(join(folder, "list.go"), program);
    const input = Buffer.concat(
      archives.flatMap((archive) => {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(archive.length);
        return [length, archive];
      }),
    );
    const run = spawnSync("go", ["run", "list.go"], { cwd: folder, input, maxBuffer: 1 << 30 });
    if (run.status !== 0) throw new Error(run.stderr.toString());
    return run.stdout.toString().trim().split("\n").map(listingOf);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function listingOf(line: string): Listing {
  const { Entries: entries, Broken: broken } = JSON.parse(line) as {
    Entries: readonly Record<"Flag" | "Name" | "Link" | "Content", string>[];
    Broken: boolean;
  };
  const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));
  return {
    broken,
    entries: entries.flatMap(({ Flag: flag, Name: name, Link: link, Content: content }) => {
      return entryOf(flag, bytes(name), bytes(link), content) ?? [];
    }),
  };
}

async function listedByUs(archive: Uint8Array): Promise<Listing> {
  const entries: Entry[] = [];
  try {
    for await (const entry of readTar(streamOf(archive))) {
      const parts: Uint8Array[] = [];
      for await (const part of entry.content()) parts.push(part.slice());
      const content = Buffer.concat(parts).toString("hex");
      entries.push({ type: entry.type, name: entry.name, link: entry.link, content });
    }
    return { entries, broken: false };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { entries, broken: true };
  }
}

async function* streamOf(archive: Uint8Array): AsyncGenerator<Uint8Array> {
  yield archive;
}

test.skipIf(!hasGo)("every archive that Go reads we read alike, entry by entry", async () => {
  const archives = Array.from({ length: 3_000 }, (_, seed) => oddTar(randomFrom(seed)));
  const theirs = listedByGo(archives);
  expect(theirs).toHaveLength(archives.length);
  let whole = 0;

  for (const [seed, archive] of archives.entries()) {
    const { entries, broken } = theirs[seed] ?? { entries: [], broken: true };
    const ours = await listedByUs(archive);

    if (!broken) whole++;
    // What Go refuses no engine unpacks: what is read of it beyond that cannot hide anything.
    if (broken)
      expect(ours.entries.slice(0, entries.length), `seed ${seed}`).toEqual(entries.slice(0, ours.entries.length));
    else expect(ours, `seed ${seed}`).toEqual({ entries, broken: false });
  }
  expect(whole).toBeGreaterThan(1_000);
});
