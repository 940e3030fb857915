import { ScanError, bytesInMemory, request } from "@plimsoll/model";
import type { OutgoingRequest, TransportOptions } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import { registryRepository } from "./registry-client.ts";

interface Asked {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** A network of answers by address. What was asked is noted. */
function network(answer: (asked: Asked, index: number) => Response): { asked: Asked[]; fetch: typeof fetch } {
  const asked: Asked[] = [];
  return {
    asked,
    fetch: async (input, init = {}) => {
      init.signal?.throwIfAborted();
      const one = {
        url: String(input),
        method: init.method ?? "GET",
        headers: Object.fromEntries(new Headers(init.headers)),
        body: init.body,
      };
      asked.push(one);
      return answer(one, asked.length - 1);
    },
  };
}

function redirect(status: number, location: string): Response {
  return new Response(null, { status, headers: { location } });
}

const quick = { backoff: 0, idleTimeout: 1000 } as const;

/** A body that gives these chunks and then does what a broken line does. */
function broken(...chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks[at++];
      if (chunk === undefined) controller.error(new TypeError("terminated"));
      else controller.enqueue(chunk);
    },
  });
}

/** A body without end, and how many bytes of it were asked for. */
function endless(): { body: ReadableStream<Uint8Array>; given: () => number } {
  let given = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        given += 65_536;
        controller.enqueue(new Uint8Array(65_536));
      },
    },
    { highWaterMark: 0 },
  );
  return { body, given: () => given };
}

const secret: OutgoingRequest = {
  url: "https://auth.example/token",
  method: "POST",
  headers: { authorization: "Basic x", cookie: "c=1", "content-type": "text/plain", accept: "a" },
  body: "refresh_token=secret",
  secretBody: true,
};

describe("a redirect", () => {
  const here = "https://auth.example/other";
  const elsewhere = "https://evil.example/";

  test.each([301, 302, 303])(
    "with %i becomes GET, without the body and, elsewhere, without what says who asks",
    async (status) => {
      for (const target of [here, elsewhere]) {
        const { asked, fetch } = network((_, index) => (index === 0 ? redirect(status, target) : new Response("ok")));

        await request(secret, { ...quick, fetch });

        expect(asked[1]).toEqual({
          url: target,
          method: "GET",
          headers: target === here ? { accept: "a", authorization: "Basic x", cookie: "c=1" } : { accept: "a" },
          body: undefined,
        });
      }
    },
  );

  test.each([307, 308])("with %i repeats a secret at the same origin only", async (status) => {
    const same = network((_, index) => (index === 0 ? redirect(status, here) : new Response("ok")));
    await request(secret, { ...quick, fetch: same.fetch });
    expect(same.asked[1]).toMatchObject({ method: "POST", body: secret.body, headers: { authorization: "Basic x" } });

    const other = network(() => redirect(status, elsewhere));
    await expect(request(secret, { ...quick, fetch: other.fetch })).rejects.toThrow("must not receive the secret");
    // Nor is it asked again, which would give the same.
    expect(other.asked).toHaveLength(1);
  });

  test.each([301, 302, 307, 308])("with %i of a piece of an upload follows RFC 9110", async (status) => {
    const { asked, fetch } = network((_, index) => (index === 0 ? redirect(status, elsewhere) : new Response("ok")));

    await request({ url: here, method: "PATCH", body: new Uint8Array(3), headers: { authorization: "x" } }, { fetch });

    expect(asked[1]?.method).toBe(status === 302 ? "GET" : "PATCH");
    expect(asked[1]?.headers).toEqual({});
  });

  test("back to where it began does not bring the secret back", async () => {
    const { asked, fetch } = network((_, index) =>
      index === 0 ? redirect(302, elsewhere) : index === 1 ? redirect(302, here) : new Response("ok"),
    );

    const headers = { authorization: "x", "x-amz-security-token": "y" };
    await request({ url: here, headers }, { ...quick, fetch });

    expect(asked.map((each) => each.headers)).toEqual([headers, {}, {}]);
  });

  describe("that the engine hides, as browsers do,", () => {
    const hidden = (): Response =>
      Object.defineProperties(new Response(), { type: { value: "opaqueredirect" }, status: { value: 0 } });
    const browser = (): { modes: unknown[]; fetch: typeof fetch } => {
      const modes: unknown[] = [];
      const answer: typeof fetch = async (_, init) => {
        modes.push(init?.redirect);
        return init?.redirect === "follow" ? new Response("ok") : hidden();
      };
      return { modes, fetch: answer };
    };

    test("is left to the engine where nothing is secret", async () => {
      const { modes, fetch } = browser();

      const response = await request({ url: here, headers: { range: "bytes=0-1" } }, { ...quick, fetch });

      expect(await response.text()).toBe("ok");
      expect(modes).toEqual(["manual", "follow"]);
    });

    test.each<readonly [string, Partial<OutgoingRequest>]>([
      ["a header", { headers: { Authorization: "x" } }],
      ["the body", { method: "POST", body: "x", secretBody: true }],
      ["who answers", { redirects: "refuse" }],
    ])("is an error where %s matters", async (_, more) => {
      const { modes, fetch } = browser();

      await expect(request({ url: here, ...more }, { ...quick, fetch })).rejects.toThrow("redirected, ");
      expect(modes).toEqual(["manual"]);
    });
  });

  test("is an error where only the other side is believed", async () => {
    const { asked, fetch } = network(() => redirect(302, here));

    const asking = request({ url: "https://auth.example/token", redirects: "refuse" }, { ...quick, fetch });

    await expect(asking).rejects.toThrow("redirects are not followed");
    expect(asked).toHaveLength(1);
  });

  test.each([
    ["to plain http", "http://auth.example/"],
    ["to a file", "file:///etc/passwd"],
    ["to nowhere", "https://"],
    ["for ever", "https://auth.example/token"],
  ])("%s ends in an error", async (_, location) => {
    const { asked, fetch } = network(() => redirect(302, location));

    await expect(request(secret, { ...quick, fetch })).rejects.toBeInstanceOf(ScanError);
    expect(asked.length).toBeLessThanOrEqual(11);
  });
});

