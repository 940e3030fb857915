import { directoryCache } from "@plimsoll/node";
import type { Cache } from "@plimsoll/model";
import { s3Cache } from "./s3-cache.ts";

/** Names and values of the environment. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A cache of layer results in a directory or in `s3://bucket/prefix?region=…&endpoint=…`. Credentials, region and endpoint come from the
 * environment variables of AWS' own tools where the address lacks them.
 * @throws TypeError when the location cannot be parsed, or there are no credentials.
 */
export function layerStoreAt(
  location: string,
  env: Environment,
  onProblem: (reason: string) => void = () => undefined,
): Cache {
  if (!location.startsWith("s3://")) return directoryCache(location);
  if (!URL.canParse(location)) throw new TypeError("layer store: that is no s3://bucket/prefix");
  const { hostname: bucket, pathname, searchParams } = new URL(location);
  const strange = [...searchParams.keys()].find((name) => name !== "region" && name !== "endpoint");
  if (strange !== undefined) throw new TypeError(`layer store: "${strange}" is none of region, endpoint`);
  const region = searchParams.get("region") ?? env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"];
  if (region === undefined || region === "") throw new TypeError("layer store: name the region, or set AWS_REGION");
  const endpoint = searchParams.get("endpoint") ?? env["AWS_ENDPOINT_URL_S3"] ?? env["AWS_ENDPOINT_URL"];
  const { AWS_ACCESS_KEY_ID: accessKeyId = "", AWS_SECRET_ACCESS_KEY: secretAccessKey = "" } = env;
  if (accessKeyId === "" || secretAccessKey === "")
    throw new TypeError("layer store: S3 needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment");
  const sessionToken = env["AWS_SESSION_TOKEN"];
  return s3Cache({
    bucket,
    prefix: decodeURIComponent(pathname),
    region,
    endpoint,
    credentials: () => ({ accessKeyId, secretAccessKey, sessionToken }),
    onProblem,
  });
}
