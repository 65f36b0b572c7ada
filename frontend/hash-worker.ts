// A worker of its own that names files by their contents: a File in, its SHA-256 out, as { sha256 } or { error }.
// In JavaScript, piece by piece: `crypto.subtle` wants a whole film in memory, and plain http has none.
import { sha256 } from "@noble/hashes/sha2.js";

const PIECE_BYTES = 4 << 20;

addEventListener("message", async ({ data: file }: MessageEvent<File>) => {
  try {
    const hash = sha256.create();
    for (let at = 0; at < file.size; at += PIECE_BYTES) {
      hash.update(new Uint8Array(await file.slice(at, at + PIECE_BYTES).arrayBuffer()));
    }
    postMessage({ sha256: [...hash.digest()].map((byte) => byte.toString(16).padStart(2, "0")).join("") });
  } catch (error) {
    postMessage({ error: String(error) });
  }
});
