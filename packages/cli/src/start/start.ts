// Loads the bundled program with V8's compiled form of it from earlier runs: compiling it takes several times as long as
// running a small command. Node's own `module.enableCompileCache` came with Node 22, and looks at no owner of its files.
import { readFileSync, statSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { getHeapCodeStatistics, setFlagsFromString } from "node:v8";
import { Script } from "node:vm";
import { codeCache } from "./code-cache.ts";
import type { CodeCache } from "./code-cache.ts";

/** A file of the program, loaded. */
interface LoadedFile {
  readonly name: string;
  /** As it was compiled, and when it was written. */
  readonly text: string;
  readonly modified: number;
  readonly script: Script;
  /** What `codeBytes` was when its compiled form was made; 0 where there was none, or it was another engine's. */
  readonly cachedAt: number;
}

/** The function that a file of the program is wrapped into, as Node wraps CommonJS; the last parameter is for `import()`. */
type Wrapped = (
  exports: object,
  require: (id: string, arrived?: (exports: unknown) => void) => unknown,
  module: { exports: object },
  file: string,
  folder: string,
  importOutside: (id: string) => Promise<unknown>,
) => void;

/** Loads what is not in the bundle. This file is Node's to load, and lies where the others lie: names mean the same. */
const importOutside = (id: string): Promise<unknown> => import(id);

/** So much more code than the compiled form holds is worth making it anew. */
const minGrowth = { factor: 1.1, bytes: 64 * 1024 };

/**
 * To count compiled code the engine walks through the heap, some milliseconds in which a small command could have ended. Long runs
 * and each so many of the short ones count it, so that what a file lacks is not lacking for long.
 */
const shortRunSeconds = 1;
const shortRunsPerCount = 8;

/**
 * What runs longer, or starts threads, is a service or has a large heap: it is not to stand still while all of that is marked, and
 * holds less when garbage is found earlier.
 */
const longRunSeconds = 10;

/**
 * To mark bit by bit when V8 would. The flag against it that V8 has (`--no-incremental-marking`) must not be touched while any thread has a
 * heap: other threads that mark at that time crash. How full a heap must be is asked only before.
 */
const byBit = "--incremental-marking-hard-trigger=0";

/**
 * Engines are tuned for servers; most scans end within a second. Threads that tidy up a young heap of a few megabytes wait for
 * each other longer than they work, code that is optimised after its first rounds seldom pays that back, and a young heap that
 * doubles is tidied up five times before it is as large as it will be. V8 tells the user of flags that it does not know: each
 * stands with the versions that have it.
 */
const flagsOfShortRuns: readonly TunedFlag[] = [
  { tuned: "--no-parallel-scavenge", usual: "--parallel-scavenge", since: 11, until: 13 },
  { tuned: "--interrupt-budget=1000000", usual: "--interrupt-budget=67584", since: 11, until: 11 },
  { tuned: "--semi-space-growth-factor=8", usual: "--semi-space-growth-factor=2", since: 11, until: 13 },
  // It would be tidied up when four fifths are full and nothing else is to be done: while a file is waited for.
  { tuned: "--no-minor-gc-task", usual: "--minor-gc-task", since: 11, until: 11 },
  // To mark a small heap bit by bit, and in other threads, takes twice as much as to mark it at once.
  { tuned: "--incremental-marking-hard-trigger=1000000", usual: byBit, since: 11, until: 13 },
  // Else a heap may grow to some two and a half times of what is in use before anybody looks what is.
  { tuned: "--heap-growing-percent=50", usual: "--heap-growing-percent=0", since: 11, until: 11 },
];

/** A flag for V8, as this program and as V8 have it, and the first and last major version of V8 that knows it. */
interface TunedFlag {
  readonly tuned: string;
  readonly usual: string;
  readonly since: number;
  readonly until: number;
}

/** Flags for V8, by its major version. */
export function flagsFor(v8Major: number): readonly { readonly tuned: string; readonly usual: string }[] {
  return [
    // Else a long run would forget what it compiled at its start, which is what the next run needs first.
    { tuned: "--no-flush-bytecode", usual: "--flush-bytecode" },
    ...flagsOfShortRuns.filter(({ since, until }) => since <= v8Major && v8Major <= until),
  ];
}

/**
 * Node's own modules come in V8's compiled form, which V8 takes under the flags only that it was made with, its usual ones. Without it
 * `node:crypto` takes five times as long to load, and a thread's start twice as long. So they are loaded under the usual flags,
 * and the program's own files, whose compiled form is made under the tuned ones, under those.
 */
class Flags {
  private readonly tuned: string;
  private readonly usual: string;
  /** How many threads are starting. */
  private starting = 0;
  /** While none is. */
  private own: string;

  constructor(v8Major: number) {
    const flags = flagsFor(v8Major);
    this.tuned = flags.map(({ tuned }) => tuned).join(" ");
    this.usual = flags.map(({ usual }) => usual).join(" ");
    this.own = this.tuned;
  }

  endShortRun(): void {
    this.own = `${this.tuned} ${byBit}`;
    this.settle();
  }

  beginStart(): void {
    this.starting += 1;
    setFlagsFromString(this.usual);
  }

  endStart(): void {
    this.starting -= 1;
    this.settle();
  }

  forOwn<T>(work: () => T): T {
    const isSettled = this.starting === 0 && this.own === this.tuned;
    if (!isSettled) setFlagsFromString(this.tuned);
    try {
      return work();
    } finally {
      if (!isSettled) this.settle();
    }
  }

  forNodes<T>(work: () => T): T {
    setFlagsFromString(this.usual);
    try {
      return work();
    } finally {
      this.settle();
    }
  }

  private settle(): void {
    setFlagsFromString(this.starting > 0 ? this.usual : this.own);
  }
}

/**
 * Runs a file of the program; `name` is in the same folder as this file.
 * @param folder the folder of the program
 * @param options `threadOf`: in a thread, the file that the program began with; what that has compiled is there for its threads, which seldom
 * end by themselves and so keep nothing
 */
export function start(folder: string, name: string, { threadOf }: { threadOf?: string } = {}): void {
  const isThread = threadOf !== undefined;
  const flags = new Flags(Number.parseInt(process.versions.v8, 10));
  // What every command writes to: Node loads it when it is first asked for.
  if (!isThread) void process.stdout;
  // Threads share the flags. Where one starts, others often do.
  flags.beginStart();
  if (isThread) flags.endShortRun();
  else {
    flags.endStart();
    setTimeout(() => flags.endShortRun(), longRunSeconds * 1000).unref();
    // All is done and written. To end by itself, the process would give back its heap page by page.
    process.once("beforeExit", () => process.exit());
  }
  const cache = openCache(folder, threadOf ?? name);
  const loaded = new Map<string, { exports: object }>();
  const files: LoadedFile[] = [];
  const outside = createRequire(join(folder, name));
  const nodes = (id: string): unknown => {
    const module: unknown = flags.forNodes(() => outside(id));
    return id === threads ? withStarts(module as typeof import("node:worker_threads"), flags) : module; // as: it is the module of that name
  };
  /** With `arrived`, a file of the program is loaded when it is first used, and is handed over then. */
  const load = (id: string, arrived?: (exports: unknown) => void): unknown => {
    if (!id.startsWith("./")) return isBuiltin(id) ? whenUsed(() => nodes(id)) : outside(id);
    const known = loaded.get(id);
    if (known !== undefined) return known.exports;
    if (arrived !== undefined) return whenUsed(() => load(id), arrived);
    const module = { exports: {} };
    loaded.set(id, module);
    const file = flags.forOwn(() => compile(folder, id.slice(2), cache));
    files.push(file);
    const run = file.script.runInThisContext() as Wrapped; // The text of every file is wrapped below.
    run(module.exports, load, module, join(folder, file.name), folder, importOutside);
    return module.exports;
  };
  if (cache !== undefined) process.on("exit", () => flags.forOwn(() => keep(files, cache)));
  load(`./${name}`);
  if (isThread) flags.endStart();
}

const threads = "node:worker_threads";

/** The module of threads, whose threads start under the flags that Node's own modules want. */
function withStarts(module: typeof import("node:worker_threads"), flags: Flags): object {
  class StartedWorker extends module.Worker {
    constructor(...given: ConstructorParameters<typeof module.Worker>) {
      flags.endShortRun();
      flags.beginStart();
      let ended = false;
      const end = (): void => {
        if (!ended) flags.endStart();
        ended = true;
      };
      try {
        super(...given);
      } catch (error) {
        end();
        throw error;
      }
      // It is online before it has loaded anything; threads of this program send a message when they have.
      this.once("message", end).once("exit", end);
    }
  }
  return { ...module, Worker: StartedWorker };
}

/**
 * Stands for a module until something of it is asked for. Half of the start of a small command would otherwise be the loading of
 * Node's modules for networks and processes and of parts of the program, which it does not use.
 */
function whenUsed(load: () => unknown, arrived?: (exports: unknown) => void): object {
  let loaded: object | undefined;
  const target = (): object => {
    if (loaded !== undefined) return loaded;
    loaded = load() as object; // Modules are objects.
    arrived?.(loaded);
    return loaded;
  };
  return new Proxy(
    {},
    {
      get: (_, key): unknown => Reflect.get(target(), key),
      has: (_, key) => Reflect.has(target(), key),
      ownKeys: () => Reflect.ownKeys(target()),
      getOwnPropertyDescriptor: (_, key) => {
        const found = Reflect.getOwnPropertyDescriptor(target(), key);
        return found === undefined ? undefined : { ...found, configurable: true };
      },
    },
  );
}

function openCache(folder: string, program: string): CodeCache | undefined {
  try {
    return codeCache(folder, program, { env: process.env, home: homedir() });
  } catch {
    return undefined;
  }
}

function compile(folder: string, name: string, cache: CodeCache | undefined): LoadedFile {
  const filename = join(folder, name);
  const modified = Math.floor(statSync(filename).mtimeMs / 1000);
  const kept = cache?.read(name);
  const cached = kept?.modified === modified ? kept : undefined;
  const text = cached?.text ?? wrapped(readFileSync(filename, "latin1"));
  const script = new Script(text, { filename, cachedData: cached?.data });
  return { name, text, modified, script, cachedAt: script.cachedDataRejected === false ? (cached?.codeBytes ?? 0) : 0 };
}

/** The bundle holds ASCII alone, which takes no decoding. */
function wrapped(code: string): string {
  return `(function (exports, require, module, __filename, __dirname, importOutside) {${code}\n})`;
}

/** Keeps the compiled form of what was loaded without, or has grown since. */
function keep(files: readonly LoadedFile[], cache: CodeCache): void {
  const isCounted = process.uptime() > shortRunSeconds || Math.random() * shortRunsPerCount < 1;
  if (!isCounted && files.every(({ cachedAt }) => cachedAt > 0)) return;
  const codeBytes = getHeapCodeStatistics().bytecode_and_metadata_size;
  const grown = files.filter(
    ({ cachedAt }) => cachedAt === 0 || codeBytes >= cachedAt * minGrowth.factor + minGrowth.bytes,
  );
  if (grown.length === 0) return;
  try {
    cache.write(
      grown.map(({ name, text, modified, script }) => ({
        name,
        text,
        modified,
        data: script.createCachedData(),
        codeBytes,
      })),
    );
  } catch {
    // A full disk or a read-only one: the next run compiles again.
  }
}
