// Secrets beside `gitleaks dir` and `trivy fs --scanners secret`: processor time over the same files, and an image with secrets beside the
// same image without.
//
//   node benchmarks/secrets.mjs FOLDER… [--gitleaks PATH] [--trivy PATH] [--image ARCHIVE]
//
// All files are in scope for all: our paths that are left out and Trivy's exemptions of paths are switched off. Asked for: at most 0.5 of
// Trivy, at most 0.1 of gitleaks, and an image with secrets at most 1.25 of one without.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values: flags, positionals: folders } = parseArgs({
  allowPositionals: true,
  options: {
    gitleaks: { type: "string", default: "gitleaks" },
    trivy: { type: "string", default: "trivy" },
    image: { type: "string" },
  },
});
const cli = fileURLToPath(new URL("../packages/cli/bin/plimsoll.js", import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), "secrets-benchmark-"));

/** Names of Trivy's exemptions, which leave out nearly all of a root file system. */
const exemptions =
  "tests examples vendor usr-dirs locale-dir markdown node.js golang python rubygems wordpress anaconda-log dist-info".split(
    " ",
  );
const trivyConfig = join(temporary, "trivy-secret.yaml");
writeFileSync(trivyConfig, `disable-allow-rules:\n${exemptions.map((name) => `  - ${name}\n`).join("")}`);

/** Seconds of processor time, and how many findings there were; undefined where there is no such program. */
function run(command, args, count) {
  const { status, error, stdout, stderr } = spawnSync("bash", ["-c", 'time "$0" "$@"', command, ...args], {
    encoding: "utf8",
    maxBuffer: 1024 ** 3,
  });
  if (error !== undefined || status === 127) return undefined;
  const seconds = (word) => {
    const [, minutes, rest] = new RegExp(`${word}\\s+(\\d+)m([\\d.]+)s`).exec(stderr) ?? [];
    return Number(minutes) * 60 + Number(rest);
  };
  return { seconds: seconds("user") + seconds("sys"), findings: count(stdout) };
}

function tell(name, measured, ours) {
  if (measured === undefined) return console.log(`  ${name}: not here`);
  const ratio = ours === undefined ? "" : `, ours is ${(ours.seconds / measured.seconds).toFixed(2)} of it`;
  console.log(`  ${name}: ${measured.seconds.toFixed(1)} s, ${measured.findings} findings${ratio}`);
}

const json = (read) => (text) => {
  try {
    return read(JSON.parse(text));
  } catch {
    return "?";
  }
};

for (const folder of folders) {
  console.log(folder);
  const byRule = new Map();
  const ours = run(
    process.execPath,
    [cli, "fs", folder, "--scanners", "secret", "--secret-all-paths", "--no-cache", "--offline", "-q", "-f", "json"],
    json(({ secrets }) => {
      for (const { id } of secrets) byRule.set(id, (byRule.get(id) ?? 0) + 1);
      return secrets.length;
    }),
  );
  tell("plimsoll", ours);
  for (const [rule, count] of [...byRule].sort(([, a], [, b]) => b - a)) console.log(`    ${rule}: ${count}`);
  const found = join(temporary, "gitleaks.json");
  const report = ["--report-format", "json", "--report-path", found, "--exit-code", "0", "--no-banner"];
  const counted = () => json((all) => all.length)(readFileSync(found, "utf8"));
  tell("gitleaks", run(flags.gitleaks, ["dir", folder, "--log-level", "fatal", ...report], counted), ours);
  tell(
    "trivy",
    run(
      flags.trivy,
      ["fs", folder, "--scanners", "secret", "--secret-config", trivyConfig, "--offline-scan", "-q", "-f", "json"],
      json(({ Results = [] }) => Results.reduce((sum, { Secrets = [] }) => sum + Secrets.length, 0)),
    ),
    ours,
  );
}

if (flags.image !== undefined) {
  const scan = (scanners) =>
    run(
      process.execPath,
      [
        cli,
        "image",
        "--input",
        flags.image,
        "--scanners",
        scanners,
        "--no-cache",
        "--offline",
        "-q",
        "-f",
        "cyclonedx",
      ],
      () => "",
    );
  const [without, alone] = [scan("license"), scan("license,secret")];
  console.log(flags.image);
  console.log(
    `  with secrets ${(alone.seconds / without.seconds).toFixed(2)} of without (${alone.seconds.toFixed(1)} s)`,
  );
}
rmSync(temporary, { recursive: true });
