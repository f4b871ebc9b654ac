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
    themed(() => this.paint());
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
    const context = this.element.getContext("2d");
    const image = context.createImageData(this.element.width, this.element.height);
    const paper = rgb("paper");
    const [plus, minus] = this.kind === "ink" ? [rgb("ink"), rgb("minus")] : [rgb("plus"), rgb("minus")];
    this.values.forEach((value, at) => {
      const share = Math.min(1, Math.abs(value) / this.most);
      const ink = value >= 0 ? plus : minus;
      for (let part = 0; part < 3; part += 1) {
        image.data[4 * at + part] = paper[part] + share * (ink[part] - paper[part]);
      }
      image.data[4 * at + 3] = 255;
    });
    context.putImageData(image, 0, 0);
  }
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
