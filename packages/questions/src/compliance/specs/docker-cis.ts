import type { ComplianceSpec } from "../compliance-spec.ts";
import { control } from "./control.ts";

/** Chapter 4 of the CIS Docker Benchmark, its requirements for images, in our own words; control numbers are the benchmark's. */
export const dockerBenchmark: ComplianceSpec = {
  id: "docker-cis-1.6.0",
  title: "CIS Docker Community Edition Benchmark v1.6.0",
  description: "What the CIS Docker Benchmark asks of images and the files they are built from.",
  version: "1.6.0",
  relatedResources: ["https://www.cisecurity.org/benchmark/docker"],
  platform: "docker",
  type: "cis",
  controls: [
    control("4.1", "HIGH", "The image has a user of its own", ["DS-0002"]),
    control("4.2", "HIGH", "Base images are trusted (Manual)"),
    control("4.3", "HIGH", "There are no packages that nothing needs (Manual)"),
    control("4.4", "CRITICAL", "Security fixes are in the image", ["VULN-CRITICAL"]),
    control("4.5", "LOW", "Content trust is on (Manual)"),
    control("4.6", "LOW", "The image says how its health is checked", ["DS-0026"]),
    control("4.7", "HIGH", "Package lists are not updated on their own", ["DS-0017"]),
    control("4.8", "HIGH", "There are no setuid and setgid programs (Manual)"),
    control("4.9", "LOW", "COPY is used where ADD is not needed", ["DS-0005"]),
    control("4.10", "CRITICAL", "There are no secrets in the image", ["SECRET-CRITICAL"]),
    control("4.11", "MEDIUM", "Only verified packages are installed (Manual)"),
    control("4.12", "MEDIUM", "Signatures of artifacts are checked (Manual)"),
  ],
};
