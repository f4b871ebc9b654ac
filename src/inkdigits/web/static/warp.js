// Affine and elastic warps of a 28×28 picture, as `inkdigits.augmentation.warps` draws them.

import { normal, random } from "./learn.js";

const SIZE = 28;
const KNOTS = 9; // the elastic field is drawn on this coarse grid

/**
 * One draw: { rows, shift, field } of the map from a place in the picture that comes out to the place
 * in the one that went in. `warps` says how far: { rotation, scale, shear, shift, elastic }.
 */
export function drawn(warps, seed) {
  const draw = random(seed);
  // The same numbers whatever is set: so a slider changes how far, and not which way.
  const uniform = Array.from({ length: 6 }, () => 2 * draw() - 1);
  const noise = Array.from({ length: 2 * KNOTS * KNOTS }, () => normal(draw));
  return { ...affine(warps, uniform), field: elastic(warps, noise) };
}

/** Six draws in [-1, 1] as a matrix and a shift, in units of half the picture. */
export function affine({ rotation = 0, scale = 0, stretch = 0, shear = 0, shift = 0 }, draws) {
  const turn = draws[0] * radians(rotation);
  const slant = Math.tan(draws[1] * radians(shear));
  const tall = 1 / (1 + draws[2] * scale); // the map looks up where to read: its inverse
  const wide = tall / (1 + draws[3] * stretch);
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  return {
    rows: [[wide * cos, wide * (slant * cos - sin)], [tall * sin, tall * (slant * sin + cos)]],
    shift: [draws[4], draws[5]].map((one) => (2 * shift * one) / SIZE),
  };
}

/** Normal draws on the coarse grid as smooth displacements in pixels: across, then down. */
export function elastic({ elastic: far = 0, smoothness = 4 }, noise) {
  const spread = weights(smoothness);
  return [0, 1].map((axis) => {
    const across = Array.from({ length: KNOTS }, (_, i) => spread.map((row) =>
      row.reduce((total, weight, j) => total + weight * noise[KNOTS * (KNOTS * axis + i) + j], 0)));
    return Float32Array.from({ length: SIZE * SIZE }, (_, at) =>
      far * spread[Math.floor(at / SIZE)].reduce((total, weight, i) => total + weight * across[i][at % SIZE],
        0));
  });
}

/** How much each knot counts at each pixel; each row has unit length. */
function weights(smoothness) {
  const knots = Array.from({ length: KNOTS }, (_, k) => (-0.1 + (1.2 * k) / (KNOTS - 1)) * (SIZE - 1));
  const wide = Math.max(smoothness, 0.6 * (knots[1] - knots[0]));
  return Array.from({ length: SIZE }, (_, at) => {
    const row = knots.map((knot) => Math.exp(-((at - knot) ** 2) / (2 * wide ** 2)));
    const length = Math.hypot(...row);
    return row.map((weight) => weight / length);
  });
}

/** Where the pixel at (row, column) is read: [row, column] in the picture that went in. */
export function source({ rows, shift, field }, row, column) {
  const [x, y] = [column, row].map((at) => (2 * at + 1) / SIZE - 1);
  const back = (part) => ((part + 1) * SIZE - 1) / 2;
  const at = SIZE * Math.min(SIZE - 1, Math.max(0, Math.round(row)))
    + Math.min(SIZE - 1, Math.max(0, Math.round(column)));
  return [back(rows[1][0] * x + rows[1][1] * y + shift[1]) + field[1][at],
    back(rows[0][0] * x + rows[0][1] * y + shift[0]) + field[0][at]];
}

/** The picture, warped: each pixel a mean of the four around its source, by nearness. */
export function warped(pixels, draw) {
  const at = (r, c) => (r < 0 || c < 0 || r >= SIZE || c >= SIZE ? 0 : pixels[SIZE * r + c]);
  return Float32Array.from({ length: SIZE * SIZE }, (_, k) => {
    const [row, column] = source(draw, Math.floor(k / SIZE), k % SIZE);
    const [r, c] = [Math.floor(row), Math.floor(column)];
    const [down, right] = [row - r, column - c];
    return (1 - down) * ((1 - right) * at(r, c) + right * at(r, c + 1))
      + down * ((1 - right) * at(r + 1, c) + right * at(r + 1, c + 1));
  });
}

const radians = (degrees) => (degrees * Math.PI) / 180;
