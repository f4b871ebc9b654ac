// Elements: made, found, filled. No framework; this is all of it.

/** Make an element: el("p", { class: "soft", onclick: f }, "text", child). SVG and MathML too. */
export function el(name, attributes = {}, ...children) {
  const space = SPACES[name];
  const made = space ? document.createElementNS(space, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key === "style") Object.assign(made.style, value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  return fill(made, ...children);
}

const SVG = "http://www.w3.org/2000/svg";
const MATHML = "http://www.w3.org/1998/Math/MathML";
const SPACES = Object.fromEntries([
  ...["svg", "g", "path", "line", "rect", "circle", "ellipse", "polyline", "polygon", "text",
    "tspan", "defs", "marker", "image"].map((name) => [name, SVG]),
  ...["math", "mrow", "mi", "mn", "mo", "mtext", "mfrac", "msub", "msup", "msqrt",
    "munder", "munderover", "mover", "mspace", "mtable", "mtr", "mtd"].map((name) => [name, MATHML]),
]);

/** The first element that fits, or null. */
export const find = (selector, root = document) => root.querySelector(selector);

/** Put `children` where the old ones were. */
export function fill(element, ...children) {
  const given = children.flat(Infinity).filter((child) => child !== null && child !== undefined);
  element.replaceChildren(...given);
  return element;
}

/** A colour of the theme, such as colour("accent"), as CSS knows it now. */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

const painters = new WeakMap(); // by what they paint
const painted = new Set(); // weak references: what is no longer in use is forgotten
addEventListener("themechange", () => painted.forEach((held) => {
  const element = held.deref();
  if (element) painters.get(element)();
  else painted.delete(held);
}));

/** Call `paint` now, and whenever the theme changes, as long as there is such an `element`. */
export function themed(element, paint) {
  painters.set(element, paint);
  painted.add(new WeakRef(element));
  paint();
}

/** Whether the reader wants no motion that begins by itself. */
export const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Say something to people who listen to the page. */
export function announce(sentence) {
  let place = document.getElementById("announcement");
  if (!place) {
    place = el("div", { id: "announcement", class: "unseen", role: "status", "aria-live": "polite" });
    document.body.append(place);
  }
  place.textContent = sentence;
}

/**
 * A labelled slider: slider({ label, min, max, step, value, show, oninput }). Its `put(value)` moves it
 * without a call of `oninput`.
 */
export function slider({ label, min, max, step = 1, value, show = String, oninput }) {
  const output = el("output", { class: "number" }, show(value));
  const input = el("input", { type: "range", min, max, step, value, oninput: () => {
    output.textContent = show(Number(input.value));
    oninput(Number(input.value));
  } });
  const put = (wanted) => {
    input.value = wanted;
    output.textContent = show(wanted);
  };
  return Object.assign(el("label", {}, label, input, output), { put });
}

/** A labelled choice: choice({ label, options: [[value, text], ...], value, onchange }). */
export function choice({ label, options, value, onchange }) {
  const select = el("select", { onchange: () => onchange(select.value) },
    options.map(([key, text]) => el("option", { value: key, selected: key === value }, text)));
  return el("label", {}, label, select);
}

/** A button. */
export const button = (text, onclick, attributes = {}) =>
  el("button", { type: "button", onclick, ...attributes }, text);
