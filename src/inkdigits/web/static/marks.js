// What a symbol is called in a sentence, where a dot by itself would end one.

const NAMES = { ".": "dot", ",": "comma", "-": "dash", "/": "slash", ":": "colon", "+": "plus sign",
  "%": "percent sign", "=": "equals sign", "—": "long dash" };

/** Whether it is a mark of a number, no digit. */
export const isMark = (value) => Object.hasOwn(NAMES, value);

/** A symbol's name, such as "7" or "comma (,)". */
export const named = (value) => (isMark(value) ? `${NAMES[value]} (${value})` : value);

/** The same with its article: "a 7", "an equals sign (=)". */
export const aNamed = (value) => `${value === "=" || value === "8" ? "an" : "a"} ${named(value)}`;
