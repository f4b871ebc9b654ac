// Asking the server. What goes wrong is an Error whose message is the server's one sentence.

/** GET a path, and return what JSON it answers. */
export const get = async (path) => (await ask(path)).json();

/** GET a path, and return the bytes it answers. */
export const getBytes = async (path) => (await ask(path)).arrayBuffer();

/** POST bytes or a Blob, and return what JSON it answers. */
export const send = async (path, body) => (await ask(path, { method: "POST", body })).json();

/** POST bytes or a Blob, and return the bytes it answers. */
export const sendForBytes = async (path, body) =>
  (await ask(path, { method: "POST", body })).arrayBuffer();

/** POST an object as JSON. */
export const tell = async (path, value) => (await ask(path, {
  method: "POST", body: JSON.stringify(value), headers: { "content-type": "application/json" },
})).json();

async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Error("The server does not answer: is `inkdigits serve` still running?");
  }
  if (answer.ok) return answer;
  const found = await answer.json().catch(() => ({}));
  throw new Error(found.error || `The server answered with status ${answer.status}.`);
}

/** Bytes from base64. */
export const fromBase64 = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));

/** Bytes as base64. */
export const toBase64 = (bytes) => btoa(String.fromCharCode(...bytes));

/** Pixels from base64: 0 paper to 1 ink. */
export const shades = (text) => Float32Array.from(fromBase64(text), (value) => value / 255);

/** Read a safetensors file: { tensors: { name: { shape, values } }, metadata }. */
export function parseTensors(buffer) {
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  const { __metadata__: metadata = {}, ...entries } = header;
  const tensors = {};
  for (const [name, { dtype, shape, data_offsets: [from, to] }] of Object.entries(entries)) {
    const bytes = buffer.slice(8 + length + from, 8 + length + to);
    tensors[name] = { shape, values: new TYPES[dtype](bytes) };
  }
  return { tensors, metadata };
}

const TYPES = { F32: Float32Array, U8: Uint8Array, I64: BigInt64Array };
