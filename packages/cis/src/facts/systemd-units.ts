import type { NodeProcess } from "./node-facts.ts";
import type { FileReading } from "./rootfs-facts.ts";

/** Services that benchmarks ask for. */
const services = [
  "kubelet",
  "kube-proxy",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "etcd",
  "docker",
  "containerd",
  "k3s",
  "k3s-agent",
  "rke2-server",
  "rke2-agent",
];
/** From what wins to what is overridden, as systemd.unit(5) looks. */
const unitFolders = ["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

/** The processes that systemd units of known services would start, with drop-ins and environment files. */
export async function unitProcesses(files: FileReading): Promise<readonly Omit<NodeProcess, "pid">[]> {
  const processes: Omit<NodeProcess, "pid">[] = [];
  for (const service of services) {
    const texts = await unitTexts(files, `${service}.service`);
    if (texts.length === 0) continue;
    const unit = readUnit(texts);
    const environment: Record<string, string> = { ...unit.environment };
    for (const path of unit.environmentFiles) {
      const text = await files.readFile(path.replace(/^-/, ""));
      if (typeof text === "string") Object.assign(environment, assignmentsOf(text.split("\n")));
    }
    const words = commandWords(unit.command, environment);
    if (words.length > 0) processes.push({ user: unit.user, arguments: words, environment });
  }
  return processes;
}

async function unitTexts(files: FileReading, name: string): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const folder of unitFolders) {
    const text = await files.readFile(`${folder}/${name}`);
    if (typeof text !== "string") continue;
    texts.push(text);
    break;
  }
  if (texts.length === 0) return [];
  const dropIns = new Map<string, string>();
  for (const folder of unitFolders.toReversed())
    for (const file of (await files.list(`${folder}/${name}.d`)) ?? [])
      if (file.endsWith(".conf")) dropIns.set(file, `${folder}/${name}.d/${file}`);
  for (const file of [...dropIns.keys()].toSorted().slice(0, 100)) {
    const text = await files.readFile(dropIns.get(file) ?? "");
    if (typeof text === "string") texts.push(text);
  }
  return texts;
}

interface Unit {
  command: string;
  user: string;
  environment: Record<string, string>;
  environmentFiles: string[];
}

function readUnit(texts: readonly string[]): Unit {
  const unit: Unit = { command: "", user: "root", environment: {}, environmentFiles: [] };
  for (const text of texts)
    for (const line of text.replace(/\\\n/g, " ").split("\n")) {
      const setting = /^\s*(ExecStart|Environment|EnvironmentFile|User)\s*=(.*)$/.exec(line);
      const value = setting?.[2]?.trim() ?? "";
      if (setting?.[1] === "ExecStart") unit.command = value;
      else if (setting?.[1] === "User" && value !== "") unit.user = value;
      else if (setting?.[1] === "Environment") Object.assign(unit.environment, assignmentsOf(quotedWords(value)));
      else if (setting?.[1] === "EnvironmentFile") unit.environmentFiles.push(value);
    }
  return unit;
}

function assignmentsOf(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.flatMap((line) => {
      const match = /^\s*([A-Za-z_]\w*)=(.*)$/.exec(line);
      return match === null ? [] : [[match[1] ?? "", (match[2] ?? "").trim().replace(/^(["'])(.*)\1$/, "$2")] as const];
    }),
  );
}

function quotedWords(text: string): readonly string[] {
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}

/** `$NAME` becomes several words, `${NAME}` stays in its word: systemd.service(5). Prefixes of the program's path are dropped. */
function commandWords(command: string, environment: Readonly<Record<string, string>>): readonly string[] {
  const value = (name: string): string => (Object.hasOwn(environment, name) ? (environment[name] ?? "") : "");
  return quotedWords(command.replace(/^[-@:+!]+/, ""))
    .flatMap((word) => {
      const alone = /^\$([A-Za-z_]\w*)$/.exec(word)?.[1];
      if (alone !== undefined) return quotedWords(value(alone));
      return [word.replace(/\$\{([A-Za-z_]\w*)\}/g, (_, name: string) => value(name))];
    })
    .filter((word) => word !== "");
}
