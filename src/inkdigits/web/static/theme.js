// Light or dark: as the system is, until the reader says otherwise. Runs before anything is drawn.
"use strict";

(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const current = () => root.dataset.theme || (system.matches ? "dark" : "light");
  try {
    const stored = localStorage.getItem("theme");
    if (stored === "dark" || stored === "light") root.dataset.theme = stored;
  } catch {
    // A browser that keeps nothing: then it is as the system is on every page.
  }

  const tell = () => {
    const button = document.getElementById("theme");
    if (button) button.textContent = current() === "dark" ? "Light" : "Dark";
    dispatchEvent(new CustomEvent("themechange"));
  };
  system.addEventListener("change", tell);
  document.addEventListener("DOMContentLoaded", () => {
    document.getElementById("theme").addEventListener("click", () => {
      root.dataset.theme = current() === "dark" ? "light" : "dark";
      tell();
      localStorage.setItem("theme", root.dataset.theme);
    });
    tell();
  });
})();
