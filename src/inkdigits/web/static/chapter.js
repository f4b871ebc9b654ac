// A chapter of the guide: finds its figure's script by its name, and gives it its places.

import { el, fill, find } from "./dom.js";
import { mountPicker } from "./mine.js";

const article = find("article");
mountPicker(find("#mine"));

const figure = find('[data-place="figure"]');
const formula = find('[data-place="formula"]');
figure.classList.add("figure");
formula.classList.add("formula");
formula.tabIndex = 0;
formula.setAttribute("role", "group");
formula.setAttribute("aria-label", "Formula with the values inserted");
fill(figure, el("p", { class: "soft" }, "Loading figure …"));

try {
  const { mount } = await import(`./figures/${article.dataset.chapter}.js`);
  await mount({ figure, formula });
  article.dataset.ready = "true";
} catch (error) {
  fill(figure, el("p", { class: "note" }, `This figure could not be drawn: ${error.message}`));
  throw error;
}
