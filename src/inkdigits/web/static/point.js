// Pointing at pixels: by mouse, finger or arrow keys, with frames around what is pointed at.

import { el } from "./dom.js";
import { pixelAt } from "./paint.js";

/** Rows and columns that an arrow key moves by. */
export const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/**
 * Frames over Pixels: framed(pixels).mark([row, column, rows, columns], ...), each box in pixels; the
 * first is strong, the others faint. Put `.element` where the canvas would be.
 */
export function framed({ element: canvas }) {
  const frames = [];
  const element = el("div", { class: "framed" }, canvas);
  const mark = (...boxes) => {
    while (frames.length < boxes.length) {
      frames.push(el("div", { class: frames.length ? "frame faint" : "frame" }));
      element.append(frames.at(-1));
    }
    frames.forEach((frame, at) => {
      frame.hidden = !boxes[at];
      if (!boxes[at]) return;
      const [row, column, rows = 1, columns = 1] = boxes[at];
      Object.assign(frame.style, {
        left: `${(100 * column) / canvas.width}%`, width: `${(100 * columns) / canvas.width}%`,
        top: `${(100 * row) / canvas.height}%`, height: `${(100 * rows) / canvas.height}%`,
      });
    });
  };
  return { element, mark };
}

/** Call `onpoint([row, column])` when the reader points elsewhere in Pixels; `place()` is where it was. */
export function pointable(pixels, place, onpoint) {
  const { element: canvas } = pixels;
  const go = (found) => {
    // Before anything is shown there is nothing to point at.
    if (found && pixels.values && String(found) !== String(place())) onpoint(found);
  };
  canvas.tabIndex = 0;
  canvas.classList.add("pointable");
  canvas.addEventListener("pointerdown", (event) => go(pixelAt(canvas, event)));
  canvas.addEventListener("pointermove", (event) => go(pixelAt(canvas, event)));
  canvas.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    if (!move) return;
    event.preventDefault();
    const most = [canvas.height - 1, canvas.width - 1];
    go(place().map((old, axis) => Math.min(most[axis], Math.max(0, old + move[axis]))));
  });
}
