import { compareFindings } from "@plimsoll/model";
import type { Inventory, LayerInfo, SecretFinding } from "@plimsoll/model";
import { findSecrets, maskSecrets, secretFindings } from "@plimsoll/secrets";

/** What instructions are called where a finding needs the path of a file. */
const historyPath = "image-config:history";

/**
 * The inventory with secrets in the instructions that made its layers masked, whoever asked; where secrets were looked for at all,
 * those found there are among its secrets. Environment variables that an instruction sets are in the history.
 */
export function withoutSecretsOfHistory(inventory: Inventory): Inventory {
  const { artifact, secrets } = inventory;
  if (!artifact.layers.some(({ createdBy }) => createdBy !== undefined)) return inventory;
  const found = secrets === undefined ? [] : artifact.layers.flatMap(secretsOf);
  return {
    ...inventory,
    artifact: { ...artifact, layers: artifact.layers.map(maskedLayer) },
    ...(secrets === undefined ? {} : { secrets: [...secrets, ...found].sort(compareFindings) }),
  };
}

function secretsOf(layer: LayerInfo): readonly SecretFinding[] {
  if (layer.createdBy === undefined) return [];
  return secretFindings(findSecrets(new TextEncoder().encode(layer.createdBy), { path: historyPath }), {
    path: historyPath,
    layer,
  });
}

function maskedLayer(layer: LayerInfo): LayerInfo {
  if (layer.createdBy === undefined) return layer;
  return { ...layer, createdBy: maskSecrets(layer.createdBy, { path: historyPath }) };
}
