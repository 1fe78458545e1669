// "Keep this story": asks the service worker (sw.js) to keep a page, and says what is kept.
// Every word it shows stands in the page. Where it cannot work, nobody sees a button.
"use strict";
(() => {
  const workers = navigator.serviceWorker; // only on a secure address: https, or this computer
  if (!workers || !self.caches) return;
  const root = document.documentElement;
  const LIST = "/kept";
  const STEPS = [["day", 86400], ["hour", 3600], ["minute", 60]]; // seconds

  async function ask(act, path) {
    await workers.register("/sw.js", { updateViaCache: "all" });
    const { active } = await workers.ready;
    return new Promise((done) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => done(data);
      active.postMessage({ act, path, language: root.lang }, [port2]);
    });
  }
  const done = (act, path) => ask(act, path).catch(() => false);

  function aged(text, since) {
    const seconds = (Date.now() - Date.parse(since)) / 1000;
    const [unit, length] = STEPS.find((step) => seconds >= step[1]) ?? STEPS[2];
    const words = new Intl.RelativeTimeFormat(root.lang, { numeric: "auto" });
    return text.replace("{age}", words.format(-Math.floor(seconds / length), unit));
  }
  const since = (copy) => copy.headers.get("X-Kept");

  async function button(box) {
    const { keep: path, ...words } = box.dataset;
    const [press, told] = [box.querySelector("button"), box.querySelector("[role=status]")];
    const label = press.textContent;
    let copy;
    async function show(text) {
      copy = await caches.match(path);
      press.textContent = copy ? words.remove : label;
      box.querySelector("a").hidden = !copy;
      told.textContent = text ?? (copy ? aged(words.age, since(copy)) : "");
    }
    press.addEventListener("click", async () => {
      const act = copy ? "drop" : "keep";
      told.textContent = copy ? "" : words.busy;
      if (!copy) navigator.storage?.persist?.();
      if (await done(act, path)) await show(copy && words.removed);
      else told.textContent = words.failed;
    });
    await show();
    box.hidden = false;
    if (root.dataset.kept) note(aged(words.note, root.dataset.kept));
  }

  // Above a kept copy: a live region first, its words after it.
  function note(text) {
    const region = document.createElement("p");
    region.className = "kept-note";
    region.role = "status";
    document.querySelector("main").prepend(region);
    setTimeout(() => (region.textContent = text), 100);
  }

  async function list(section) {
    const [rows, told] = [section.querySelector("ul"), section.querySelector("[role=status]")];
    async function fill(text) {
      const name = (await caches.keys()).find((one) => one.startsWith("kept-pages-"));
      const pages = name && (await caches.open(name));
      const kept = ((await pages?.keys()) ?? []).filter(({ url }) => new URL(url).pathname !== LIST);
      kept.sort((a, b) => (a.url < b.url ? -1 : 1));
      rows.replaceChildren(...(await Promise.all(kept.map((one) => row(section, one, pages)))));
      section.querySelector("[data-act=drop_all]").hidden = !kept.length;
      told.textContent = kept.length ? text : section.dataset.none;
    }
    section.addEventListener("click", async ({ target }) => {
      const { act, done: text } = target.dataset;
      if (!act) return;
      const place = [...rows.querySelectorAll("button")].indexOf(target);
      told.textContent = section.dataset.busy;
      const path = target.closest("li")?.querySelector("a").href;
      await fill((await done(act, path)) ? text : section.dataset.failed);
      (rows.querySelectorAll("button")[place] ?? document.getElementById("main")).focus();
    });
    await fill("");
    section.hidden = false;
    document.querySelector("[data-keep-cannot]").hidden = true;
    document.querySelector("[data-offline]").hidden = location.pathname === LIST;
  }

  async function row(section, { url }, pages) {
    const copy = await pages.match(url);
    const html = await copy.clone().text();
    const heading = new DOMParser().parseFromString(html, "text/html").querySelector("h1");
    const one = section.querySelector("template").content.cloneNode(true).firstElementChild;
    const [link, time, size] = one.querySelectorAll("a, time, data");
    link.href = url;
    link.lang = heading.closest("[lang]").lang;
    link.textContent = heading.textContent;
    time.textContent = aged(section.dataset.age, (time.dateTime = since(copy)));
    const style = { style: "unit", unit: "kilobyte", maximumFractionDigits: 0 };
    size.textContent = new Intl.NumberFormat(root.lang, style).format(html.length / 1000);
    return one;
  }

  document.querySelectorAll("[data-keep]").forEach(button);
  document.querySelectorAll("[data-kept-list]").forEach(list);
  // Once a day and with a network: what was taken back goes, what changed is kept anew.
  workers.controller?.postMessage({ act: "renew" });
})();
