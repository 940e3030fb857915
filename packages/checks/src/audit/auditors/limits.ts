import { asObject, compareQuantities, member, scalarText } from "@plimsoll/kubernetes";
import type { Quantity } from "@plimsoll/kubernetes";
import type { Auditor } from "../auditor.ts";

const resources = [
  { field: "cpu", name: "CPU", limit: "ContainerCpuLimit", most: "MaxCPU" },
  { field: "memory", name: "Memory", limit: "ContainerMemoryLimit", most: "MaxMemory" },
] as const;

/** Containers have limits, and none above what the configuration allows. */
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

/** `600m`, `384`: the amount in the largest unit of a thousand that keeps it whole. */
function textOf(quantity: Quantity | undefined): string {
  if (quantity === undefined) return "";
  const { mantissa, exponent } = quantity;
  if (exponent >= 0) return String(mantissa * 10n ** BigInt(exponent));
  const milli = mantissa * 10n ** BigInt(Math.max(0, 3 + exponent));
  return milli % 1000n === 0n ? String(milli / 1000n) : `${milli}m`;
}
