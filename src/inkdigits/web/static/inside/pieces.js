// Small pieces that several widgets here are made of.

import { el } from "../dom.js";

/** Something with a title over it; the title is its first child. */
export const panel = (title, ...content) =>
  el("div", { class: "panel" }, el("span", {}, title), ...content);

/** What may be wider than its place: it scrolls by itself, by keys, too. */
export const scrolling = (label, name, ...content) =>
  el("div", { class: name, tabindex: "0", role: "group", "aria-label": label }, ...content);
