import type { DockerfileCheck } from "../check.ts";
import { dockerfileCheck } from "../shared/define.ts";
import {
  buildingBestPractices,
  dockerfileReference,
  instructionHit,
  instructionsOf,
  stageInstructions,
} from "./instructions.ts";

const systemFolders = ["/proc", "/boot", "/dev", "/initrd", "/lost+found"];

/** USER, EXPOSE, WORKDIR, ADD, COPY, MAINTAINER, and what may stand only once. */
export const instructionChecks: readonly DockerfileCheck[] = [
  dockerfileCheck({
    id: "DS-0002",
    name: "least-privilege-user",
    title: "Image runs as root",
    severity: "HIGH",
    description: "The last USER decides who the program runs as; without one it is root.",
    remediation: "Add USER with a user other than root.",
    references: [`${dockerfileReference}#user`],
    *evaluate(dockerfile) {
      const last = instructionsOf(dockerfile, "USER").at(-1);
      if (last === undefined) yield { message: "no USER is set, so the image runs as root" };
      else if (/^["']?(?:root|0)(?::.+)?["']?$/.test(last.args[0] ?? ""))
        yield instructionHit(dockerfile, last, "the last USER is root");
    },
  }),
  dockerfileCheck({
    id: "DS-0004",
    name: "no-ssh-port",
    title: "SSH port is exposed",
    severity: "MEDIUM",
    description: "A container with an SSH server gives a shell to whoever guesses a key or a password.",
    remediation: "Remove port 22 from EXPOSE; use exec to get into a container.",
    references: [`${dockerfileReference}#expose`],
    *evaluate(dockerfile) {
      for (const expose of instructionsOf(dockerfile, "EXPOSE"))
        if (expose.args.some((port) => /^["']?22(?:\/(?:tcp|udp))?["']?$/i.test(port)))
          yield instructionHit(dockerfile, expose, "port 22 is exposed");
    },
  }),
  dockerfileCheck({
    id: "DS-0005",
    name: "use-copy-over-add",
    title: "ADD where COPY would do",
    severity: "LOW",
    description: "ADD unpacks archives and fetches URLs; where neither is meant, COPY says so.",
    remediation: "Use COPY instead.",
    references: [buildingBestPractices, `${dockerfileReference}#add`],
    *evaluate(dockerfile) {
      for (const add of instructionsOf(dockerfile, "ADD")) {
        const text = add.args.join(" ");
        const needed =
          [".tar", "http://", "https://", "git@"].some((part) => text.includes(part)) ||
          // Layers of an image's history: `ADD file:2b3c… in /`.
          /^(?:file|multi|dir):/.test(add.args[0] ?? "") ||
          add.flags?.some((flag) => /^--(?:checksum|keep-git-dir|unpack)/.test(flag)) === true;
        if (needed) continue;
        const original = add.original.replace(/^\S+/, "COPY");
        yield instructionHit(dockerfile, add, "ADD copies what COPY would", [
          { kind: "replace", instruction: dockerfile.instructions.indexOf(add), text: original },
        ]);
      }
    },
  }),
  dockerfileCheck({
    id: "DS-0008",
    name: "port-out-of-range",
    title: "Port outside of 0 to 65535",
    severity: "CRITICAL",
    description: "No port has such a number: the build fails, or the port is not the one that is meant.",
    remediation: "Name a port from 0 to 65535.",
    references: [`${dockerfileReference}#expose`],
    *evaluate(dockerfile) {
      for (const expose of instructionsOf(dockerfile, "EXPOSE")) {
        const wrong = expose.args.find((port) =>
          (port.split("/")[0] ?? "").split("-").some((number) => /^\d+$/.test(number) && Number(number) > 65_535),
        );
        if (wrong !== undefined) yield instructionHit(dockerfile, expose, `there is no port ${wrong.slice(0, 40)}`);
      }
    },
  }),
  dockerfileCheck({
    id: "DS-0009",
    name: "user-absolute-workdir",
    title: "Relative WORKDIR",
    severity: "HIGH",
    description: "Where a relative WORKDIR leads depends on the ones before it, also on those of the base image.",
    remediation: "Begin WORKDIR with a slash.",
    references: [`${dockerfileReference}#workdir`],
    *evaluate(dockerfile) {
      for (const workdir of instructionsOf(dockerfile, "WORKDIR")) {
        const folder = (workdir.args[0] ?? "").replace(/^["']/, "");
        // A drive of Windows, and a variable whose value is not known, may be absolute.
        if (!/^(?:\/|\$|[A-Za-z]:)/.test(folder))
          yield instructionHit(dockerfile, workdir, `WORKDIR ${folder.slice(0, 80)} is relative`);
      }
    },
  }),
  dockerfileCheck({
    id: "DS-0011",
    name: "use-slash-for-copy-args",
    title: "Several files copied to what is no folder",
    severity: "CRITICAL",
    description:
      "With more than one source the target of COPY has to be a folder and end with a slash, or the build fails.",
    remediation: "End the last argument of COPY with a slash.",
    references: [`${dockerfileReference}#copy`],
    *evaluate(dockerfile) {
      for (const copy of instructionsOf(dockerfile, "COPY")) {
        const target = copy.args.at(-1) ?? "";
        const fromHistory = /^(?:file|multi):/.test(copy.args[0] ?? "") && copy.args[1] === "in";
        if (copy.args.length <= 2 || fromHistory || target.replace(/["']$/, "").endsWith("/")) continue;
        // Fixed points of a path, which are folders.
        if (/(?:^|\/)\.{1,2}$/.test(target)) {
          yield instructionHit(dockerfile, copy, `the target ${target.slice(0, 80)} does not end with a slash`, [
            { kind: "replace", instruction: dockerfile.instructions.indexOf(copy), text: `${copy.original}/` },
          ]);
          continue;
        }
        yield instructionHit(
          dockerfile,
          copy,
          `the target ${target.slice(0, 80)} does not end with a slash`,
          copy.json === true
            ? undefined
            : [{ kind: "replace", instruction: dockerfile.instructions.indexOf(copy), text: `${copy.original}/` }],
        );
      }
    },
  }),
  dockerfileCheck({
    id: "DS-0022",
    name: "no-maintainer",
    title: "MAINTAINER is deprecated",
    severity: "HIGH",
    description: "MAINTAINER has been deprecated since Docker 1.13.",
    remediation: "Use LABEL org.opencontainers.image.authors.",
    references: [`${dockerfileReference}#maintainer-deprecated`],
    *evaluate(dockerfile) {
      for (const maintainer of instructionsOf(dockerfile, "MAINTAINER"))
        yield instructionHit(dockerfile, maintainer, "MAINTAINER is deprecated", [
          {
            kind: "replace",
            instruction: dockerfile.instructions.indexOf(maintainer),
            text: `LABEL org.opencontainers.image.authors=${JSON.stringify(maintainer.args[0] ?? "")}`,
          },
        ]);
    },
  }),
  dockerfileCheck({
    id: "DS-0026",
    name: "no-healthcheck",
    title: "No HEALTHCHECK",
    severity: "LOW",
    description: "Without a HEALTHCHECK nothing notices a program that still runs and no longer works.",
    remediation: "Add HEALTHCHECK, or HEALTHCHECK NONE where something else looks after the container.",
    references: [`${dockerfileReference}#healthcheck`],
    *evaluate(dockerfile) {
      if (instructionsOf(dockerfile, "HEALTHCHECK").length === 0) yield { message: "no HEALTHCHECK is set" };
    },
  }),
  dockerfileCheck({
    id: "DS-0030",
    name: "avoid-sys-workdir-mounts",
    title: "WORKDIR in a system folder",
    severity: "HIGH",
    description:
      "These folders belong to the kernel and the boot process: files in them are hidden, lost or dangerous.",
    remediation: "Work in another folder.",
    references: [`${dockerfileReference}#workdir`],
    *evaluate(dockerfile) {
      for (const workdir of instructionsOf(dockerfile, "WORKDIR")) {
        const folder = (workdir.args[0] ?? "").replaceAll(/^["']|["']$/g, "");
        if (systemFolders.some((each) => folder.startsWith(`${each}/`)))
          yield instructionHit(dockerfile, workdir, `WORKDIR ${folder.slice(0, 80)} is a folder of the system`);
      }
    },
  }),
  onlyOnce("DS-0007", "only-one-entrypoint", "ENTRYPOINT", "CRITICAL"),
  onlyOnce("DS-0016", "only-one-cmd", "CMD", "HIGH"),
  onlyOnce("DS-0023", "only-one-healthcheck", "HEALTHCHECK", "MEDIUM"),
];

function onlyOnce(id: string, name: string, cmd: string, severity: DockerfileCheck["severity"]): DockerfileCheck {
  return dockerfileCheck({
    filesOnly: true,
    id,
    name,
    title: `More than one ${cmd} in a stage`,
    severity,
    description: `Only the last ${cmd} of a stage counts: the others mislead.`,
    remediation: `Keep one ${cmd} in each stage.`,
    references: [`${dockerfileReference}#${cmd.toLowerCase()}`],
    *evaluate(dockerfile) {
      for (const stage of dockerfile.stages) {
        const [, second, ...more] = stageInstructions(stage, cmd);
        if (second !== undefined)
          yield instructionHit(
            dockerfile,
            second,
            `the stage has ${more.length + 2} ${cmd} instructions, of which the last counts`,
          );
      }
    },
  });
}
