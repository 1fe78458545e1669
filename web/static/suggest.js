// The suggestions below a search field: arrow keys walk them, Escape closes them, and so does
// asking. Without this script they are links like others, reached with Tab.
"use strict";
(() => {
  let asked = null; // the question that was sent: late suggestions for it are not shown

  const partsOf = (element) => {
    const form = element.closest?.("form.find");
    const list = form?.querySelector(".suggestions");
    return list ? { field: form.querySelector("[type=search]"), list } : null;
  };

  document.addEventListener("submit", (event) => {
    const parts = partsOf(event.target);
    if (!parts) return;
    asked = parts.field.value;
    parts.list.replaceChildren();
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    const parts = partsOf(event.detail.target);
    if (parts?.list !== event.detail.target) return;
    const walked = parts.list.contains(document.activeElement); // do not take it from under the keys
    if (walked || parts.field.value === asked) event.detail.shouldSwap = false;
  });

  document.addEventListener("keydown", (event) => {
    const parts = partsOf(event.target);
    if (!parts?.list.children.length) return;
    const stops = [parts.field, ...parts.list.querySelectorAll("a")];
    const next = stops[stops.indexOf(event.target) + { ArrowDown: 1, ArrowUp: -1 }[event.key]];
    if (event.key === "Escape") {
      parts.list.replaceChildren();
      parts.field.focus();
    } else if (next) next.focus();
    else return;
    event.preventDefault();
  });
})();
