// A worker that solves a puzzle of ALTCHA's protocol 2: its parameters in, { counter, derivedKey } out.
// In JavaScript: `crypto.subtle` is slow for many small hashes, and plain http has none.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

interface Parameters {
  nonce: string;
  salt: string;
  cost: number;
  keyPrefix: string;
}

addEventListener("message", ({ data }: MessageEvent<Parameters>) => postMessage(solve(data)));

/** The first number that, hashed with salt and nonce `cost` times, gives a hash that begins with the prefix. */
function solve({ nonce, salt, cost, keyPrefix }: Parameters): { counter: number; derivedKey: string } {
  const bytes = hexToBytes(salt + nonce + "00000000");
  const number = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4);
  const prefix = hexToBytes(keyPrefix);
  for (let counter = 0; ; counter++) {
    number.setUint32(0, counter);
    let hash = sha256(bytes);
    for (let again = 1; again < cost; again++) hash = sha256(hash);
    if (prefix.every((byte, at) => hash[at] === byte)) return { counter, derivedKey: bytesToHex(hash) };
  }
}
