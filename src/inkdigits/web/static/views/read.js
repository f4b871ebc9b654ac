// The page Read: what is drawn or dropped is read while the pen moves.

import { fromBase64, send } from "../api.js";
import { button, el, fill, find } from "../dom.js";
import { keepDigit } from "../mine.js";
import { about, likely } from "../numbers.js";
import { Pad } from "../pad.js";
import { Boxes } from "../read/boxes.js";
import { Detail } from "../read/detail.js";
import { Placement } from "../read/place.js";
import { listen, sourceButtons } from "../read/sources.js";
import { Layers } from "../read/layers.js";
import { leftOutWords, textOf, rotatedWords } from "../read/text.js";

// How far the page is, for whoever waits for it: changes drawn, changes read, anything under way.
const state = document.documentElement.dataset;
Object.assign(state, { drawn: "0", read: "0" });

const PLACE = "strokes";
const MANY_LINES = 3; // more of them are shown smaller
const MANY_TILES = 40; // symbols that each have a tile unless they are asked for
const FOLDED = 6; // rejected ones that each have a tile
const reader = find(".reader");
const drawing = find(".drawing");
const wide = Math.max(300, Math.min(760, drawing.clientWidth));

const pad = new Pad({ width: wide, height: wide > 560 ? 420 : Math.round(0.95 * wide), thickness: 14,
  label: "Draw digits here", onchange: changed, onlift: rest });
const boxes = new Boxes(pad.width, pad.height);
const hint = el("div", { class: "hint" }, "Draw here, or drop a picture.");
const surface = el("div", { class: "surface" });
pad.canvas.replaceWith(surface);
surface.append(pad.canvas, boxes.element, hint);

const text = el("div", { class: "text" });
const why = el("p", { class: "why", role: "status" });
const tiles = el("div", { class: "read-digits" });
// What is left out of the reading is not left out of the page.
const showLeftOut = el("input", { type: "checkbox", checked: true, onchange: () => place() });
const leftOutText = el("span");
const leftOut = el("label", { class: "left-out small soft", hidden: true }, showLeftOut, leftOutText);
const layers = new Layers(() => place());
fill(find(".answer"), text, why, leftOut, layers.element, tiles);
const detail = new Detail(find("#detail"), reader.dataset.labels.split(" ").filter(Boolean));
const turn = button("Rotate by 90°", turnPicture, { hidden: true });
find(".tools", pad.element).append(turn);
fill(drawing, pad.element, sourceButtons(readFile, complain));
listen(drawing, readFile, complain);

let file = null; // what was dropped, as long as nothing is drawn on it
let rotation = null; // clockwise degrees that the reader gave it; null leaves that to the server
let files = 0; // dropped so far: of two the later one counts
let shown = null; // the last document
let at = 0; // the page of it that is shown
let chosen = 0;
let picked = false; // by the reader; else it is the first that was read
let unfolded = false; // whether many rejected ones are shown
let sent = "0"; // the last change that is being read
let again = false;
let underWay = 0;
work(0);

function changed() {
  state.drawn = String(Number(state.drawn) + 1);
  remember();
  hint.hidden = !pad.empty;
  if (pad.strokes.length || pad.empty) [file, at, rotation] = [null, 0, null];
  turn.hidden = !file;
  read();
}

// The answer comes first, and its steps when the pen rests. While it moves there is one reading at a
// time; when it is lifted, the answer need not wait for one that is late already.
async function read(steps = file !== null) {
  if (underWay >= (pad.drawing ? 1 : 2)) { again = true; return; }
  work(1);
  again = false;
  const { drawn } = state;
  sent = drawn;
  try {
    const found = pad.empty ? null : await send(address(steps), file ?? (await pad.blob()));
    if (Number(drawn) > Number(state.read) || (steps && drawn === state.read)) show(found);
  } catch (error) {
    if (Number(drawn) >= Number(state.read)) refuse(file, error.message);
  }
  state.read = String(Math.max(Number(drawn), Number(state.read)));
  if (again) read();
  else if (!steps) rest();
  work(-1);
}

/** What is asked of the server: what it looked for only of a picture, as a drawing has no print. */
function address(steps) {
  const rotated = rotation === null ? "" : `&rotation=${rotation}`;
  return `/api/read?steps=${steps}${file && steps ? "&layers=true" : ""}${file ? rotated : ""}`;
}

/** Turn the picture by a quarter from how it is shown, and read it again. */
function turnPicture() {
  const page = shown?.pages[at];
  if (!page || !file) return;
  rotation = (90 * (Math.round(page.rotation / 90) + 1)) % 360;
  [picked, unfolded] = [false, false];
  state.drawn = String(Number(state.drawn) + 1);
  fill(why, "Reading …");
  read();
}

/** The pen was lifted, or an answer came: go on with what is missing. */
function rest() {
  if (pad.drawing || pad.empty) return;
  if (state.read === state.drawn) read(true);
  else if (sent !== state.drawn) read();
}

function work(more) {
  underWay += more;
  state.busy = String(underWay > 0);
}

function show(found) {
  shown = found;
  at = Math.max(0, Math.min(at, (found?.pages.length ?? 1) - 1));
  const page = found?.pages[at];
  const symbols = symbolsOf(page);
  if (!symbols.length) [picked, unfolded] = [false, false];
  if (!picked) chosen = symbols.findIndex(({ rejection }) => !rejection);
  chosen = Math.max(0, Math.min(chosen, symbols.length - 1));
  fill(text, found ? textOf(found, at, turnTo) : null);
  text.classList.toggle("long", (found?.pages.length ?? 1) > 1 || (page?.lines.length ?? 0) > MANY_LINES
    || hasCells(page));
  fill(why, sentence(page));
  fill(tiles, symbols.length > 1 ? tiled(symbols) : null);
  const omitted = page?.left_out ?? [];
  leftOut.hidden = !omitted.length;
  leftOutText.textContent = `Show ink that was not read: ${leftOutWords(omitted)}.`;
  layers.offer(found?.steps?.[at]?.layers);
  place();
  if (found?.steps && file) layPage().catch(({ message }) => fill(why, message));
}

