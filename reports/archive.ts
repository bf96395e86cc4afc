// Unpacks artifacts: zip (Playwright's traces), gzip, and base64 texts inlined in a page. Packs a zip again.
import { crc32, deflateRawSync, gunzipSync, inflateRawSync } from "node:zlib";

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

/** Whether these bytes begin as a zip does. */
export const isZip = (bytes: Buffer): boolean => bytes.length > 22 && bytes.readUInt32LE(0) === 0x04034b50;

/** The same zip with each entry's content changed; names, dates and attributes stay. @throws Error if it cannot be read. */
export function repack(bytes: Buffer, change: (content: Buffer) => Buffer): Buffer {
  const out: Buffer[] = [];
  const directory: Buffer[] = [];
  let length = 0;
  const add = (...parts: readonly Buffer[]) => {
    out.push(...parts);
    for (const part of parts) length += part.length;
  };
  for (const { header, name, content } of entriesOf(bytes)) {
    const changed = change(content);
    const packed = deflateRawSync(changed);
    // The fields from version to the two lengths are the same in both headers, but begin two bytes later in the directory's.
    const central = Buffer.from(header.subarray(0, 46));
    central.writeUInt16LE(central.readUInt16LE(8) & ~0x0008, 8); // no data descriptor follows
    central.writeUInt16LE(8, 10);
    central.writeUInt32LE(crc32(changed), 16);
    central.writeUInt32LE(packed.length, 20);
    central.writeUInt32LE(changed.length, 24);
    central.writeUInt32LE(0, 30); // neither extra field nor comment
    central.writeUInt32LE(length, 42);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    central.copy(local, 4, 6, 30);
    local.writeUInt16LE(0, 28);
    directory.push(central, name);
    add(local, name, packed);
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(directory.length / 2, 8);
  end.writeUInt16LE(directory.length / 2, 10);
  end.writeUInt32LE(
    directory.reduce((sum, part) => sum + part.length, 0),
    12,
  );
  end.writeUInt32LE(length, 16);
  return Buffer.concat([...out, ...directory, end]);
}

interface ZipEntry {
  /** As the directory has it. */
  readonly header: Buffer;
  readonly name: Buffer;
  readonly content: Buffer;
}

/** The entries that a zip's central directory lists. */
function entriesOf(bytes: Buffer): ZipEntry[] {
  const end = bytes.lastIndexOf("PK\u0005\u0006", undefined, "latin1");
  const entries: ZipEntry[] = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    const nameEnd = at + 46 + bytes.readUInt16LE(at + 28);
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const content = bytes.subarray(start, start + bytes.readUInt32LE(at + 20));
    entries.push({
      header: bytes.subarray(at, at + 46),
      name: bytes.subarray(at + 46, nameEnd),
      content: inflate(content, bytes.readUInt16LE(at + 10)),
    });
    at = nameEnd + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return entries;
}

function unzip(file: string, bytes: Buffer): Piece[] {
  return entriesOf(bytes).map(({ name, content }) => [`${file}!${name.toString("utf8")}`, content]);
}

function inflate(content: Buffer, method: number): Buffer {
  if (method === 0) return content;
  if (method === 8) return inflateRawSync(content);
  throw new Error(`compression method ${method}`);
}
