// Passkeys (WebAuthn Level 3): the JSON that servers speak, to and from what browsers take. Browsers that convert
// by themselves are too young to be relied on.

type Json = Record<string, unknown>;

interface Named {
  id: string;
}

/** PublicKeyCredentialCreationOptionsJSON, by itself or as `publicKey`. */
export interface CreationOptions extends Json {
  challenge: string;
  user: Named & { name: string; displayName: string };
  excludeCredentials?: Named[];
}

/** PublicKeyCredentialRequestOptionsJSON, by itself or as `publicKey`. */
export interface RequestOptions extends Json {
  challenge: string;
  allowCredentials?: Named[];
}

const IS_NUMBER = /^[\d.]+$|^\[/;

/** This browser, at this address, can have passkeys: they belong to a host's name. */
export const canHavePasskeys = (): boolean => window.isSecureContext && "PublicKeyCredential" in window && !IS_NUMBER.test(location.hostname);

/** The person or the device gave no passkey. */
export class NoPasskey extends Error {}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const letters = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}

function text(buffer: ArrayBuffer | null): string | null {
  if (!buffer) return null;
  const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}

const named = <One extends Named>(one: One) => ({ ...one, id: bytes(one.id) });
const inside = <Options extends Json>(options: Options): Options => ("publicKey" in options ? (options.publicKey as Options) : options);

async function given(ceremony: Promise<Credential | null>): Promise<PublicKeyCredential> {
  const credential = await ceremony.catch(() => null);
  if (credential instanceof PublicKeyCredential) return credential;
  throw new NoPasskey();
}

const outside = (made: PublicKeyCredential, response: Json): Json => ({
  id: made.id,
  rawId: text(made.rawId),
  type: made.type,
  response,
  clientExtensionResults: made.getClientExtensionResults(),
});

/** Makes a passkey. */
export async function createPasskey(options: CreationOptions): Promise<Json> {
  const { challenge, user, excludeCredentials = [], ...rest } = inside(options);
  const publicKey = { ...rest, challenge: bytes(challenge), user: named(user), excludeCredentials: excludeCredentials.map(named) };
  const made = await given(navigator.credentials.create({ publicKey: publicKey as unknown as PublicKeyCredentialCreationOptions }));
  const response = made.response as AuthenticatorAttestationResponse;
  return outside(made, {
    attestationObject: text(response.attestationObject),
    clientDataJSON: text(response.clientDataJSON),
    transports: response.getTransports(),
  });
}

/** Shows one. */
export async function usePasskey(options: RequestOptions): Promise<Json> {
  const { challenge, allowCredentials = [], ...rest } = inside(options);
  const publicKey = { ...rest, challenge: bytes(challenge), allowCredentials: allowCredentials.map(named) };
  const shown = await given(navigator.credentials.get({ publicKey: publicKey as unknown as PublicKeyCredentialRequestOptions }));
  const response = shown.response as AuthenticatorAssertionResponse;
  return outside(shown, {
    authenticatorData: text(response.authenticatorData),
    clientDataJSON: text(response.clientDataJSON),
    signature: text(response.signature),
    userHandle: text(response.userHandle),
  });
}
