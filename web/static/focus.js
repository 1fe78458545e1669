// After a part of the page was exchanged: the focus goes to the same link again, or, where that is
// gone or leads through pages, to the count of what was found. Without this it would be lost.
"use strict";
(() => {
  let left = null;

  const landmark = (link) => link.closest("[aria-label]")?.getAttribute("aria-label");
  const label = (link) => (link.querySelector("span:not(.hidden)") ?? link).textContent;

  document.addEventListener("htmx:beforeSwap", () => {
    const link = document.activeElement?.closest("a");
    left = link && { within: landmark(link), label: label(link), through: Boolean(link.rel) };
  });

  document.addEventListener("htmx:afterSwap", () => {
    if (!left || document.activeElement !== document.body) return;
    const same = (link) =>
      landmark(link) === left.within && label(link) === left.label && link.getClientRects().length;
    const again = left.through ? null : [...document.querySelectorAll("main a")].find(same);
    const count = document.getElementById("count");
    if (again) again.focus({ preventScroll: true });
    else if (count) {
      count.tabIndex = -1;
      count.focus();
    }
  });
})();
