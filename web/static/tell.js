// A story that is told on a phone: sent again when there is network, numbers pasted into cells,
// photos made small before they cost data. Every form works without this.
"use strict";
(() => {
  const AGAIN_MS = 20_000;
  const SIDE = 1600; // pixels of a photo, as the library keeps it
  const PARTS = ["tell", "sending"]; // what is put anew: a question, and the way to send a story in
  const SMALL = 300_000; // bytes that are sent as they are
  let waiting = null; // the form that could not be sent, and its button

  const note = (form, hidden, words) => {
    const unsent = form.querySelector("[data-unsent]");
    if (!unsent) return;
    unsent.dataset.unsent ||= unsent.textContent;
    unsent.textContent = words || unsent.dataset.unsent;
    unsent.hidden = hidden;
  };

  // What the library objects to, as its page says it.
  function objection(answer) {
    const page = new DOMParser().parseFromString(answer, "text/html");
    const said = page.querySelectorAll("[role=alert] p:not(:has(a))");
    return [...said].map((one) => one.textContent.trim()).join(" ");
  }

  function again() {
    if (!waiting?.form.isConnected) waiting = null;
    if (!waiting || !navigator.onLine) return;
    // A click, not requestSubmit(button): htmx sends what a button says only when it was clicked.
    if (waiting.button) waiting.button.click();
    else waiting.form.requestSubmit();
  }

  document.addEventListener("submit", ({ target, submitter }) => (target.lastButton = submitter), true);
  document.addEventListener("htmx:sendError", ({ detail }) => {
    const form = detail.elt;
    if (!form.matches("form")) return; // a chart that was not drawn anew
    waiting = { form, button: form.lastButton?.isConnected ? form.lastButton : undefined };
    note(form, false);
  });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    // What is no screen of a story, such as a page that asks to sign in, takes none away.
    if (!PARTS.includes(detail.target.id) || detail.serverResponse.includes(`id="${detail.target.id}"`)) return;
    detail.shouldSwap = false;
    if (detail.xhr.status < 400) location.assign(detail.xhr.responseURL);
    else if (detail.xhr.status === 401) location.assign(`/sign-in?kept=true&to=${encodeURIComponent(location.pathname)}`);
    else if (detail.xhr.status === 403) location.reload();
    else note(detail.elt, false, objection(detail.serverResponse));
  });
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (!PARTS.includes(detail.target.id)) return;
    waiting = null;
    const head = document.querySelector("#tell h1, #sending h1");
    head?.focus({ preventScroll: true });
    scrollTo(0, 0);
    if (head) document.title = head.textContent.trim();
  });
  addEventListener("online", again);
  setInterval(again, AGAIN_MS);

  // Cells of a spreadsheet, pasted into a cell of ours: read like those pasted below.
  document.addEventListener("paste", (event) => {
    const cells = document.getElementById("cells");
    const text = event.clipboardData?.getData("text") ?? "";
    if (!cells || !event.target.closest(".cells") || !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    cells.value = text;
    cells.form.querySelector("[value=paste]").click();
  });

  // Another empty row as soon as the last one is begun.
  document.addEventListener("input", ({ target }) => {
    const row = target.closest?.("[data-rows] tr:last-child");
    if (!row || !target.value) return;
    const more = row.cloneNode(true);
    for (const input of more.querySelectorAll("input")) {
      input.name = input.name.replace(/\d+$/, (n) => Number(n) + 1);
      input.value = input.defaultValue = "";
    }
    row.after(more);
  });

  document.addEventListener("change", async ({ target }) => {
    const [file] = target.matches("[data-shrink]") ? target.files : [];
    if (!file || file.size <= SMALL) return;
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      const small = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.82));
      if (!small || small.size >= file.size) return;
      const chosen = new DataTransfer();
      chosen.items.add(new File([small], "photo.jpg", { type: "image/jpeg" }));
      target.files = chosen.files;
    } catch {} // it is sent as it is
  });

  // On the list of stories: what was typed here and has not arrived.
  const list = document.querySelector("[data-unsent-list]");
  if (list) {
    try {
      const kept = Object.keys(localStorage)
        .map((key) => key.match(/^draft:tell-(\d+)-([\w.]+)$/))
        .filter(Boolean);
      for (const [, story, screen] of kept) {
        const link = document.createElement("a");
        link.href = `/tell/${story}/${screen}`;
        link.textContent = document.querySelector(`.stories a[href^="/tell/${story}/"]`)?.textContent ?? `${story}/${screen}`;
        list.append(kept.length > 1 ? " · " : " ", link);
      }
      if (kept.length) {
        list.prepend(list.dataset.unsentList);
        list.hidden = false;
      }
    } catch {} // this browser keeps nothing
  }
})();
