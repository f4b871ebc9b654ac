// The confusion matrix: a row a true digit, a column what it was read as. Its cells open.

import { el } from "../dom.js";
import { MOVES } from "../point.js";
import { many } from "./words.js";

const DIGITS = [...Array(10).keys()];

/** The matrix as a grid of buttons; `onopen(true, read)` is called for the one that is chosen. */
export function confusion(matrix, onopen) {
  const most = Math.max(1, ...matrix.flatMap((row, truth) => row.filter((_, read) => read !== truth)));
  const cells = new Map();
  const grid = el("table", { class: "confusion", role: "grid", "aria-label": "Confusion matrix" },
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" },
      el("td", { role: "gridcell", class: "corner" },
        el("span", { class: "unseen" }, "true digit, and read as")),
      DIGITS.map((digit) => el("th", { scope: "col", role: "columnheader" }, String(digit))))),
    el("tbody", { role: "rowgroup" }, matrix.map((row, truth) => el("tr", { role: "row" },
      el("th", { scope: "row", role: "rowheader" }, String(truth)),
      row.map((count, read) => cell(truth, read, count))))));

  function cell(truth, read, count) {
    const place = el("td", { role: "gridcell", class: truth === read ? "right" : null });
    if (!count) return place;
    const label = `${truth} read ${truth === read ? "right" : `as ${read}`}: ${many(count, "digit")}`;
    const open = el("button", { type: "button", tabindex: -1, "aria-label": label,
      onclick: () => choose(truth, read) }, String(count));
    // The redder the more mistakes; the root lets single ones be seen.
    if (truth !== read) open.style.setProperty("--share", Math.sqrt(count / most));
    cells.set(10 * truth + read, open);
    place.append(open);
    return place;
  }

  function choose(truth, read) {
    mark(truth, read);
    reach(cells.get(10 * truth + read));
    onopen(truth, read);
  }

  /** One cell is reached by Tab; arrows go on from there. */
  function reach(button) {
    cells.forEach((other) => { other.tabIndex = -1; });
    button.tabIndex = 0;
  }

  function mark(truth, read) {
    cells.forEach((button, key) => {
      if (key === 10 * truth + read) button.setAttribute("aria-pressed", "true");
      else button.removeAttribute("aria-pressed");
    });
  }

  grid.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    const [key] = [...cells].find(([, button]) => button === event.target) ?? [];
    if (!move || key === undefined) return;
    event.preventDefault();
    let [truth, read] = [Math.floor(key / 10), key % 10];
    do [truth, read] = [truth + move[0], read + move[1]];
    while (truth >= 0 && read >= 0 && truth < 10 && read < 10 && !cells.has(10 * truth + read));
    const next = truth >= 0 && read >= 0 && truth < 10 && read < 10 && cells.get(10 * truth + read);
    if (!next) return;
    reach(next);
    next.focus();
  });

  if (cells.size) reach(cells.values().next().value);
  return { element: grid, unmark: () => mark(-1, -1) };
}
