// Kernels of 3×3 weights, and the map that one makes of a digit.

/** Kernels by what they find. */
export const KERNELS = {
  "horizontal edges": [-1, -1, -1, 0, 0, 0, 1, 1, 1],
  "vertical edges": [-1, 0, 1, -1, 0, 1, -1, 0, 1],
  "strokes going down left": [-1, -1, 2, -1, 2, -1, 2, -1, -1],
  outline: [-1, -1, -1, -1, 8, -1, -1, -1, -1],
};

/** Rows and columns of a map: 28 less the two that a window of 3 cannot be centred on. */
export const MAP = 26;

/** The sums of a kernel over every window of 28×28 pixels, row by row. */
export const convolved = (pixels, kernel, bias = 0) => Array.from({ length: MAP ** 2 }, (_, at) =>
  kernel.reduce((total, weight, k) => total
    + weight * pixels[28 * (Math.floor(at / MAP) + Math.floor(k / 3)) + (at % MAP) + (k % 3)], bias));
