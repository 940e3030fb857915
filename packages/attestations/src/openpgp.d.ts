/** The part of the optional package that is used here. Its own declarations need a package that it does not bring along. */
declare module "openpgp" {
  interface Key {
    getFingerprint(): string;
    isPrivate(): boolean;
    toPublic(): Key;
  }
  interface Message {
    readonly packets: unknown;
  }
  interface Signature {
    readonly packets: unknown;
  }
  interface VerifyResult {
    readonly data: Uint8Array<ArrayBuffer>;
    readonly signatures: readonly { readonly verified: Promise<unknown> }[];
  }
  export function readKey(options: { armoredKey: string } | { binaryKey: Uint8Array }): Promise<Key>;
  export function readPrivateKey(options: { armoredKey: string }): Promise<Key>;
  export function readMessage(options: { armoredMessage: string } | { binaryMessage: Uint8Array }): Promise<Message>;
  export function readSignature(
    options: { armoredSignature: string } | { binarySignature: Uint8Array },
  ): Promise<Signature>;
  export function createMessage(options: { text: string } | { binary: Uint8Array }): Promise<Message>;
  export function verify(options: {
    message: Message;
    verificationKeys: Key;
    signature?: Signature;
    format: "binary";
    /** Null: dates do not count. */
    date: Date | null;
  }): Promise<VerifyResult>;
  export function sign(options: { message: Message; signingKeys: Key; detached?: boolean }): Promise<string>;
  export function generateKey(options: {
    userIDs: { name: string };
    type?: "ecc" | "curve25519";
    date?: Date;
    keyExpirationTime?: number;
    format: "armored";
  }): Promise<{ readonly privateKey: string; readonly publicKey: string }>;
}