const symbolsOf = (page) => (page?.lines ?? []).flatMap(({ symbols }) => symbols);
const hasCells = (page) => (page?.lines ?? []).some(({ cell }) => cell);

function place() {
  const page = shown?.pages[at];
  const symbols = symbolsOf(page);
  const placement = page && new Placement(page);
  boxes.show(placement, symbols, chosen, showLeftOut.checked ? page?.left_out : [], layers.shown);
  detail.show(symbols[chosen], shown?.steps?.[at], placement);
  for (const button of tiles.querySelectorAll("[data-at]")) {
    button.setAttribute("aria-pressed", Number(button.dataset.at) === chosen);
  }
  const { network_input, rejection } = symbols[chosen] ?? {};
  if (network_input && !rejection) keepDigit(fromBase64(network_input));
}

/** Show another page of the file. */
function turnTo(number) {
  at = number;
  [picked, unfolded] = [false, false];
  show(shown);
}

/** Lay the page that is shown on the pad as the server read it: upright, however browsers turn it. */
async function layPage() {
  const [mine, document, number] = [files, shown, at];
  const laid = await decoded(document.steps[number].picture);
  if (mine === files && document === shown && number === at) pad.swap(laid);
}

/** A tile for each symbol; of many rejected ones, one for all, and so for very many symbols. */
function tiled(symbols) {
  const rejected = symbols.filter(({ rejection }) => rejection).length;
  const many = symbols.length - rejected > MANY_TILES;
  if ((rejected <= FOLDED && !many) || unfolded) return symbols.map(tile);
  const unfold = () => { unfolded = true; show(shown); };
  const other = rejected ? ` (${rejected} rejected)` : "";
  if (many) return button(`Show all ${symbols.length} symbols${other}`, unfold);
  return [...symbols.map((symbol, number) => (symbol.rejection ? null : tile(symbol, number))),
    button(`Show ${rejected} rejected`, unfold)];
}

function tile({ value, confidence, rejection, reason }, number) {
  return el("button", { type: "button", class: rejection ? "rejected" : null, "data-at": number,
    title: rejection ? reason : null, onclick: () => { [chosen, picked] = [number, true]; place(); } },
  el("b", {}, rejection ? "?" : value), el("span", {}, rejection ? "rejected" : about(confidence)));
}

const sentence = (page) => (page ? [sentenceOf(page), rotatedWords(page)].filter(Boolean).join(" ") : "");

function sentenceOf(page) {
  const symbols = symbolsOf(page);
  const rejected = symbols.filter(({ rejection }) => rejection);
  const reasons = [...new Set(rejected.map(({ reason }) => reason))].join("; ");
  if (!rejected.length && !page.text) return "No digits found: the picture is blank or contains only lines and specks.";
  if (!page.text) return `No digits found: ${reasons.replace("not a digit", "the ink does not look like a digit")}.`;
  const count = symbols.length - rejected.length;
  const right = count > 1 ? `all ${count} symbols are correct` : "the symbol is correct";
  const whole = page.left_out.length || rejected.length ? `${right} and none was missed` : right;
  // With a "?" in it a text is not right as a whole, however sure the rest of it is.
  const words = page.text.includes("?") ? `${count} read, `
    : `Probability that ${whole}: ${likely(page.confidence)}. `;
  return rejected.length ? `${words}${rejected.length} rejected: ${reasons}.` : words.trim();
}

async function readFile(dropped) {
  const mine = ++files;
  work(1);
  complain("");
  fill(why, "Reading …");
  picked = unfolded = false;
  at = 0;
  try {
    const laid = await picture(dropped);
    if (mine === files) {
      [file, rotation] = [dropped, null];
      pad.lay(laid, true);
    }
  } catch (error) {
    if (mine === files) refuse(dropped, error.message);
  }
  work(-1);
}

/** What to lay under the strokes. What no browser shows may still be read, such as a TIFF. */
async function picture(dropped) {
  try {
    return await createImageBitmap(dropped);
  } catch {
    const { steps } = await send("/api/read?steps=true", dropped);
    return decoded(steps[0].picture);
  }
}

const decoded = (content) => createImageBitmap(new Blob([fromBase64(content)], { type: "image/jpeg" }));

/** Say what is wrong; a file that cannot be read does not stay in sight beside it. */
function refuse(dropped, message) {
  if (dropped) pad.clear();
  complain(dropped?.name ? `${dropped.name}: ${message}` : message);
}

/** The strokes outlive the page, for whoever comes back to it: as long as this tab. */
function remember() {
  const kept = { size: [pad.width, pad.height], strokes: pad.strokes };
  try {
    sessionStorage.setItem(PLACE, JSON.stringify(kept));
  } catch { /* a browser that keeps nothing */ }
}

function recall() {
  try {
    const { size, strokes } = JSON.parse(sessionStorage.getItem(PLACE) ?? "{}");
    if (strokes?.length && size.join() === [pad.width, pad.height].join()) pad.put(strokes);
  } catch { /* nothing, or nothing of ours */ }
}

function complain(message) {
  shown = null;
  fill(text);
  leftOut.hidden = true;
  layers.offer();
  fill(why, el("span", { class: "bad" }, message));
  fill(tiles);
  boxes.show(null);
  detail.show(null);
}

recall();
