import { asObject, compareQuantities, member, scalarText } from "@plimsoll/kubernetes";
import type { Quantity } from "@plimsoll/kubernetes";
import type { Auditor } from "../auditor.ts";

const resources = [
  { field: "cpu", name: "CPU", limit: "ContainerCpuLimit", most: "MaxCPU" },
  { field: "memory", name: "Memory", limit: "ContainerMemoryLimit", most: "MaxMemory" },
] as const;

/** Checks that containers have CPU and memory limits, and none above those of the configuration. */
export const limits: Auditor = {
  name: "limits",
  *audit({ containers }, context) {
    const { config } = context;
    for (const { name: container, value, path } of containers) {
      const held = asObject(member(value, "resources", "limits"));
      const at = [...path, "resources", "limits"];
      if (held === undefined) {
        yield {
          rule: "LimitsNotSet",
          level: "warning",
          message: "The container has no resource limits.",
          metadata: { Container: container },
          path,
        };
        continue;
      }
      for (const { field, name, limit, most } of resources) {
        const quantity = context.quantity(held[field]);
        const allowed = field === "cpu" ? config.maxCpu : config.maxMemory;
        if (quantity === undefined || quantity.mantissa === 0n)
          yield {
            rule: `Limits${name}NotSet`,
            level: "warning",
            message: `The container has no ${name} limit.`,
            metadata: { Container: container },
            path: at,
          };
        else if (isAbove(quantity, allowed))
          yield {
            rule: `Limits${name}Exceeded`,
            level: "warning",
            message: `The ${name} limit ${scalarText(held[field]) ?? ""} is above ${textOf(allowed)}.`,
            metadata: { Container: container, [limit]: scalarText(held[field]) ?? "", [most]: textOf(allowed) },
            path: [...at, field],
          };
      }
    }
  },
};

function isAbove(quantity: Quantity, most: Quantity | undefined): boolean {
  return most !== undefined && most.mantissa > 0n && compareQuantities(quantity, most) > 0;
}

/** Writes an amount as a whole number (`384`) or in thousandths (`600m`), rounded up as Kubernetes does. */
function textOf(quantity: Quantity | undefined): string {
  if (quantity === undefined) return "";
  const { mantissa, exponent } = quantity;
  const scale = 10n ** BigInt(Math.abs(exponent + 3));
  const milli = exponent >= -3 ? mantissa * scale : (mantissa + scale - 1n) / scale;
  return milli % 1000n === 0n ? String(milli / 1000n) : `${milli}m`;
}
