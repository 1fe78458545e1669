// Search without a server: words as they are folded everywhere in the library, misspelt ones too,
// and concepts by their labels in every language. The lists are made by web/publish/words.py.
"use strict";
(() => {
  const { rules, tongue, made } = copyOf.got;
  const PLACES = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
  const WEIGHTS = "!#$%&'()*+,./:;<=>?@[]^`{|}~"; // from 2 on
  const [K1, B] = [1.2, 0.75]; // of BM25
  const ABOUT = 1.5; // what a concept of the question is worth, in words as rare as it is
  const IN_OTHER_WORDS = 0.35; // what a word of its labels is worth that was not asked
  const LEAST = 0.1; // of the best score: what has less is shown only for a concept
  const LONGEST_LABEL = 8; // words
  const FEW = 4; // concepts that a lone word of their labels may mean
  const PER_PAGE = 20;
  // The order of a card; groups are filters.
  const GROUPS = {
    topic: 11, intervention: 11, verdict: 7, level: 9, country: 4, facility_type: 5,
    strength: 8, language: 3, record_type: 10, year: 6,
  };
  const [ID, TITLE, SUMMARY, LANGUAGE, COUNTRIES, FACILITIES, YEAR, VERDICT, , , , CONCEPTS, LENGTH] =
    Array(13).keys();
  const asked = new URLSearchParams(location.search);
  const number = new Intl.NumberFormat(document.documentElement.lang);
  const says = tongue.says;
  const { lang } = document.documentElement;
  const stories = made.everyLanguage && lang !== made.languages[0] ? `${lang}/` : "";
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  // Folding, as kb/folding.py does it.
  const compiled = (known) => known.map(([pattern, said]) => [new RegExp(pattern, "u"), said]);
  const everywhere = (known) => known.map(([pattern, said]) => [new RegExp(pattern, "gu"), said]);
  const plurals = compiled(rules.plurals);
  const spellings = everywhere(rules.spellings);
  const endings = compiled(rules.endings);
  const stops = new Set(rules.stops.split(" "));
  const CASES = { ß: "ss", ς: "σ" }; // which toLowerCase leaves, and casefold does not
  const ACCENTS = /[\u0300-\u036f\u064b-\u0652\u00ad\u200c\u200d]/g;
  const TOKEN = /[\p{L}\p{N}][\p{L}\p{N}\p{M}\u00ad\u200c\u200d]*/gu;
  const first = (word, known) => {
    const found = known.find(([pattern]) => pattern.test(word));
    return found ? word.replace(...found) : word;
  };
  const plain = (word) =>
    [...word.toLowerCase().normalize("NFKD").replace(ACCENTS, "")]
      .map((letter) => rules.ligatures[letter] ?? CASES[letter] ?? letter)
      .join("")
      .toLowerCase();
  function fold(word) {
    let form = first(plain(word), plurals);
    if ([...form].length >= rules.spellingFrom)
      for (const [pattern, said] of spellings) form = form.replace(pattern, said);
    for (const [pattern, said] of endings) form = form.replace(pattern, said);
    return form;
  }
  const tokens = (text) => (text.match(TOKEN) ?? []).map((surface) => ({ surface, form: fold(surface) }));

  // One list of all records, and where a word is in it: shelf after shelf, read when asked for.
  let records = [];
  let mean = 1;
  function* places(word) {
    let start = 0;
    for (const shelf of copyOf.got.shelves) {
      const said = shelf.places.get(word) ?? "";
      for (let at = 0; at < said.length; at++) {
        const weighs = WEIGHTS.indexOf(said[at + 1] ?? " ") + 2; // 1 where none is written
        yield [start + PLACES.indexOf(said[at]), weighs];
        if (weighs > 1) at++;
      }
      start += shelf.records.length;
    }
  }
  const isKnown = (word) => copyOf.got.shelves.some((shelf) => shelf.places.has(word));

  // How many letters differ, two that are swapped as one; more than `most` is Infinity.
  function distance(one, other, most) {
    if (Math.abs(one.length - other.length) > most) return Infinity;
    let [before, last] = [[], [...Array(other.length + 1).keys()]];
    for (let i = 1; i <= one.length; i++) {
      const row = [i];
      for (let j = 1; j <= other.length; j++) {
        const same = one[i - 1] === other[j - 1] ? 0 : 1;
        row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + same);
        if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1])
          row[j] = Math.min(row[j], before[j - 2] + 1);
      }
      if (Math.min(...row) > most) return Infinity;
      [before, last] = [last, row];
    }
    return last[other.length] <= most ? last[other.length] : Infinity;
  }
  let vocabulary = null;
  function nearest(word) {
    if (word.length < 4) return [];
    vocabulary ??= [...new Set([...copyOf.got.shelves.flatMap((shelf) => [...shelf.places.keys()]), ...ofLabels.keys()])];
    const most = word.length <= 7 ? 1 : 2;
    const near = vocabulary.map((other) => [distance(word, other, most), other]);
    return near.filter(([away]) => away <= most).sort(([a], [b]) => a - b).slice(0, 3).map(([, other]) => other);
  }

  // Labels, folded, with the concept each means first; and the words that labels are made of.
  const labels = new Map(rules.labels.split("|").map((one) => one.split("=")));
  const ofLabels = new Map();
  for (const [label, concept] of labels)
    for (const word of label.split(" ")) ofLabels.set(word, (ofLabels.get(word) ?? new Set()).add(concept));

  // What a question asks for: its words, what misspelt ones may mean, the concepts it names.
  function understood(text) {
    const spoken = tokens(text);
    const telling = spoken.filter(({ surface }) => !stops.has(plain(surface)));
    const words = new Map((telling.length ? telling : spoken).map(({ form, surface }) => [form, surface]));
    const meant = new Map();
    for (const form of words.keys()) {
      const near = isKnown(form) || ofLabels.has(form) ? [] : nearest(form);
      if (near.length) meant.set(form, near);
    }
    const forms = spoken.map(({ form }) => form);
    const concepts = new Set([...named(forms), ...named(forms.map((form) => meant.get(form)?.[0] ?? form))]);
    // A word that no story has may still be one of the labels, as in a language without stories.
    const few = (word) => !isKnown(word) && (ofLabels.get(word)?.size ?? Infinity) <= FEW;
    if (!concepts.size) for (const word of [...words.keys()].filter(few)) ofLabels.get(word).forEach((one) => concepts.add(one));
    return { words, meant, concepts: [...concepts].map((one) => rules.concepts[one]) };
  }
  function named(forms) {
    const found = [];
    for (let at = 0; at < forms.length; ) {
      let length = Math.min(LONGEST_LABEL, forms.length - at);
      const label = () => forms.slice(at, at + length).join(" ");
      while (length && !labels.has(label())) length--;
      if (length) found.push(labels.get(label()));
      at += length || 1;
    }
    return found;
  }

  // Okapi BM25 over whole records; a concept counts as a word that all records tagged with it have.
  function ranked(question) {
    const scores = new Map();
    const why = new Map();
    const rare = (n) => Math.log(1 + (records.length - n + 0.5) / (n + 0.5));
    function add(at, worth, kind, said) {
      scores.set(at, (scores.get(at) ?? 0) + worth);
      if (!why.has(at)) why.set(at, { words: new Set(), concepts: new Set() });
      if (said) why.get(at)[kind].add(said);
    }
    function look(word, weight, said) {
      const found = [...places(word)];
      for (const [at, often] of found) {
        const long = K1 * (1 - B + (B * records[at][LENGTH]) / mean);
        add(at, (weight * rare(found.length) * often * (K1 + 1)) / (often + long), "words", said);
      }
    }
    for (const [form, surface] of question.words) {
      look(form, 1, surface);
      (question.meant.get(form) ?? []).forEach((other, place) => look(other, 0.9 / (place + 1), other));
    }
    const typed = new Set([...question.words.keys(), ...[...question.meant.values()].flat()]);
    for (const notation of question.concepts) {
      const tagged = [...records.keys()].filter((at) => records[at][CONCEPTS].includes(notation));
      for (const at of tagged) add(at, ABOUT * rare(tagged.length), "concepts", notation);
      for (const word of new Set(rules.names[rules.concepts.indexOf(notation)].split(" ")))
        if (!typed.has(word) && !stops.has(word)) look(word, IN_OTHER_WORDS, "");
    }
    const best = Math.max(0, ...scores.values());
    const found = [...scores].filter(([at, score]) => score >= LEAST * best || why.get(at).concepts.size);
    found.sort(([a, one], [b, other]) => other - one || b - a);
    return { found: found.map(([at]) => at), why };
  }

  const valuesOf = (record, group) => [record[GROUPS[group]]].flat().map(String);
  const chosen = Object.fromEntries(Object.keys(GROUPS).map((group) => [group, asked.getAll(group)]));
  const fails = (record) =>
    Object.keys(GROUPS).filter(
      (group) => chosen[group].length && !valuesOf(record, group).some((value) => chosen[group].includes(value)),
    );
  const label = (group, value) =>
    tongue.labels[group === "intervention" ? "topic" : group]?.[value] ?? value;
  const at = (change) => {
    const params = new URLSearchParams(asked);
    params.delete("page");
    change(params);
    return `?${params}`;
  };
  const toggled = (group, value) =>
    at((params) => (params.has(group, value) ? params.delete(group, value) : params.append(group, value)));
  const make = (tag, text, changes = {}) => Object.assign(document.createElement(tag), { textContent: text }, changes);

  function card(place, why, names) {
    const record = records[place];
    const hit = document.getElementById("copy-hit").content.cloneNode(true);
    const [link, where, summary, badge, reasons] = ["h2 a", ".where", ".says", ".badge", ".why"].map((one) =>
      hit.querySelector(one),
    );
    link.href = `${copyOf.top}${stories}records/${record[ID]}.html`;
    for (const element of [link, summary]) element.lang = record[LANGUAGE];
    link.textContent = record[TITLE];
    summary.textContent = record[SUMMARY];
    const facts = [
      ...record[COUNTRIES].slice(0, 1).map((code) => label("country", code)),
      ...record[FACILITIES].slice(0, 1).map((kind) => label("facility_type", kind)),
      ...(record[YEAR] ? [String(record[YEAR])] : []),
      label("language", record[LANGUAGE]),
    ];
    where.append(...facts.flatMap((text) => [make("span", text), " "]));
    badge.textContent = label("verdict", record[VERDICT]);
    badge.classList.add(record[VERDICT]);
    if (["not-reported", "not-applicable"].includes(record[VERDICT])) badge.parentElement.remove();
    const told = why.get(place);
    if (told?.words.size)
      reasons.append(make("span", fill(says.words, { words: [...told.words].join(says.comma) })), " ");
    if (told?.concepts.size)
      reasons.append(make("span", fill(says.about, { concepts: [...told.concepts].map(names).join(says.comma) })));
    if (!reasons.childNodes.length) reasons.remove();
    return hit;
  }

  function count(matching) {
    const counts = new Map();
    const shown = [];
    for (const place of matching) {
      const failing = fails(records[place]);
      if (!failing.length) shown.push(place);
      for (const group of failing.length ? failing.slice(0, failing.length === 1 ? 1 : 0) : Object.keys(GROUPS))
        for (const value of valuesOf(records[place], group))
          counts.set(`${group} ${value}`, (counts.get(`${group} ${value}`) ?? 0) + 1);
    }
    return { shown, counts };
  }

  // The links beside the hits stand in the page; here they get their numbers, and keep the question.
  function filters(counts) {
    for (const link of document.querySelectorAll("#hits aside a")) {
      const [[group, value] = []] = new URL(link.href).searchParams;
      if (!(group in GROUPS)) continue;
      const n = counts.get(`${group} ${value}`) ?? 0;
      const active = chosen[group].includes(value);
      link.href = toggled(group, value);
      if (active) link.setAttribute("aria-current", "true");
      link.querySelector(".n").textContent = number.format(n);
      link.closest("li").hidden = !n && !active;
    }
  }

  function chips() {
    const list = make("ul", "", { className: "chips" });
    for (const [group, values] of Object.entries(chosen))
      for (const value of values) {
        const link = make("a", `${label(group, value)} `, { className: "chip on", href: toggled(group, value) });
        link.prepend(make("span", `${says.remove} `, { className: "hidden" }));
        link.append(make("span", "✕", { className: "x", ariaHidden: "true" }));
        list.append(make("li", ""));
        list.lastChild.append(link);
      }
    return list.children.length ? [list] : [];
  }

  function paged(page, pages) {
    const nav = make("nav", "", { className: "pages" });
    const to = (n, rel, text) => make("a", text, { rel, href: at((params) => params.set("page", n)) });
    if (page > 1) nav.append(to(page - 1, "prev", says.previous), " ");
    nav.append(make("span", fill(says.pages, { page: number.format(page), pages: number.format(pages) })));
    if (page < pages) nav.append(" ", to(page + 1, "next", says.next));
    return pages > 1 ? [nav] : [];
  }

  function show() {
    for (const shelf of copyOf.got.shelves) {
      const said = shelf.words.split(" ");
      shelf.places = new Map();
      let word = ""; // each is written without the letters it shares with the one before
      for (let i = 0; i < said.length; i += 2) {
        word = word.slice(0, PLACES.indexOf(said[i][0])) + said[i].slice(1);
        shelf.places.set(word, said[i + 1]);
      }
      for (const record of shelf.records) record[CONCEPTS] = record[CONCEPTS].map((one) => rules.concepts[one]);
    }
    records = copyOf.got.shelves.flatMap((shelf) => shelf.records);
    mean = records.reduce((sum, record) => sum + record[LENGTH], 0) / Math.max(1, records.length);
    const q = asked.get("q")?.trim() ?? "";
    const ids = asked.get("ids")?.split(",").map(Number);
    const question = understood(q);
    const everything = records.map((_, place) => place).sort((a, b) => records[b][ID] - records[a][ID]);
    const { found, why } = q ? ranked(question) : { found: everything, why: new Map() };
    const { shown, counts } = count(ids ? found.filter((place) => ids.includes(records[place][ID])) : found);
    const page = Math.max(1, Number(asked.get("page")) || 1);
    const rule = new Intl.PluralRules(document.documentElement.lang).select(shown.length);
    document.getElementById("q").value = q;
    document.getElementById("count").textContent = fill(says.found[rule], { n: number.format(shown.length) });
    const hits = make("ol", "", { className: "hits" });
    const names = (notation) => label("topic", notation);
    hits.append(...shown.slice((page - 1) * PER_PAGE, page * PER_PAGE).map((place) => card(place, why, names)));
    const meant = [...question.meant.values()].map(([nearestOne]) => nearestOne);
    const parts = [
      ...(meant.length ? [make("p", fill(says.also, { words: meant.join(says.comma) }), { className: "meant soft" })] : []),
      ...chips(),
      ...(shown.length ? [hits] : [make("p", says.nothing, { className: "lead" }), make("p", says.other)]),
      ...paged(page, Math.ceil(shown.length / PER_PAGE)),
    ];
    document.querySelector("#hits > section").replaceChildren(...parts);
    filters(counts);
    document.documentElement.dataset.searched = String(shown.length);
  }

  // For tests and for whoever measures it: the numbers of the records that answer, best first.
  copyOf.fold = fold;
  copyOf.search = (text) => ranked(understood(text)).found.map((place) => records[place][ID]);

  const load = (name) =>
    new Promise((done, failed) => {
      document.head.append(make("script", "", { src: `${copyOf.top}search/${name}.js`, onload: done, onerror: failed, async: false }));
    });
  Promise.all(made.shelves.map((shelf) => load(shelf))).then(show);
})();
