/** A public or private key as the optional package `openpgp` reads it. */
export interface OpenPgpKey {
  getFingerprint(): string;
  isPrivate(): boolean;
  /** For a private key: whether it can sign without a password. */
  isDecrypted(): boolean;
  toPublic(): OpenPgpKey;
}

/** A message or a detached signature as `openpgp` reads it. */
interface Packets {
  readonly packets: unknown;
}

/** The functions of `openpgp` 6 that are used here. */
export interface OpenPgp {
  readonly readKey: (options: { armoredKey: string } | { binaryKey: Uint8Array }) => Promise<OpenPgpKey>;
  readonly readMessage: (
    options: ({ armoredMessage: string } | { binaryMessage: Uint8Array }) & {
      /** Bytes. */
      config: { maxDecompressedMessageSize: number };
    },
  ) => Promise<Packets>;
  readonly readSignature: (options: { armoredSignature: string } | { binarySignature: Uint8Array }) => Promise<Packets>;
  readonly createMessage: (options: { binary: Uint8Array } | { text: string }) => Promise<Packets>;
  readonly readPrivateKey: (options: { armoredKey: string }) => Promise<OpenPgpKey>;
  readonly decryptKey: (options: { privateKey: OpenPgpKey; passphrase: string }) => Promise<OpenPgpKey>;
  /** Returns ASCII armor. */
  readonly sign: (options: { message: Packets; signingKeys: OpenPgpKey; date?: Date }) => Promise<string>;
  readonly verify: (options: {
    readonly message: Packets;
    readonly verificationKeys: OpenPgpKey;
    readonly signature?: Packets;
    readonly format: "binary";
    /** Null: dates do not count. */
    readonly date: Date | null;
  }) => Promise<{
    readonly data: Uint8Array;
    readonly signatures: readonly { readonly verified: Promise<unknown> }[];
  }>;
}
