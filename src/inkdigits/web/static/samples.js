// Digits that the program wrote itself: enough to learn from in a browser. Digit k is a k % 10.

const ACROSS = 40;
let loading = null;

/**
 * The samples: { count, label(k), pixels(k): Float32Array(784) from 0 paper to 1 ink,
 * small(k): Float32Array(196), the same at 14×14 }.
 */
export function samples() {
  loading ??= load().catch(() => {
    loading = null;
    throw new Error("The sample digits could not be loaded: is `inkdigits serve` still running?");
  });
  return loading;
}

async function load() {
  const sheet = new Image();
  sheet.src = "/static/samples.png";
  await sheet.decode();
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: sheet.width, height: sheet.height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(sheet, 0, 0);
  const { data, width } = context.getImageData(0, 0, sheet.width, sheet.height);
  const count = (sheet.width / 28) * (sheet.height / 28);

  const pixels = (k) => {
    const [left, top] = [28 * (k % ACROSS), 28 * Math.floor(k / ACROSS)];
    return Float32Array.from({ length: 784 }, (_, at) =>
      data[4 * ((top + Math.floor(at / 28)) * width + left + (at % 28))] / 255);
  };
  return { count, label: (k) => k % 10, pixels, small: (k) => halved(pixels(k)) };
}

/** 28×28 pixels as 14×14: each the mean of four. */
export function halved(pixels) {
  return Float32Array.from({ length: 196 }, (_, at) => {
    const corner = 56 * Math.floor(at / 14) + 2 * (at % 14);
    return (pixels[corner] + pixels[corner + 1] + pixels[corner + 28] + pixels[corner + 29]) / 4;
  });
}
