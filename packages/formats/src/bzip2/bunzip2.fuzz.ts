import { sameExpansion, seedsOf } from "@plimsoll/testkit";
import { FormatError } from "../format-error.ts";
import { bunzip2 } from "./bunzip2.ts";

/** Two streams, incompressible bytes, and zeros, by bzip2(1). */
export function seeds(): Uint8Array[] {
  return seedsOf([
    "QlpoOTFBWSZTWXG7rzMAAGpZgAAQQAQAED////AgAHBQAAAAAb1VNCAaaMjTTNRo5LmMVZxWMHFZGrq8ODsoselkZxcozSbqR8ZNkm8UXRpFi2Kx0Xva9jGsbRbGT7G8WxsrFY8j8wfxdyRThQkHG7rzMEJaaDkxQVkmU1lZznvLAAACAYAEBJCAIAAwzQDBpMBxdyRThQkFnOe8sA==",
    "QlpoMTFBWSZTWa3wpCIAAAB////93/9/1/75//Xf//3r9/2/b7//f//fv/7/2/dT///wQAH7W0d13UgAA0aBoMgABoAGgGgAA0ANAAABkAaaA0ADQ0AAAAMgxA0aBoGgNMaRAyANAZAAA0DQaAAANABoD1AaGjQAADQABpoADIZGQDQNANGgA0Mg0AGiANAAABoGgADQNA0ANNGQBhAANNB6mgAADQ0GgADQAGgMgBo00NAAyANEA0AeoAGjRkAAaaGjTRoAAAABpoAaABoaAyHqAAAAAAAaNDIDRoyAAaGgGRy0hCTED4mVzLxVI6c0gBYQtk0NAMVVoxaEBRnMtEIaMS+HEFK5BeczDUarkhQmhRgJCggpMZHaONaDxxVyffvx6A8MjCeUNwBaSSZtYnWQJ4tVguwAMXsDRnUsxf7ph9HDZg5I5wUsp99JIi2d+zfWYcabDExBovlAINtGpEFSs3Z0mCKjwMQGNN82UrAvO6VvAQs4EACcSpRwMFivOWHSg4zn52DLfO0LChykGxBLFn8YggaV7seD9vUeYPkB1yIHt1lmxNEANEB187VXegUBlhxctRuJgZ4LKYBBEzNQARDhrmFOLkGF5LEl58D+b4tmOLaJsURbUbF/tOQEtyLNzTS1Ojh0YAJTlaXqkaMWPS9QAMXwiolgBdNk3zIX7bTpGjrt05IaQgx1ihsecjcPb5igCTMnCPBMB330ND2DfPxBC6eGlsnDp3dSZPTJa20T8pNNaKI0p5ZtQRyuwE2BZYGMGWtyD9FUzLPS6+KPu2GANU/CsY/BTCRnsHrl23AmRUfALTQvuwefBLtRsMTMAhFjSLG6gRj8hWU1ACwwDetIS/DxARhETJQKfPHgR8+R8EHQOKg+sjvgXjILH+TSBrTd1TCVZ+jApT1xfNvEreF2ji4opE1u/fZswLVTTSSHkwBgO0umC+RdZ3PMhCvB5wNj3MEEePS5oWI4UlUfqGDA6ZM2UF90QDAOBBp/bwhN0N1/pLffz3HWk8yG7xj2FF7upqHdBBTU8wPYlbiYrfJ3bueV7IDLphvYlfYkBKM1mp0dNyhY6AJcE5UUoOR/3QfR5AgdQ+S0V9wOY169DMxeTe3qVjIs6KFNDBSWRqKWrwgs5UhkIMEkXH6SdW9jXQkf0WHzxa95Np7FK538E/EH+LuSKcKEhW+FIRA=",
    "QlpoOTFBWSZTWQRSQKYAADrAEMAAIAAACCAAMMwJqmmSNqiPF3JFOFCQBFJApg==",
  ]);
}

/** However the stream is cut: the same bytes or the same kind of FormatError. */
export async function fuzz(input: Uint8Array): Promise<void> {
  await sameExpansion(input, bunzip2, (error) => (error instanceof FormatError ? error.problem : undefined));
}
