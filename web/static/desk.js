// Keys of the desk: each presses a button or follows a link that stands on the page with
// aria-keyshortcuts. Every one of them works without this script, by hand.
"use strict";
(() => {
  const STORE = "desk-keys";
  const TYPED_IN = "input:not([type=checkbox]), textarea, select, [contenteditable]";
  const STEPS = { n: 1, j: 1, ArrowDown: 1, b: -1, k: -1, ArrowUp: -1 };
  const on = () => localStorage.getItem(STORE) !== "off";
  const ones = () => [...document.querySelectorAll("[data-one]")];
  const shown = (element) => element.getClientRects().length > 0;
  let acting = null; // id of the field that was last acted on, while its part is drawn anew
  let undoing = false;

  // The field, tag, finding or row that keys are about: where the focus is, else the first one.
  const focused = () => document.activeElement.closest("[data-one]");
  const current = () => focused() ?? waiting()[0] ?? ones()[0] ?? null;
  const waiting = () => ones().filter((one) => one.matches("[data-waits]"));

  function show() {
    const now = current();
    for (const one of ones()) one.classList.toggle("current", one === now);
    if (focused()) light(now);
  }

  // What the field was read from is marked in the text beside it, and scrolled to.
  function light(one) {
    for (const mark of document.querySelectorAll("mark.lit")) mark.classList.remove("lit");
    const mark = one.dataset.mark && document.getElementById(one.dataset.mark);
    if (!mark) return;
    mark.classList.add("lit");
    const pane = mark.closest(".beside");
    if (!pane || getComputedStyle(pane).position !== "sticky") return;
    const away = mark.getBoundingClientRect().top - pane.getBoundingClientRect().top;
    pane.scrollTo({ top: pane.scrollTop + away - pane.clientHeight / 3, behavior: "instant" });
  }

  function goTo(one) {
    const target = one.matches("[tabindex]") ? one : one.querySelector("a, button");
    target.focus();
    one.scrollIntoView({ block: "nearest", behavior: "instant" });
    show();
  }

  function step(by, key) {
    if (key.startsWith("Arrow") && !document.querySelector(".ones, .queue")) return false;
    const all = ones();
    const at = all.indexOf(focused());
    const next = at < 0 ? all[by > 0 ? 0 : all.length - 1] : all[at + by];
    if (next) goTo(next);
    return Boolean(next);
  }

  function press(key) {
    const fits = (element) =>
      element.getAttribute("aria-keyshortcuts").split(" ").includes(key) && shown(element);
    const among = (within) => [...within.querySelectorAll("[aria-keyshortcuts]")].filter(fits);
    const here = current();
    const found =
      (here && among(here)[0]) ?? among(document).find((one) => !one.closest("[data-one]"));
    if (!found) return false;
    if (found.matches(TYPED_IN)) found.focus();
    else found.click();
    if (found.matches("summary") && found.parentElement.open) begin(found.parentElement);
    return true;
  }

  function begin(details) {
    const field = details.querySelector("select, textarea, input:not([type=hidden])");
    if (!field) return;
    field.focus();
    if (field.select) field.select();
  }

  function leave(event) {
    const details = event.target.closest("details[open]");
    if (details) details.open = false;
    const one = event.target.closest("[data-one]");
    if (one) goTo(one);
    else event.target.blur();
  }

  // In a field, Enter keeps it and Esc leaves it as it was.
  function typed(event) {
    if (event.key === "Escape") {
      event.target.form?.reset();
      leave(event);
    } else if (event.key === "Enter" && !event.shiftKey && event.target.closest("[data-enter]")) {
      event.target.form.requestSubmit();
    } else if (event.key === "Enter" && event.ctrlKey && event.target.form) {
      event.target.form.requestSubmit();
    } else return;
    event.preventDefault();
  }

  document.addEventListener("keydown", (event) => {
    if (!on() || event.altKey || event.metaKey || event.repeat || event.isComposing) return;
    if (event.target.closest(TYPED_IN)) return typed(event);
    if (event.ctrlKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const keys = document.querySelector(".keys");
    if (key === "Escape") keys?.classList.remove("over");
    if (key === "?") keys?.classList.toggle("over");
    else if (!press(key) && !(STEPS[key] && step(STEPS[key], key))) return;
    event.preventDefault();
  });

  document.addEventListener("focusin", show);

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target.id !== "decide") return;
    acting = event.target.closest("[data-one]")?.id ?? null;
    undoing = event.target.matches(".undo");
    if (undoing) acting = document.getElementById("decide").dataset.last;
  });

  // A part was exchanged: say what is left, and put the focus where the work goes on.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "lock") return;
    arrive();
    const part = document.querySelector("[data-told]");
    if (part) document.getElementById("told").textContent = part.dataset.told;
    const open = document.querySelector("[data-one] details[open]");
    const one = ones()[0];
    if (open) begin(open);
    else if (document.getElementById("decide")) goOn();
    else if (one && one.matches("[tabindex]")) goTo(one);
    else part?.querySelector("a, button")?.focus();
  });

  // htmx gives back what an element of the same id had for a moment: its classes, too.
  document.addEventListener("htmx:afterSettle", show);

  // To the next field that waits; round the end to those that were passed over, then to the button.
  function goOn() {
    const all = ones();
    const at = all.findIndex((one) => one.id === acting);
    const behind = [...all.slice(at + 1), ...all.slice(0, at + 1)];
    const next = undoing ? all[at] : behind.find((one) => one.matches("[data-waits]"));
    const main = document.querySelector("[data-main]") ?? document.querySelector("#decide a");
    if (next) goTo(next);
    else main?.focus();
  }

  function arrive() {
    const panel = document.querySelector(".decide-one");
    const beside = panel && getComputedStyle(panel).position === "sticky";
    if (beside) document.querySelector(".found.in-focus")?.scrollIntoView({ block: "center", behavior: "instant" });
    show();
  }

  // Whoever leaves words that were not kept is asked first: the desk keeps none on the device.
  const WORDS = "textarea, input:is([type=text], [type=email], :not([type]))";
  let sending = null;
  const written = (form) =>
    [...form.elements].some((field) => field.matches(WORDS) && field.value !== field.defaultValue);

  document.addEventListener("submit", (event) => { sending = event.target; }, true);
  document.addEventListener("htmx:beforeRequest", () => { sending = null; });
  addEventListener("beforeunload", (event) => {
    const left = [...document.forms].filter((form) => form !== sending && form.method === "post");
    if (left.some(written)) event.preventDefault();
  });

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
