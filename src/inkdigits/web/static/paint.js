// Pixels on a canvas, in the colours of the theme.

import { colour, el, themed } from "./dom.js";

/** A canvas that shows numbers as pixels: see `show`. Repaints itself when the theme changes. */
export class Pixels {
  /** `label` tells those who cannot see it; `size` is its width in CSS pixels. */
  constructor({ label, size = 112, rows = 28, columns = 28, kind = "ink" }) {
    this.kind = kind;
    this.element = el("canvas", { class: "pixels", role: "img", "aria-label": label });
    this.resize(rows, columns, size);
    this.values = null;
    themed(this.element, () => this.paint());
  }

  /** Change how many pixels there are, and the width in CSS pixels. */
  resize(rows, columns, size) {
    Object.assign(this.element, { width: columns, height: rows });
    Object.assign(this.element.style, { width: `${size}px`, height: `${(size * rows) / columns}px` });
  }

  /**
   * Show values, row by row: "ink" from 0 paper to `most` ink, "signed" from -most to most, where
   * `most` is by default the greatest there is.
   */
  show(values, most = this.kind === "ink" ? 1 : undefined) {
    this.values = values;
    this.most = most ?? Math.max(1e-9, ...Array.from(values, Math.abs));
    this.paint();
    return this;
  }

  paint() {
    if (!this.values) return;
    const { values, most, element: { width, height } } = this;
    const image = coloured({ values, count: 1, rows: height, columns: width, most }, this.kind);
    this.element.getContext("2d").putImageData(image, 0, 0);
  }
}

/** `count` tiles under one another, a pixel a value, in colours; NaN is a line between their parts. */
function coloured({ values, count, rows, columns, most }, kind) {
  const image = new ImageData(columns, rows * count);
  const [paper, between] = [rgb("paper"), rgb("line")];
  const [plus, minus] = [rgb(kind === "ink" ? "ink" : "plus"), rgb("minus")];
  const size = rows * columns;
  for (let at = 0; at < size * count; at += 1) {
    const greatest = most.length ? most[Math.floor(at / size)] : most;
    const line = Number.isNaN(values[at]);
    const share = line ? 1 : Math.min(1, Math.abs(values[at]) / greatest);
    const ink = line ? between : values[at] >= 0 ? plus : minus;
    for (let part = 0; part < 3; part += 1) {
      image.data[4 * at + part] = paper[part] + share * (ink[part] - paper[part]);
    }
    image.data[4 * at + 3] = 255;
  }
  return image;
}

/** Tiles as `coloured` has them, on a canvas to enlarge them from. `most`: one, or one a tile. */
export const sheetOf = (shown, kind = "signed") => sheet(coloured(shown, kind));

/** Values from 0 black to 255 white on a canvas to enlarge them from, whatever the theme. */
export function greySheet(values, columns = 28) {
  const image = new ImageData(columns, values.length / columns);
  values.forEach((value, at) => image.data.set([value, value, value, 255].map(Math.round), 4 * at));
  return sheet(image);
}

/** A canvas with nothing but an image. */
export function sheet(image) {
  const canvas = el("canvas", { width: image.width, height: image.height });
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

/** A colour of the theme as [red, green, blue]. */
export function rgb(name) {
  const hex = colour(name).replace("#", "");
  return [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

/** Which pixel of a canvas a pointer is at: [row, column], or null. */
export function pixelAt(canvas, event) {
  const box = canvas.getBoundingClientRect();
  const column = Math.floor(((event.clientX - box.left) / box.width) * canvas.width);
  const row = Math.floor(((event.clientY - box.top) / box.height) * canvas.height);
  const inside = row >= 0 && column >= 0 && row < canvas.height && column < canvas.width;
  return inside ? [row, column] : null;
}
