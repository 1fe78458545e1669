// On every page of a copy: how old it is, and in which language one was reading. Scripts beside it
// hand their values over to `copyOf`: a page on a stick may run scripts, but open no files.
"use strict";
const copyOf = (() => {
  const DAY_MS = 24 * 3600 * 1000;
  const OLD_DAYS = 180;
  const root = document.documentElement;
  const top = root.dataset.top ?? "";
  const got = { shelves: [] };

  function tellAge({ made, says }) {
    const [told, old] = says[root.lang] ?? Object.values(says)[0];
    const at = new Date(`${made}T00:00:00Z`);
    const days = Math.max(0, Math.floor((Date.now() - at) / DAY_MS));
    const age = new Intl.RelativeTimeFormat(root.lang, { numeric: "auto" }).format(-days, "day");
    const day = new Intl.DateTimeFormat(root.lang, { dateStyle: "long", timeZone: "UTC" }).format(at);
    for (const note of document.querySelectorAll("[data-copy-age]")) {
      note.textContent = told.replace("{day}", day).replace("{age}", age);
      if (days > OLD_DAYS) note.append(" ", old);
      note.classList.toggle("copy-old", days > OLD_DAYS);
    }
  }

  // The headings of a long story stand in it; the list of them is made here.
  function list() {
    for (const nav of document.querySelectorAll("nav.contents[hidden]")) {
      for (const heading of document.querySelectorAll(".prose > section[id] > h2")) {
        const link = Object.assign(document.createElement("a"), { href: `#${heading.parentElement.id}` });
        for (const name of ["lang", "dir"]) if (heading.hasAttribute(name)) link.setAttribute(name, heading[name]);
        link.textContent = heading.textContent;
        nav.querySelector("ul").append(document.createElement("li"));
        nav.querySelector("li:last-child").append(link);
      }
      nav.hidden = false;
    }
  }

  // A story is there in one language; the pages around it in the one that was read before.
  function goOnIn(languages) {
    const alone = "alone" in root.dataset;
    let tongue = root.lang;
    try {
      if (!alone) localStorage.setItem("copy-language", tongue);
      tongue = localStorage.getItem("copy-language") ?? tongue;
    } catch {} // this browser keeps nothing
    if (!alone || tongue === root.lang || !languages.includes(tongue)) return;
    const home = new URL(top || ".", location.href).href;
    for (const link of document.querySelectorAll("a[href]")) {
      if (!link.href.startsWith(home) || !link.matches(".top a, .crumbs a, .foot a, .kv a")) continue;
      const [first, ...rest] = link.href.slice(home.length).split("/");
      const file = languages.includes(first) ? rest.join("/") : [first, ...rest].join("/");
      if (file.startsWith("records/")) continue;
      link.href = home + (tongue === languages[0] ? "" : `${tongue}/`) + file;
    }
  }

  return {
    top,
    got,
    made(value) {
      got.made = value;
      tellAge(value);
      list();
      goOnIn(value.languages);
    },
    rules: (value) => (got.rules = value),
    tongue: (value) => (got.tongue = value),
    shelf: (value) => got.shelves.push(value),
  };
})();
