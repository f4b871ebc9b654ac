// One map as a picture, with a frame around a part of it.

import { el, themed } from "../dom.js";
import { sheetOf } from "../paint.js";
import { outlined } from "./tiles.js";

/** A picture of rows×columns values: new Plane({ label, size }), then .show({ values, ... }). */
export class Plane {
  constructor({ label, size = 112, kind = "signed" }) {
    Object.assign(this, { size, kind, label });
    this.element = el("canvas", { class: "plane", role: "img", "aria-label": label });
    themed(this.element, () => this.shown && this.draw());
  }

  /** `frame`: { top, left, height, width } in values, cut off at the edge; `mark`: [row, column]. */
  show(shown) {
    this.shown = shown;
    this.draw();
    return this;
  }

  draw() {
    const { values, rows, columns, most, frame, mark } = this.shown;
    const sharp = devicePixelRatio || 1;
    const cell = this.size / Math.max(rows, columns);
    const [width, height] = [columns * cell, rows * cell];
    Object.assign(this.element, { width: Math.round(width * sharp), height: Math.round(height * sharp) });
    Object.assign(this.element.style, { width: `${width}px`, height: `${height}px` });
    const context = this.element.getContext("2d");
    context.scale(sharp, sharp);
    context.imageSmoothingEnabled = false;
    context.drawImage(sheetOf({ values, count: 1, rows, columns, most }, this.kind), 0, 0, width, height);
    if (mark) outlined(context, mark[1] * cell, mark[0] * cell, cell, cell);
    if (!frame) return;
    const [top, left] = [Math.max(0, frame.top), Math.max(0, frame.left)];
    const down = Math.min(rows, frame.top + frame.height) - top;
    const across = Math.min(columns, frame.left + frame.width) - left;
    outlined(context, left * cell + 1, top * cell + 1, Math.max(2, across * cell - 2),
      Math.max(2, down * cell - 2));
  }
}
