// Other people's verifiers on our credentials. Reads a JSON file of cases, prints a verdict for each.
//
// case: {name, how: "jose" | "vc" | "sd-jwt" | "cose" | "jsqr", value, web, ...}
// `web` names one of `webs`: address -> body, all that the verifier may fetch.
import { readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { Sign1 } from "@auth0/cose";
import { DataIntegrityProof } from "@digitalbazaar/data-integrity";
import { createVerifyCryptosuite } from "@digitalbazaar/eddsa-jcs-2022-cryptosuite";
import * as vc from "@digitalbazaar/vc";
import { BitstringStatusList, checkStatus } from "@digitalbazaar/vc-bitstring-status-list";
import { SDJwtVcInstance } from "@sd-jwt/sd-jwt-vc";
import * as jose from "jose";
import jsQR from "jsqr";
import { PNG } from "pngjs";

const input = JSON.parse(readFileSync(process.argv[2], "utf8"));

const fetched = (web, address) => {
  const body = input.webs[web][address];
  if (body === undefined) throw new Error(`nothing at ${address}`);
  return body;
};

const didDocument = (web) => JSON.parse(fetched(web, `${input.base}/.well-known/did.json`));

const keyByUrl = (web) => async (header) => {
  const method = didDocument(web).verificationMethod.find((m) => m.id === header.kid);
  if (!method) throw new Error(`unknown key ${header.kid}`);
  return jose.importJWK(method.publicKeyJwk, "ES256");
};

async function withJose({ value, web }) {
  const options = { typ: "vc+jwt", algorithms: ["ES256"] };
  const { payload } = await jose.jwtVerify(value, keyByUrl(web), options);
  if (Date.parse(payload.validUntil) < Date.now()) throw new Error("expired");
  for (const entry of payload.credentialStatus) {
    const list = await jose.jwtVerify(fetched(web, entry.statusListCredential), keyByUrl(web), options);
    if (list.payload.issuer !== payload.issuer) throw new Error("list of another issuer");
    const { encodedList } = list.payload.credentialSubject;
    const bits = await BitstringStatusList.decode({ encodedList });
    if (bits.getStatus(Number(entry.statusListIndex))) throw new Error(entry.statusPurpose);
  }
}

async function withVc({ value, web }) {
  const documentLoader = async (address) => {
    const did = didDocument(web);
    const found =
      address === did.id
        ? did
        : address.startsWith(`${did.id}#`)
          ? { "@context": did["@context"], ...did.verificationMethod.find((m) => m.id === address) }
          : address.startsWith(`${input.base}/status/`)
            ? JSON.parse(fetched(web, `${address} application/vc`))
            : undefined;
    if (found) return { document: found, documentUrl: address };
    if (address.startsWith(input.base)) {
      return { document: JSON.parse(fetched(web, address)), documentUrl: address };
    }
    return vc.defaultDocumentLoader(address);
  };
  const suite = new DataIntegrityProof({ cryptosuite: createVerifyCryptosuite() });
  const status = async (options) => {
    const found = await checkStatus({ ...options, suite, documentLoader });
    const set = found.results?.find((r) => r.status);
    if (set) return { verified: false, error: new Error(set.credentialStatus.statusPurpose) };
    return found;
  };
  const answer = await vc.verifyCredential({ credential: value, suite, documentLoader, checkStatus: status });
  if (!answer.verified) {
    throw answer.statusResult?.error ?? answer.error?.errors?.[0] ?? answer.error ?? new Error("not verified");
  }
}

async function withSdJwt({ value, web, nonce, claims }) {
  const subtle = globalThis.crypto.subtle;
  const check = async (jwk, data, signature) => {
    const key = await subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
    return subtle.verify(
      { name: "ECDSA", hash: "SHA-256" },
      key,
      Buffer.from(signature, "base64url"),
      Buffer.from(data),
    );
  };
  const verifier = async (data, signature) => {
    const { kid } = JSON.parse(Buffer.from(data.split(".")[0], "base64url"));
    const { keys } = JSON.parse(fetched(web, `${input.base}/.well-known/jwt-vc-issuer`)).jwks;
    const { use, key_ops, ...jwk } = keys.find((k) => k.kid === kid);
    return check(jwk, data, signature);
  };
  const instance = new SDJwtVcInstance({
    hasher: async (data, alg) => createHash(alg.replace("-", "")).update(data).digest(),
    hashAlg: "sha-256",
    verifier,
    kbVerifier: async (data, signature, payload) => check(payload.cnf.jwk, data, signature),
    statusListFetcher: async (address) => fetched(web, address),
  });
  const { payload } = await instance.verify(value, { keyBindingNonce: nonce, requiredClaimKeys: claims });
  for (const name of claims) if (!payload[name]) throw new Error(`no ${name}`);
}

function base45(text) {
  const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
  const bytes = [];
  for (let i = 0; i < text.length; i += 3) {
    const [a, b, c] = [...text.slice(i, i + 3)].map((x) => alphabet.indexOf(x));
    const number = a + 45 * b + (c === undefined ? 0 : 2025 * c);
    if (c === undefined) bytes.push(number);
    else bytes.push(number >> 8, number & 255);
  }
  return Uint8Array.from(bytes);
}

async function withCose({ value, web, kid }) {
  if (!value.startsWith("TT1:")) throw new Error("prefix");
  const { keys } = JSON.parse(fetched(web, `${input.base}/.well-known/jwks.json`));
  const key = await jose.importJWK(keys.find((k) => k.kid === kid), "ES256");
  await Sign1.decode(base45(value.slice(4))).verify(key);
}

function withJsQr({ value, text }) {
  const picture = PNG.sync.read(Buffer.from(value, "base64"));
  const found = jsQR(new Uint8ClampedArray(picture.data), picture.width, picture.height);
  if (found?.data !== text) throw new Error("not read");
}

const ways = { jose: withJose, vc: withVc, "sd-jwt": withSdJwt, cose: withCose, jsqr: withJsQr };
const verdicts = {};
for (const one of input.cases) {
  try {
    await ways[one.how](one);
    verdicts[one.name] = "accepted";
  } catch (error) {
    verdicts[one.name] = `refused: ${error.message}`;
  }
}
console.log(JSON.stringify(verdicts));
