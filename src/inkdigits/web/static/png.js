// A grey PNG file of a canvas. Browsers encode canvases when they are idle, which they are not while
// somebody draws; and what is grey need not be sent, and read, in three colours.

/** The PNG file, 8 bits a pixel, of what `context` shows. */
export async function greyPng(context) {
  const { width, height } = context.canvas;
  const { data } = context.getImageData(0, 0, width, height);
  // Each row begins with the number of its filter: 0, as it is.
  const rows = new Uint8Array((width + 1) * height);
  for (let row = 0; row < height; row += 1) {
    const at = row * (width + 1) + 1;
    for (let column = 0; column < width; column += 1) {
      const pixel = 4 * (row * width + column);
      rows[at + column] = (data[pixel] * 77 + data[pixel + 1] * 150 + data[pixel + 2] * 29) >> 8;
    }
  }
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint8(8, 8); // bits; the rest is 0: grey, deflated, not interlaced
  return new Blob([SIGNATURE, chunk("IHDR", new Uint8Array(header.buffer)),
    chunk("IDAT", await deflated(rows)), chunk("IEND", new Uint8Array(0))], { type: "image/png" });
}

const SIGNATURE = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);
const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

async function deflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** A chunk of a PNG file: its length, name, content and checksum. */
function chunk(name, content) {
  const bytes = new Uint8Array(12 + content.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  bytes.set([...name].map((sign) => sign.charCodeAt(0)), 4);
  bytes.set(content, 8);
  let check = 0xffffffff;
  for (let at = 4; at < 8 + content.length; at += 1) check = CRC[(check ^ bytes[at]) & 255] ^ (check >>> 8);
  view.setUint32(8 + content.length, ~check >>> 0);
  return bytes;
}
