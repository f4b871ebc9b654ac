// Many maps on one canvas: painted once, pointed at by mouse, touch or arrow keys.

import { colour, el, themed } from "../dom.js";
import { sheetOf } from "../paint.js";
import { MOVES } from "../point.js";

const GAP = 4; // CSS pixels between tiles
const HEIGHT = 560; // that all tiles together come near to
const NARROW = 600; // of the room for them
const WIDEST = 112; // that a tile may be

/**
 * Tiles of rows×columns values: new Tiles({ label, onpoint, onhold, cell, gap }), then
 * .show({ values, count, rows, columns, most }). `most` is the value of the strongest colour: one
 * for all, or an array of one a tile. `onpoint([tile, row, column])` follows pointer and keys.
 */
export class Tiles {
  constructor({ label, onpoint = null, onhold = null, cell = null, gap = GAP, kind = "signed" }) {
    this.kind = kind;
    this.usual = cell;
    this.gap = gap;
    this.canvas = el("canvas", { role: "img", "aria-label": label });
    this.element = el("div", { class: "tiles" }, this.canvas);
    if (onpoint) this.listen(onpoint, onhold);
    this.place = null;
    // As wide as its container: tiles flow like words.
    new ResizeObserver(() => this.shown && this.room() !== this.drawn && this.draw()).observe(this.element);
    themed(this.canvas, () => this.shown && this.repaint());
  }

  /** Paint values; `across` fixes how many tiles stand side by side. */
  show({ values, count, rows, columns, most, across = null, cell = null }) {
    this.shown = { values, count, rows, columns, most };
    this.across = across;
    this.cell = cell ?? this.usual;
    this.repaint();
    return this;
  }

  repaint() {
    this.sheet = sheetOf(this.shown, this.kind);
    this.draw();
  }

  /** Put a frame around a value, and its tile. */
  mark(place) {
    this.place = place;
    this.draw();
  }

  room = () => this.element.clientWidth || NARROW;

  layout() {
    const { count, rows, columns } = this.shown;
    const room = this.room();
    const height = room < NARROW ? HEIGHT / 2 : HEIGHT; // what is told of them stands below, not beside
    const free = Math.min(WIDEST + this.gap, Math.sqrt((room * height) / count), room / 3);
    const side = (this.across ? room / this.across - 1 : free) - this.gap;
    const cell = this.cell ?? Math.max(1, Math.min(22, Math.floor(side / Math.max(rows, columns))));
    const [tall, wide] = [rows * cell + this.gap, columns * cell + this.gap];
    const across = this.across ?? Math.max(1, Math.min(count, Math.floor((room - this.gap) / wide)));
    return { cell, tall, wide, across, down: Math.ceil(count / across) };
  }

  draw() {
    const { count, rows, columns } = this.shown;
    const box = this.layout();
    const [width, height] = [box.across * box.wide + this.gap, box.down * box.tall + this.gap];
    const sharp = devicePixelRatio || 1;
    Object.assign(this, { box, drawn: this.room() });
    Object.assign(this.canvas, { width: width * sharp, height: height * sharp });
    Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
    const context = this.canvas.getContext("2d");
    context.scale(sharp, sharp);
    context.imageSmoothingEnabled = false;
    context.strokeStyle = colour("line");
    for (let tile = 0; tile < count; tile += 1) {
      const [left, top] = this.corner(tile);
      const [across, down] = [columns * box.cell, rows * box.cell];
      context.strokeRect(left - 0.5, top - 0.5, across + 1, down + 1);
      context.drawImage(this.sheet, 0, tile * rows, columns, rows, left, top, across, down);
    }
    if (this.place) this.frame(context);
  }

  corner(tile) {
    const { across, wide, tall } = this.box;
    return [this.gap + (tile % across) * wide, this.gap + Math.floor(tile / across) * tall];
  }

  frame(context) {
    const [tile, row, column] = this.place;
    const { rows, columns } = this.shown;
    const { cell } = this.box;
    const [left, top] = this.corner(tile);
    outlined(context, left - 1.5, top - 1.5, columns * cell + 3, rows * cell + 3);
    if (rows * columns === 1) return;
    outlined(context, left + column * cell - 1, top + row * cell - 1, cell + 2, cell + 2);
  }

  at(event) {
    const bounds = this.canvas.getBoundingClientRect();
    const { cell, wide, tall, across } = this.box;
    const { count, rows, columns } = this.shown;
    const [x, y] = [event.clientX - bounds.left - this.gap / 2, event.clientY - bounds.top - this.gap / 2];
    const [over, under] = [Math.floor(x / wide), Math.floor(y / tall)];
    const tile = under * across + over;
    if (over < 0 || over >= across || tile < 0 || tile >= count) return null;
    const clip = (value, size) => Math.min(size - 1, Math.max(0, Math.floor(value)));
    return [tile, clip((y - under * tall - this.gap / 2) / cell, rows),
      clip((x - over * wide - this.gap / 2) / cell, columns)];
  }

  listen(onpoint, onhold) {
    const point = (event) => {
      const place = this.at(event);
      if (place) onpoint(place, event.type);
    };
    this.canvas.tabIndex = 0;
    this.canvas.classList.add("live");
    this.canvas.addEventListener("pointermove", point);
    this.canvas.addEventListener("pointerdown", (event) => {
      const place = this.at(event);
      if (place) (onhold ?? onpoint)(place, event.type);
    });
    this.canvas.addEventListener("keydown", (event) => {
      const move = MOVES[event.key];
      if (!move) return;
      event.preventDefault();
      onpoint(this.moved(move), "key");
    });
  }

  /** The place one step on, as if all tiles were one picture. */
  moved([down, right]) {
    const { count, rows, columns } = this.shown;
    const { across } = this.box;
    const [tile, row, column] = this.place ?? [0, 0, 0];
    const y = Math.floor(tile / across) * rows + row + down;
    const x = (tile % across) * columns + column + right;
    const next = Math.floor(y / rows) * across + Math.floor(x / columns);
    const outside = x < 0 || y < 0 || x >= across * columns || next >= count;
    return outside ? [tile, row, column] : [next, y % rows, x % columns];
  }
}

/** A frame that stands out on any colour. */
export function outlined(context, left, top, width, height) {
  context.strokeStyle = colour("paper");
  context.lineWidth = 3.5;
  context.strokeRect(left, top, width, height);
  context.strokeStyle = colour("ink");
  context.lineWidth = 1.5;
  context.strokeRect(left, top, width, height);
}

/** Maps side by side in one tile, with lines between them: { values, rows, columns }. */
export function joined(values, count, rows, columns) {
  const across = Math.ceil(Math.sqrt(count));
  const down = Math.ceil(count / across);
  const gap = rows * columns > 1 ? 1 : 0;
  const [wide, tall] = [across * (columns + gap) - gap, down * (rows + gap) - gap];
  const found = new Float32Array(wide * tall).fill(NaN);
  for (let at = 0; at < count * rows * columns; at += 1) {
    const map = Math.floor(at / rows / columns);
    const row = Math.floor(map / across) * (rows + gap) + (Math.floor(at / columns) % rows);
    found[row * wide + (map % across) * (columns + gap) + (at % columns)] = values[at];
  }
  return { values: found, rows: tall, columns: wide };
}