const digest = `sha256:${"0".repeat(64)}` as const;
const repository = (fetch: TransportOptions["fetch"], more = {}): ReturnType<typeof registryRepository> =>
  registryRepository("registry.example", "app", {
    ...quick,
    fetch,
    credentials: async () => ({ kind: "password", username: "ada", password: "secret" }),
    ...more,
  });
const challenge = (realm: string): Response =>
  new Response(null, { status: 401, headers: { "www-authenticate": `Bearer realm="${realm}"` } });

const read = async (bytes: AsyncIterable<Uint8Array>): Promise<number> => {
  let size = 0;
  for await (const chunk of bytes) size += chunk.length;
  return size;
};

describe("a token", () => {
  test("without end is read no further than its limit", async () => {
    const { body, given } = endless();
    const { fetch } = network(({ url }) =>
      url.startsWith("https://auth.") ? new Response(body) : challenge("https://auth.example/"),
    );

    await expect(repository(fetch).manifest("latest")).rejects.toMatchObject({ failure: { kind: "limit-exceeded" } });
    expect(given()).toBeLessThan(2 * 1024 * 1024);
  });

  test("that never comes to an end is given up", async () => {
    const { asked, fetch } = network(({ url }) =>
      url.startsWith("https://auth.")
        ? new Response(new ReadableStream({ pull: () => new Promise(() => undefined) }))
        : challenge("https://auth.example/"),
    );

    const options = { idleTimeout: 5, retries: 1 };
    await expect(repository(fetch, options).manifest("latest")).rejects.toMatchObject({ failure: { kind: "network" } });
    expect(asked).toHaveLength(3);
  });

  test("is not asked for in plain text because the registry may be", async () => {
    const { asked, fetch } = network(() => challenge("http://auth.example/"));

    const options = { plainHttp: ["registry.example"] };
    await expect(repository(fetch, options).manifest("latest")).rejects.toMatchObject({
      failure: { kind: "unauthorized" },
    });
    expect(asked.map(({ url }) => new URL(url).host)).toEqual(["registry.example"]);
  });

  test("of a refresh token is exchanged with a secret body", async () => {
    const { asked, fetch } = network(({ url }) =>
      url.startsWith("https://auth.") ? redirect(307, "https://evil.example/") : challenge("https://auth.example/"),
    );

    const options = { credentials: async () => ({ kind: "identity-token", token: "refresh" }) };
    await expect(repository(fetch, options).manifest("latest")).rejects.toBeInstanceOf(ScanError);
    expect(asked.filter(({ url }) => url.startsWith("https://evil."))).toEqual([]);
  });
});

