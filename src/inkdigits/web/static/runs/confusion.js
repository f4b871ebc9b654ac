// The confusion matrix: a row a true digit, a column what it was read as. Its cells open.

import { el } from "../dom.js";
import { MOVES } from "../point.js";
import { many } from "./words.js";

/** The matrix of `symbols` as a grid of buttons; `onopen(true, read)` is called for the one chosen. */
export function confusion(matrix, symbols, onopen) {
  const count = symbols.length;
  const inside = (place) => place >= 0 && place < count;
  const most = Math.max(1, ...matrix.flatMap((row, truth) => row.filter((_, read) => read !== truth)));
  const cells = new Map();
  const named = symbols.some((symbol) => symbol.length > 3);
  const name = (symbol) => named ? el("span", { title: symbol }, symbol) : symbol;
  const grid = el("table", { class: named ? "confusion named" : "confusion", role: "grid", "aria-label": "Confusion matrix" },
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" },
      el("td", { role: "gridcell", class: "corner" },
        el("span", { class: "unseen" }, "true class, and predicted class")),
      symbols.map((symbol) => el("th", { scope: "col", role: "columnheader" }, name(symbol))))),
    el("tbody", { role: "rowgroup" }, matrix.map((row, truth) => el("tr", { role: "row" },
      el("th", { scope: "row", role: "rowheader" }, name(symbols[truth])),
      row.map((amount, read) => cell(truth, read, amount))))));

  function cell(truth, read, amount) {
    const place = el("td", { role: "gridcell", class: truth === read ? "right" : null });
    if (!amount) return place;
    const label = `true ${symbols[truth]}, predicted ${truth === read ? "correctly" : symbols[read]}: `
      + many(amount, "digit");
    const open = el("button", { type: "button", tabindex: -1, "aria-label": label,
      onclick: () => choose(truth, read) }, String(amount));
    // The redder the more mistakes; the root lets single ones be seen.
    if (truth !== read) open.style.setProperty("--share", Math.sqrt(amount / most));
    cells.set(count * truth + read, open);
    place.append(open);
    return place;
  }

  function choose(truth, read) {
    mark(truth, read);
    reach(cells.get(count * truth + read));
    onopen(truth, read);
  }

  /** One cell is reached by Tab; arrows go on from there. */
  function reach(button) {
    cells.forEach((other) => { other.tabIndex = -1; });
    button.tabIndex = 0;
  }

  function mark(truth, read) {
    cells.forEach((button, key) => {
      if (key === count * truth + read) button.setAttribute("aria-pressed", "true");
      else button.removeAttribute("aria-pressed");
    });
  }

  grid.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    const [key] = [...cells].find(([, button]) => button === event.target) ?? [];
    if (!move || key === undefined) return;
    event.preventDefault();
    let [truth, read] = [Math.floor(key / count), key % count];
    do [truth, read] = [truth + move[0], read + move[1]];
    while (inside(truth) && inside(read) && !cells.has(count * truth + read));
    const next = inside(truth) && inside(read) && cells.get(count * truth + read);
    if (!next) return;
    reach(next);
    next.focus();
  });

  if (cells.size) reach(cells.values().next().value);
  return { element: grid, unmark: () => mark(-1, -1) };
}
