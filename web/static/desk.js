// Keys of the desk: each presses a button or follows a link that stands on the page with
// aria-keyshortcuts. Every one of them works without this script, by hand.
"use strict";
(() => {
  const STORE = "desk-keys";
  const TYPED_IN = "input:not([type=checkbox]), textarea, select, [contenteditable]";
  const on = () => localStorage.getItem(STORE) !== "off";
  const ones = () => [...document.querySelectorAll("[data-one]")];
  const shown = (element) => element.getClientRects().length > 0;

  // The tag, finding or row that keys are about: where the focus is, else the first one.
  const current = () => document.activeElement.closest("[data-one]") ?? ones()[0] ?? null;

  function show() {
    for (const one of ones()) one.classList.toggle("current", one === current());
  }

  function goTo(one) {
    const target = one.matches("[tabindex]") ? one : one.querySelector("a, button");
    target.focus();
    show();
  }

  function step(by) {
    const all = ones();
    const at = all.indexOf(document.activeElement.closest("[data-one]"));
    const next = at < 0 ? all[by > 0 ? 0 : all.length - 1] : all[at + by];
    if (next) goTo(next);
    return Boolean(next);
  }

  function press(key) {
    const fits = (element) =>
      element.getAttribute("aria-keyshortcuts").split(" ").includes(key) && shown(element);
    const find = (within) => [...within.querySelectorAll("[aria-keyshortcuts]")].find(fits);
    const here = current();
    const found = (here && find(here)) ?? (here ? null : find(document)) ?? find(document.querySelector(".judge") ?? document.createElement("p"));
    if (found) found.click();
    return Boolean(found);
  }

  document.addEventListener("keydown", (event) => {
    if (!on() || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (event.target.closest(TYPED_IN)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const moved = { n: 1, j: 1, b: -1 }[key];
    if (press(key) || (moved && step(moved))) event.preventDefault();
  });

  document.addEventListener("focusin", show);

  // A part was exchanged: say what is left, and put the focus where the work goes on.
  document.addEventListener("htmx:afterSwap", () => {
    arrive();
    const part = document.querySelector("[data-told]");
    if (part) document.getElementById("told").textContent = part.dataset.told;
    const one = ones()[0];
    if (one && one.matches("[tabindex]")) goTo(one);
    else part?.querySelector("a, button")?.focus();
  });

  function arrive() {
    const panel = document.querySelector(".decide-one");
    const beside = panel && getComputedStyle(panel).position === "sticky";
    if (beside) document.querySelector(".found.in-focus")?.scrollIntoView({ block: "center", behavior: "instant" });
    show();
  }

  const toggle = document.querySelector("[data-keys]");
  if (toggle) {
    const label = () => { toggle.textContent = on() ? toggle.dataset.off : toggle.dataset.on; };
    toggle.hidden = false;
    toggle.addEventListener("click", () => {
      localStorage.setItem(STORE, on() ? "off" : "on");
      label();
    });
    label();
  }
  arrive();
})();