describe("who is named by a registry, but is not it,", () => {
  const isToken = ({ url }: Asked): boolean => url.startsWith("https://token.evil.example");
  const other = challenge("https://token.evil.example/");

  test("is not told the password when it asks for one at the end of a redirect", async () => {
    const { asked, fetch } = network(({ url }) =>
      url.startsWith("https://registry.") ? redirect(307, "https://evil.example/blob") : other.clone(),
    );

    await expect(repository(fetch).manifest("latest")).rejects.toMatchObject({ failure: { kind: "unauthorized" } });
    expect(asked.filter(isToken)).toEqual([]);
  });

  test("is not told the password when it takes an upload", async () => {
    const { asked, fetch } = network(({ url, method }) => {
      if (!url.startsWith("https://registry.")) return other.clone();
      if (method === "HEAD") return new Response(null, { status: 404 });
      return new Response(null, { status: 202, headers: { location: "https://evil.example/upload" } });
    });

    const upload = repository(fetch).putBlob(digest, bytesInMemory(new Uint8Array(3)));

    await expect(upload).rejects.toMatchObject({ failure: { kind: "unauthorized" } });
    expect(asked.filter(isToken)).toEqual([]);
  });

  test("is told as no address where it is none", async () => {
    const { fetch } = network(({ method }) =>
      method === "HEAD"
        ? new Response(null, { status: 404 })
        : new Response(null, { status: 202, headers: { location: "http://[" } }),
    );

    const upload = repository(fetch).putBlob(digest, bytesInMemory(new Uint8Array(3)));

    await expect(upload).rejects.toMatchObject({ failure: { kind: "network", label: "registry.example" } });
  });
});

describe("a token that no header can hold", () => {
  test.each([
    ["of a token server", { kind: "password", username: "ada", password: "secret" }],
    ["of the caller", { kind: "bearer", token: "hidden\nx" }],
  ])("%s is refused without being shown, and not tried again", async (_, given) => {
    const { asked, fetch } = network(({ url, headers }) =>
      url.startsWith("https://auth.")
        ? Response.json({ token: "hidden\nx" })
        : headers["authorization"] === undefined
          ? challenge("https://auth.example/")
          : new Response("{}"),
    );

    const refused = await repository(fetch, { credentials: async () => given })
      .manifest("latest")
      .catch((error: unknown) => error);

    expect(refused).toMatchObject({ failure: { kind: "unauthorized" } });
    expect(String(refused)).not.toContain("hidden");
    expect(asked.length).toBeLessThanOrEqual(2);
  });
});

describe("a list in pages", () => {
  const page = (body: string, link?: string): Response =>
    new Response(body, { headers: link === undefined ? {} : { link: `<${link}>; rel="next"` } });

  test.each(["http://[", "https://evil.example/", "file:///etc/passwd"])(
    "that goes on at %s is an error",
    async (next) => {
      const { fetch } = network(({ url }) => page(url.includes("tags") ? '{"tags":["a"]}' : '{"manifests":[]}', next));

      for (const asking of [repository(fetch).tags(), repository(fetch).referrers(digest)])
        await expect(asking).rejects.toMatchObject({ failure: { kind: "network" } });
    },
  );

  test("that goes on in a ring is given up", async () => {
    const { asked, fetch } = network(({ url }) => page('{"tags":["a"],"manifests":[]}', url));

    for (const asking of [repository(fetch).tags(), repository(fetch).referrers(digest)])
      await expect(asking).rejects.toMatchObject({ failure: { kind: "limit-exceeded", limit: 100 } });
    expect(asked).toHaveLength(200);
  });

  test.each(["<html>Log in</html>", "", "[]", '{"tags":"a"}', '{"tags":{"0":"a"}}'])(
    "that is %j is no empty list",
    async (body) => {
      const { fetch } = network(() => page(body));

      await expect(repository(fetch).tags()).rejects.toMatchObject({ failure: { kind: "network" } });
    },
  );

  test.each(['{"tags":null}', '{"name":"app"}'])("that is %s is empty", async (body) => {
    expect(await repository(network(() => page(body)).fetch).tags()).toEqual([]);
  });

  test("of more names than any registry has is given up", async () => {
    const { asked, fetch } = network((_, index) => {
      const tags = Array.from({ length: 300_000 }, (_each, at) => `${index * 300_000 + at}`);
      return page(JSON.stringify({ tags }), "next");
    });

    await expect(repository(fetch).tags()).rejects.toMatchObject({ failure: { kind: "limit-exceeded" } });
    expect(asked).toHaveLength(4);
  });
});

