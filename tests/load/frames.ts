/** The little of RFC 6455 that a client on loopback needs: whole text frames, no extension, no fragments. */
const mask = [0x5a, 0xc3, 0x17, 0x99] as const; // fixed but not zero: the server really has to unmask

export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  if (length > 65_535) throw new Error('longer than this client sends');
  const head = length < 126 ? 6 : 8;
  const frame = Buffer.allocUnsafe(head + length);
  frame[0] = 0x81;
  if (length < 126) frame[1] = 0x80 | length;
  else {
    frame[1] = 0xfe;
    frame.writeUInt16BE(length, 2);
  }
  for (let i = 0; i < 4; i++) frame[head - 4 + i] = mask[i] ?? 0;
  frame.write(text, head);
  for (let i = 0; i < length; i++) frame[head + i] = (frame[head + i] ?? 0) ^ (mask[i & 3] ?? 0);
  return frame;
}

/** Reads whole frames off the front. @returns what is left for the next chunk. */
export function readFrames(bytes: Buffer, onText: (text: string) => void, onClose: () => void): Buffer {
  let at = 0;
  while (bytes.length - at >= 2) {
    const op = (bytes[at] ?? 0) & 15;
    let length = (bytes[at + 1] ?? 0) & 127;
    let from = at + 2;
    if (length === 126) {
      if (bytes.length < from + 2) break;
      length = bytes.readUInt16BE(from);
      from += 2;
    } else if (length === 127) {
      if (bytes.length < from + 8) break;
      length = Number(bytes.readBigUInt64BE(from));
      from += 8;
    }
    if (bytes.length < from + length) break;
    if (op === 1) onText(bytes.toString('utf8', from, from + length));
    else if (op === 8) onClose();
    at = from + length;
  }
  return bytes.subarray(at);
}
