import { fileProblem } from "../shared/diagnostics.ts";
import type { FileFormat } from "../shared/format.ts";

/** Terraform and OpenTofu: recognised by name, and reported as a gap. */
export const terraformFormat: FileFormat = {
  id: "terraform",
  matchesName: (path) => /\.(?:tf|tofu)(?:\.json)?$|\.tfvars$/.test(path),
  read: ({ path }) => ({
    documents: [],
    diagnostics: [fileProblem("unsupported-format", path, "Terraform is not evaluated, so it is not checked")],
  }),
};