describe("a refusal says what was asked, as whom, and how to log in", () => {
  const refused = (status: number, host = "registry.example", more = {}): Promise<unknown> => {
    const { fetch } = network(() => new Response(null, { status }));
    return registryRepository(host, "team/app", { ...quick, fetch, ...more })
      .manifest("1")
      .catch((error: unknown) => (error as ScanError).message);
  };
  const ada = { credentials: async () => ({ kind: "password", username: "ada", password: "secret" }) };

  test.each([
    [404, {}, /registry\.example\/team\/app:1: .*read anonymously; `docker login registry\.example`/],
    [404, ada, /registry\.example\/team\/app:1: .*read as ada; /],
    [403, ada, /registry\.example\/team\/app:1 .*asked as ada, .* 403.*`docker login registry\.example`/],
    [401, {}, /registry\.example\/team\/app .*credentials.*`docker login registry\.example` or --username/],
  ])("%i", async (status, more, expected) => {
    expect(await refused(status, undefined, more)).toMatch(expected);
  });

  test("never with the password, and in Docker's own words for Docker's own registry", async () => {
    expect(await refused(403, "docker.io", ada)).toContain("`docker login` or --username");
    expect(await refused(403, "docker.io", ada)).not.toContain("secret");
  });
});

describe("whoever refuses connections", () => {
  const refusing = (code: string): { asked: Asked[]; fetch: typeof fetch } =>
    network(() => {
      const cause = new AggregateError([Object.assign(new Error(`connect ${code} 192.0.2.1:443`), { code })], "");
      throw new TypeError("fetch failed", { cause: Object.assign(cause, { code }) });
    });

  test.each(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "SELF_SIGNED_CERT_IN_CHAIN"])(
    "%s is asked once more, soon, however long the waits are",
    async (code) => {
      const { asked, fetch } = refusing(code);

      await expect(request({ url: "https://registry.example/" }, { fetch, backoff: 60_000 })).rejects.toMatchObject({
        failure: { kind: "network", label: "registry.example", reason: `connect ${code} 192.0.2.1:443` },
      });
      expect(asked).toHaveLength(2);
    },
  );

  test("a port that is another protocol's is not waited for", async () => {
    const { asked, fetch: never } = network(() => {
      throw new TypeError("fetch failed", { cause: new Error("bad port") });
    });
    await expect(
      request({ url: "http://registry.example:9/" }, { fetch: never, backoff: 60_000 }),
    ).rejects.toMatchObject({ failure: { kind: "network", reason: "bad port" } });
    expect(asked).toHaveLength(2);
  });

  test("is asked no more than who wants no repetition says", async () => {
    const { asked, fetch } = refusing("ECONNREFUSED");

    await expect(request({ url: "https://registry.example/" }, { fetch, retries: 0 })).rejects.toThrow();
    expect(asked).toHaveLength(1);
  });

  test("unlike lines that break, which are waited for", async () => {
    const { asked, fetch } = refusing("ECONNRESET");

    await expect(request({ url: "https://registry.example/" }, { ...quick, fetch })).rejects.toThrow();
    expect(asked).toHaveLength(5);
  });
});

describe("a document", () => {
  test("that breaks off in mid-manifest is asked for again, and then an error", async () => {
    const { asked, fetch } = network(() => new Response(broken(new Uint8Array(10))));

    await expect(repository(fetch, { retries: 2 }).manifest("latest")).rejects.toMatchObject({
      failure: { kind: "network", reason: "terminated" },
    });
    expect(asked).toHaveLength(3);
  });

  test("longer than stated is left where it should have ended", async () => {
    const { body, given } = endless();
    const { fetch } = network(() => new Response(body));

    await expect(read(repository(fetch).blob(digest, 100_000))).rejects.toMatchObject({
      failure: { kind: "limit-exceeded", limit: 100_000 },
    });
    expect(given()).toBeLessThan(400_000);
  });

  test("that comes byte by byte, each in a connection of its own, is given up", async () => {
    const { asked, fetch } = network(() => new Response(broken(new Uint8Array(1)), { status: 206 }));

    await expect(read(repository(fetch, { retries: 3 }).blob(digest, 1_000_000))).rejects.toBeInstanceOf(ScanError);
    expect(asked).toHaveLength(4);
  });

  test("that is not there within its total time is given up", async () => {
    const { fetch } = network(() => new Response(broken(new Uint8Array(65_536)), { status: 206 }));

    const options = { totalTimeout: 50, backoff: 1 };
    await expect(read(repository(fetch, options).blob(digest, 1e12))).rejects.toBeInstanceOf(ScanError);
  });

  test("whose line breaks often, each time after a good piece, is read to its end", async () => {
    const { asked, fetch } = network(
      (_, index) => new Response(broken(new Uint8Array(65_536)), { status: index === 0 ? 200 : 206 }),
    );

    expect(await read(repository(fetch, { retries: 1 }).blob(digest, 20 * 65_536))).toBe(20 * 65_536);
    expect(asked).toHaveLength(20);
  });
});
