// Where things lie on a page that is shown upright. Documents tell it in the pixels of the file as it
// is stored, and how the page is mirrored and then turned to be upright.

/** How a page is shown: its upright `width` and `height`, `points` of an outline, its `box`. */
export class Placement {
  constructor({ width, height, rotation, mirrored }) {
    const turn = (rotation * Math.PI) / 180;
    // A quarter turn swaps the sides to the pixel.
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)].map((value) => Number(value.toFixed(12)));
    Object.assign(this, { page: { width, height }, mirrored, cos, sin });
    this.width = Math.abs(width * cos) + Math.abs(height * sin);
    this.height = Math.abs(width * sin) + Math.abs(height * cos);
  }

  /** The corners of an outline, upright. */
  points(outline) {
    const { page, cos, sin, mirrored } = this;
    return outline.map(([x, y]) => {
      const [across, down] = [(mirrored ? page.width - x : x) - page.width / 2, y - page.height / 2];
      return [this.width / 2 + across * cos - down * sin, this.height / 2 + across * sin + down * cos];
    });
  }

  /** Left, top, width and height of what holds an outline, upright. */
  box(outline) {
    const points = this.points(outline);
    const [xs, ys] = [0, 1].map((axis) => points.map((point) => point[axis]));
    const [left, top] = [Math.min(...xs), Math.min(...ys)];
    return [left, top, Math.max(...xs) - left, Math.max(...ys) - top];
  }
}
