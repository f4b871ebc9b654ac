// A pad to draw on: mouse, touch, pen and keys. Strokes are kept as points, so they can be undone and
// drawn again at any size.

import { announce, button, el, slider } from "./dom.js";
import { greyPng } from "./png.js";

const STEP = 4; // pixels that a key moves the pen
const SENT = 480; // pixels of the longer side of what is read

/**
 * A pad: new Pad({ width, height, thickness, onchange, onlift }). `onchange` is called whenever what
 * is drawn has changed, also in the midst of a stroke; `onlift` when a stroke ends.
 */
export class Pad {
  constructor({ width, height, thickness = 16, label, onchange, onlift = () => {} }) {
    Object.assign(this, { width, height, thickness, onchange, onlift });
    this.strokes = [];
    this.picture = null;
    this.locked = false;
    this.pointer = null; // that is down
    this.pen = { x: width / 2, y: height / 2, down: false, shown: false };
    this.canvas = el("canvas", {
      width, height, tabindex: 0, role: "application", "aria-roledescription": "drawing pad",
      "aria-label": `${label}. Arrow keys move the pen, space puts it down and lifts it, `
        + "Z undoes, Delete clears.",
    });
    this.context = this.canvas.getContext("2d");
    this.undoButton = button("Undo", () => this.undo(), { disabled: true });
    this.clearButton = button("Clear", () => this.clear(), { disabled: true });
    this.element = el("div", { class: "pad" }, this.canvas,
      el("div", { class: "row tools" }, this.undoButton, this.clearButton,
        slider({ label: "Pen width", min: 2, max: 40, value: thickness, show: (v) => `${v} px`,
          oninput: (value) => { this.thickness = value; } })));
    this.listen();
    this.draw();
  }

  get empty() {
    return this.strokes.length === 0 && this.picture === null;
  }

  /** Whether a stroke is under way. */
  get drawing() {
    return this.pointer !== null;
  }

  /** What is under the pen or the pointer is no longer there: a stroke under way ends. */
  release() {
    this.pointer = null;
    this.pen.down = false;
  }

  undo() {
    if (this.strokes.length) this.hold(this.strokes.slice(0, -1), this.picture, this.locked);
    else this.clear();
  }

  clear() {
    this.hold([], null);
  }

  /** Lay a picture under the strokes, fitted into the pad; on one that is locked nothing is drawn. */
  lay(picture, locked = false) {
    this.hold([], picture, locked);
  }

  /** Show another picture in place of the one that is laid: nothing else has changed. */
  swap(picture) {
    this.picture = picture;
    this.draw();
  }

  /** Replace the strokes: each { thickness, points: [[x, y], ...] }. */
  put(strokes) {
    this.hold(strokes, null);
  }

  hold(strokes, picture, locked = false) {
    this.release();
    Object.assign(this, { strokes, picture, locked });
    this.canvas.classList.toggle("locked", locked); // a finger then scrolls the page
    this.changed();
  }

  /** What is drawn, as a PNG file of few pixels: more would only take longer to read. */
  blob() {
    const most = this.picture ? Infinity : SENT; // under strokes there may be fine print
    const scale = Math.min(1, most / Math.max(this.width, this.height));
    const [width, height] = [this.width, this.height].map((side) => Math.round(scale * side));
    const small = el("canvas", { width, height });
    const context = small.getContext("2d", { alpha: false, willReadFrequently: true });
    context.scale(small.width / this.width, small.height / this.height);
    this.drawOn(context);
    // A picture may be in colours that tell ink from paper.
    if (this.picture) return new Promise((resolve) => { small.toBlob(resolve, "image/png"); });
    return greyPng(context);
  }

  changed() {
    this.undoButton.disabled = this.clearButton.disabled = this.empty;
    this.draw();
    this.onchange();
  }

  draw() {
    const { context, pen } = this;
    this.drawOn(context);
    if (pen.shown) {
      context.strokeStyle = "#1f66a8";
      context.lineWidth = 2;
      context.beginPath();
      context.arc(pen.x, pen.y, this.thickness / 2 + 2, 0, 7);
      context.stroke();
    }
  }

  drawOn(context) {
    const { width, height } = this;
    // Paper stays white and ink black in the dark, too: this is what is sent to be read.
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, width, height);
    if (this.picture) {
      const scale = Math.min(width / this.picture.width, height / this.picture.height);
      const [wide, tall] = [this.picture.width * scale, this.picture.height * scale];
      context.drawImage(this.picture, (width - wide) / 2, (height - tall) / 2, wide, tall);
    }
    this.strokes.forEach((stroke) => drawStroke(context, stroke));
  }

  listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || this.locked) return;
      event.preventDefault();
      canvas.focus({ preventScroll: true, focusVisible: false });
      canvas.setPointerCapture(event.pointerId);
      this.pointer = event.pointerId;
      this.pen.shown = false;
      this.strokes.push({ thickness: this.thickness, points: [this.place(event)] });
      this.changed();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (this.pointer !== event.pointerId) return;
      const all = event.getCoalescedEvents?.() ?? [];
      this.strokes.at(-1).points.push(...(all.length ? all : [event]).map((one) => this.place(one)));
      this.changed();
    });
    const lift = (event) => {
      if (this.pointer !== event.pointerId) return;
      this.pointer = null;
      this.onlift();
    };
    canvas.addEventListener("pointerup", lift);
    canvas.addEventListener("pointercancel", lift);
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("blur", () => {
      Object.assign(this.pen, { shown: false, down: false });
      this.draw();
    });
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * this.width,
      ((event.clientY - box.top) / box.height) * this.height];
  }

  key(event) {
    const { pen } = this;
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (moves[event.key]) {
      const far = event.shiftKey ? 4 * STEP : STEP;
      pen.x = Math.min(this.width, Math.max(0, pen.x + far * moves[event.key][0]));
      pen.y = Math.min(this.height, Math.max(0, pen.y + far * moves[event.key][1]));
      pen.shown = true;
      if (pen.down) {
        this.strokes.at(-1).points.push([pen.x, pen.y]);
        this.changed();
      } else this.draw();
    } else if (event.key === " " && !this.locked) {
      pen.down = !pen.down;
      pen.shown = true;
      announce(pen.down ? "Pen down" : "Pen up");
      if (pen.down) this.strokes.push({ thickness: this.thickness, points: [[pen.x, pen.y]] });
      this.changed();
    } else if (event.key === "Delete" || event.key === "Backspace") this.clear();
    else if (event.key.toLowerCase() === "z") this.undo();
    else return;
    event.preventDefault();
  }
}

function drawStroke(context, { thickness, points }) {
  Object.assign(context, { strokeStyle: "#000000", fillStyle: "#000000", lineWidth: thickness,
    lineCap: "round", lineJoin: "round" });
  const [[x, y], ...rest] = points;
  context.beginPath();
  if (!rest.length) {
    context.arc(x, y, thickness / 2, 0, 7);
    context.fill();
    return;
  }
  context.moveTo(x, y);
  // Through the middles of what was measured, so that a quick stroke has no corners.
  rest.forEach(([nextX, nextY], at) => {
    const [fromX, fromY] = points[at];
    context.quadraticCurveTo(fromX, fromY, (fromX + nextX) / 2, (fromY + nextY) / 2);
  });
  context.lineTo(...rest.at(-1));
  context.stroke();
}
