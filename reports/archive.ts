// Unpacks artifacts: zip (Playwright's traces), gzip, and base64 texts inlined in a page.
import { gunzipSync, inflateRawSync } from "node:zlib";

/** A piece of a file: its address (`trace.zip!0-trace.network`) and its bytes. */
export type Piece = readonly [address: string, bytes: Buffer];

/**
 * The pieces inside a file, one level down; none for a plain file.
 * @throws Error if an archive cannot be read: a file that was not searched must not count as clean.
 */
export function unpack(file: string, bytes: Buffer): Piece[] {
  return [...archived(file, bytes), ...inlined(file, bytes)];
}

/** Long base64 texts, decoded. Some only look like an archive, so an unreadable one is no error. */
function inlined(file: string, bytes: Buffer): Piece[] {
  const texts = bytes.toString("latin1").matchAll(/[A-Za-z0-9+/]{64,}={0,2}/g);
  return [...texts].map(([text], index) => [`${file}!base64-${index + 1}`, Buffer.from(text, "base64")]);
}

function archived(file: string, bytes: Buffer): Piece[] {
  const kind = bytes.length > 18 ? bytes.readUInt16BE(0) : 0;
  if (kind !== 0x1f8b && kind !== 0x504b) return [];
  try {
    return kind === 0x1f8b ? [[`${file}!`, gunzipSync(bytes)]] : unzip(file, bytes);
  } catch (error) {
    if (/!base64-\d+$/.test(file)) return [];
    throw new Error(`Cannot search ${file}: ${(error as Error).message}`);
  }
}

/** The entries that a zip's central directory lists. */
function unzip(file: string, bytes: Buffer): Piece[] {
  const end = bytes.lastIndexOf("PK\u0005\u0006", undefined, "latin1");
  const pieces: Piece[] = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    const nameEnd = at + 46 + bytes.readUInt16LE(at + 28);
    const name = bytes.toString("utf8", at + 46, nameEnd);
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const content = bytes.subarray(start, start + bytes.readUInt32LE(at + 20));
    pieces.push([`${file}!${name}`, inflate(content, bytes.readUInt16LE(at + 10))]);
    at = nameEnd + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return pieces;
}

function inflate(content: Buffer, method: number): Buffer {
  if (method === 0) return content;
  if (method === 8) return inflateRawSync(content);
  throw new Error(`compression method ${method}`);
}
