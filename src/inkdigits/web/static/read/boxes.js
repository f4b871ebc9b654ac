// Boxes and values over the drawing.

import { el, fill } from "../dom.js";
import { about } from "../numbers.js";

/** An overlay for a pad of `width` × `height`: `.show(reading, chosen)`, or `.show(null)`. */
export class Boxes {
  constructor(width, height) {
    Object.assign(this, { width, height });
    this.element = el("svg", { class: "boxes", viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  }

  show(reading, chosen = -1) {
    const digits = reading?.digits ?? [];
    fill(this.element, digits.map((digit, at) => this.box(digit, reading, at === chosen)));
  }

  box({ box, value, confidence, refusal }, { width, height, digits }, isChosen) {
    // The picture lies in the middle of the pad, as large as fits.
    const scale = Math.min(this.width / width, this.height / height);
    const [left, top] = [(this.width - width * scale) / 2, (this.height - height * scale) / 2];
    const [x, y] = [left + box[0] * scale - 3, top + box[1] * scale - 3];
    const [wide, tall] = [box[2] * scale + 6, box[3] * scale + 6];
    const text = refusal ? "?" : `${value} ${about(confidence)}`;
    const labelWidth = 10 * text.length + 8;
    const above = y >= 22 ? y - 22 : y + tall;
    const kind = `${refusal ? "refused" : ""} ${isChosen && digits.length > 1 ? "chosen" : ""}`;
    const at = Math.max(0, Math.min(x, this.width - labelWidth));
    const labelled = wide > 26 || digits.length < 12;
    return el("g", { class: kind.trim() },
      el("rect", { x, y, width: wide, height: tall, rx: 4 }),
      labelled ? el("rect", { class: "label", x: at, y: above, width: labelWidth, height: 21, rx: 4 }) : null,
      labelled ? el("text", { x: at + 4, y: above + 16 }, text) : null);
  }
}
