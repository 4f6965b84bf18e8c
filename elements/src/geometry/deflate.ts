/**
 * Compresses rows of masks, each band by itself, so that parts can be put one after another.
 *
 * zlib's run-length strategy (masks are almost only runs), ended by a sync flush: at a byte, and never as the last block.
 * pako and not the smaller fflate: fflate 0.8's sync flush writes a block that cannot be read when six bits are left over.
 */
import { Deflate, Z_RLE, Z_SYNC_FLUSH } from "pako";
import { joined } from "./bytes.js";

const FASTEST = 1;

export function deflateRuns(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  const deflate = new Deflate({ level: FASTEST, raw: true, strategy: Z_RLE });
  deflate.onData = (part) => void parts.push(part);
  deflate.push(bytes, Z_SYNC_FLUSH);
  return joined(parts);
}
