import type { DockerfileInstruction } from "@plimsoll/configs";
import type { DockerfileCheck } from "../check.ts";
import { dockerfileCheck } from "../shared/define.ts";
import { shellCommands } from "../shared/shell-commands.ts";
import { scriptOf } from "../shared/run-script.ts";
import { instructionHit } from "./instructions.ts";

/** Variables that programs read secrets from. */
const secretVariables = [
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AZURE_CLIENT_ID",
  "AZURE_CLIENT_SECRET",
  "CI_DEPLOY_PASSWORD",
  "DIGITALOCEAN_ACCESS_TOKEN",
  "DOCKERHUB_PASSWORD",
  "FIREBASE_TOKEN",
  "GH_ENTERPRISE_TOKEN",
  "GH_TOKEN",
  "GITHUB_ENTERPRISE_TOKEN",
  "GITHUB_TOKEN",
  "GOOGLE_API_KEY",
  "HEROKU_API_KEY",
  "HF_TOKEN",
  "LANGCHAIN_API_KEY",
  "LANGSMITH_API_KEY",
  "OPENAI_API_KEY",
];

/** Variables that hold the path of a file with secrets. */
const secretFileVariables = ["AWS_CONFIG_FILE", "GOOGLE_APPLICATION_CREDENTIALS", "HF_TOKEN_PATH"];

/** Words of a name that say what it holds, between underscores (BuildKit's rule SecretsUsedInArgOrEnv). */
const secretWords = /(?:_|^)(?:apikey|auth|credentials?|key|password|pword|passwd|secret|token|usr|psw)(?:_|$)/i;
const publicWords = /(?:_|^)public(?:_|$)/i;

/** Commands that write credentials into the image. */
const credentialCommands: readonly (readonly [words: readonly string[], flags: readonly string[]])[] = [
  [["aws", "configure", "set", "aws_access_key_id"], []],
  [["aws", "configure", "set", "aws_secret_access_key"], []],
  [["gcloud", "auth", "activate-service-account"], []],
  [
    ["az", "login"],
    ["-p", "--password", "--federated-token"],
  ],
  [
    ["doctl", "auth", "init"],
    ["-t", "--access-token"],
  ],
];

/** Secrets that the build leaves in the image. */
export const secretChecks: readonly DockerfileCheck[] = [
  dockerfileCheck({
    id: "DS-0031",
    name: "do-not-pass-secrets",
    title: "Secret in ARG, ENV or a copied file",
    severity: "CRITICAL",
    description: "Values of ARG and ENV, and files of every layer, can be read by everybody who has the image.",
    remediation: "Use RUN --mount=type=secret, and give secrets to the container when it starts.",
    references: ["https://docs.docker.com/build/building/secrets/"],
    *evaluate(dockerfile, { secretVariables: own = [] }) {
      const stage = dockerfile.stages.at(-1);
      if (stage === undefined) return;
      const known = [...secretVariables, ...own];
      for (const instruction of stage.instructions) {
        const { cmd } = instruction;
        if (cmd === "ARG" || cmd === "ENV")
          for (const [name, value] of variablesOf(instruction)) {
            if (secretFileVariables.includes(name)) {
              if (value !== "" && isCopied(stage.instructions, value))
                yield instructionHit(dockerfile, instruction, `${cmd} names a copied file of secrets in ${name}`);
            } else if (isSecretName(name, known))
              yield instructionHit(dockerfile, instruction, `${cmd} holds the secret ${name.slice(0, 80)}`);
          }
        else if (cmd === "COPY") {
          const target = (instruction.args.at(-1) ?? "").replace(/^\$\{?/, "").replace(/\}$/, "");
          if (instruction.args.length === 2 && secretFileVariables.includes(target))
            yield instructionHit(dockerfile, instruction, `COPY puts a file of secrets at ${target}`);
        } else if (cmd === "RUN" && !mountsSecret(instruction) && setsCredentials(scriptOf(instruction)))
          yield instructionHit(dockerfile, instruction, "RUN stores credentials in the image");
      }
    },
  }),
];

function isSecretName(name: string, known: readonly string[]): boolean {
  const bare = name.replace(/^(?:VITE_|REACT_APP_)/, "");
  if (known.includes(name) || known.includes(bare)) return true;
  return secretWords.test(name) && !publicWords.test(name);
}

function* variablesOf({ cmd, args }: DockerfileInstruction): Generator<readonly [string, string]> {
  if (cmd === "ENV") for (let at = 0; at + 1 < args.length; at += 3) yield [args[at] ?? "", args[at + 1] ?? ""];
  else
    for (const arg of args) {
      const equals = arg.indexOf("=");
      yield equals === -1 ? [arg, ""] : [arg.slice(0, equals), arg.slice(equals + 1)];
    }
}

/** Whether a path lies in what a `COPY` of the stage has put there. */
function isCopied(instructions: readonly DockerfileInstruction[], path: string): boolean {
  return instructions.some(({ cmd, args }) => cmd === "COPY" && bare(path).startsWith(bare(args.at(-1) ?? "")));
}

function bare(path: string): string {
  return path
    .replaceAll(/^"|"$/g, "")
    .replace(/^\.?\/?/, "")
    .replace(/\/$/, "");
}

function mountsSecret({ flags = [] }: DockerfileInstruction): boolean {
  return flags.some((flag) => flag.startsWith("--mount=type=secret"));
}

function setsCredentials(script: string): boolean {
  return shellCommands(script).some((words) =>
    credentialCommands.some(
      ([command, flags]) =>
        command.every((word, index) => words[index] === word) &&
        (flags.length === 0 || words.some((word) => flags.includes(word.split("=")[0] ?? ""))),
    ),
  );
}
