/**
 * Takes the rotation note out of an image file. Browsers turn photographs by their EXIF orientation and, since 2024, offer
 * no way to decode them as stored; Ground Truth counts the stored pixels, so the note is set to "as it is" before decoding.
 *
 * Formats: JPEG (EXIF 2.32, APP1 segment) and PNG (eXIf chunk, PNG third edition 11.3.3.2). Browsers turn no others by EXIF.
 */
const ORIENTATION_TAG = 0x0112;
const PNG_SIGNATURE = 0x89504e47;
const EXIF_HEADER = 6; // "Exif", 0, 0

/** Changes the bytes in place; true if there was a rotation to take out. Damaged files are left as they are. */
export function forgetRotation(file: Uint8Array): boolean {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  try {
    if (view.getUint16(0) === 0xffd8) return inJpeg(view);
    if (view.getUint32(0) === PNG_SIGNATURE) return inPng(view);
  } catch (problem) {
    if (!(problem instanceof RangeError)) throw problem;
  }
  return false;
}

function inJpeg(view: DataView): boolean {
  let found = false;
  for (let at = 2; at + 4 <= view.byteLength && view.getUint8(at) === 0xff; ) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xda || marker === 0xd9) break; // the picture itself begins, or the file ends
    const length = view.getUint16(at + 2);
    const body = at + 4;
    if (marker === 0xe1 && view.getUint32(body) === 0x45786966) found = inTiff(view, body + EXIF_HEADER) || found;
    at += 2 + length;
  }
  return found;
}

/** The chunk's checksum is wrong afterwards: decoders then skip the chunk, which is as good. */
function inPng(view: DataView): boolean {
  for (let at = 8; at + 12 <= view.byteLength; at += 12 + view.getUint32(at)) {
    if (view.getUint32(at + 4) === 0x65584966) return inTiff(view, at + 8);
  }
  return false;
}

/** EXIF is a small TIFF file: byte order, then a directory of 12-byte entries. */
function inTiff(view: DataView, start: number): boolean {
  const little = view.getUint16(start) === 0x4949;
  const directory = start + view.getUint32(start + 4, little);
  const entries = view.getUint16(directory, little);
  for (let i = 0; i < entries; i++) {
    const entry = directory + 2 + 12 * i;
    if (view.getUint16(entry, little) !== ORIENTATION_TAG) continue;
    const turned = view.getUint16(entry + 8, little) > 1;
    if (turned) view.setUint16(entry + 8, 1, little);
    return turned;
  }
  return false;
}
