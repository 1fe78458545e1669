// What a reader chose to keep opens without a network; nothing is kept that nobody asked for.
// Pages are asked for without cookies: what is kept is what every reader may see. A part that htmx
// asks for is no navigation, so it never gets a kept page, and no part is ever kept as one.
"use strict";
const VERSION = 1; // of the way things are kept; what an older one kept is kept anew
const PAGES = `kept-pages-${VERSION}`;
const FILES = `kept-files-${VERSION}`; // stylesheet, scripts and pictures of those pages
const LIST = "/kept"; // kept beside the first page, and shown for a page that is not kept
const PATIENCE_MS = 6000; // of waiting for the network where there is a kept page
const DAY_MS = 24 * 3600 * 1000;
const FILE = /<(?:script|img|link rel="(?:stylesheet|icon)")\s[^>]*?(?:src|href)="(\/[^"]+)"/g;
const TOGETHER = /data-keep-with="([^"]*)"/; // the stories of a collection
const HEADERS = ["Content-Type", "Content-Language", "Content-Security-Policy"];

const isGone = (answer) => answer.status === 404 || answer.status === 410;
const filesOf = (html) => [...html.matchAll(FILE)].map((found) => found[1].replaceAll("&amp;", "&"));
const together = (html) => html.match(TOGETHER)?.[1].split(" ").filter(Boolean) ?? [];
const later = (ms) => new Promise((done) => setTimeout(done, ms));

// The language is no part of it: the copy there is, is better than none.
function pathOf(address) {
  const url = new URL(address);
  url.searchParams.delete("lang");
  return url.pathname + url.search;
}

// A renewal asks before it writes whether the page is still wanted: it may be removed meanwhile.
async function keep(path, language, wanted = () => true) {
  const asked = { headers: { "Accept-Language": language }, credentials: "omit", cache: "no-cache" };
  const answer = await fetch(path, asked);
  if (isGone(answer)) return drop(path);
  if (!answer.ok) throw new Error(answer.status);
  const html = await answer.text();
  if (!(await wanted())) return;
  const files = await caches.open(FILES);
  for (const file of filesOf(html)) {
    if (file.includes("?v=") && (await files.match(file))) continue;
    const picture = await fetch(file);
    if (picture.ok) await files.put(file, picture);
  }
  const headers = { "X-Kept": new Date().toISOString() };
  for (const name of HEADERS) if (answer.headers.has(name)) headers[name] = answer.headers.get(name);
  if (!(await wanted())) return;
  await (await caches.open(PAGES)).put(path, new Response(html, { headers }));
  for (const story of together(html)) await keep(story, language, wanted);
}

async function drop(path) {
  const pages = await caches.open(PAGES);
  const copy = await pages.match(path);
  await pages.delete(path);
  for (const story of copy ? together(await copy.text()) : []) await pages.delete(story);
}

// Files that no kept page names any more go; with the last page, everything does.
async function sweep() {
  const pages = await caches.open(PAGES);
  if (!(await pages.keys()).some((kept) => pathOf(kept.url) !== LIST)) {
    await Promise.all([PAGES, FILES].map((name) => caches.delete(name)));
    return registration.unregister();
  }
  const named = new Set();
  for (const copy of await pages.matchAll()) filesOf(await copy.text()).forEach((file) => named.add(file));
  const files = await caches.open(FILES);
  for (const { url } of await files.keys())
    if (!named.has(url.slice(location.origin.length))) await files.delete(url);
}

// Tells whether all of it could be asked about: one page that fails holds up no other.
async function renew(older = DAY_MS, name = PAGES) {
  let all = true;
  const pages = await caches.open(name);
  for (const kept of await pages.keys()) {
    const wanted = () => caches.match(kept, { cacheName: name });
    const headers = (await wanted())?.headers;
    if (headers && Date.now() - Date.parse(headers.get("X-Kept")) >= older)
      await keep(pathOf(kept.url), headers.get("Content-Language") ?? "", wanted).catch(() => (all = false));
  }
  return all;
}

// What the library took back goes at once, in every language and shape; offline, with the next renewal.
async function purge() {
  const answer = await fetch("/purge.json", { credentials: "omit", cache: "no-cache" });
  if (!answer.ok) return;
  const gone = new Set((await answer.json()).removed.map(({ id }) => `/records/${id}`));
  const pages = await caches.open(PAGES);
  for (const { url } of await pages.keys())
    if (gone.has(new URL(url).pathname.replace(/\/(print|poster)$/, ""))) await pages.delete(url);
}

const ACTS = {
  keep: (path, language) => keep(path, language).then(() => keep(LIST, language)),
  drop,
  drop_all: () => caches.delete(PAGES),
  renew: () => moved().then(purge).then(() => renew()),
};

async function act({ data, ports }) {
  const done = await ACTS[data.act](data.path, data.language).then(sweep).then(() => true, () => false);
  ports[0]?.postMessage(done);
}

async function forget(path) {
  await drop(path);
  await renew(0); // a collection may show it too
  await sweep();
}

async function shown(copy, status) {
  const html = (await copy.text()).replace("<html", `<html data-kept="${copy.headers.get("X-Kept")}"`);
  return new Response(html, { status, headers: copy.headers });
}

async function opened(request, asked) {
  const pages = await caches.open(PAGES);
  const copy = await pages.match(pathOf(request.url));
  const answer = await Promise.race(copy ? [asked, later(PATIENCE_MS)] : [asked]).catch(() => null);
  if (answer && !(copy && answer.status >= 500)) return answer;
  if (copy) return shown(copy, 200);
  const list = await pages.match(LIST);
  return list ? shown(list, 503) : Response.error();
}

async function noticed(request, asked) {
  const path = pathOf(request.url);
  if (isGone(await asked) && (await (await caches.open(PAGES)).match(path))) await forget(path);
}

async function file(request) {
  const kept = () => caches.match(request, { cacheName: FILES, ignoreVary: true });
  if (request.url.includes("?v=")) return (await kept()) ?? fetch(request);
  return fetch(request).catch(async () => (await kept()) ?? Response.error());
}

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(`${location.origin}/`)) return;
  if (request.mode === "navigate") {
    const asked = fetch(request);
    event.respondWith(opened(request, asked));
    event.waitUntil(noticed(request, asked).catch(() => {}));
  } else if (["style", "script", "image"].includes(request.destination))
    event.respondWith(file(request));
});

addEventListener("message", (event) => event.waitUntil(act(event)));
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim().then(moved)));

async function moved() {
  for (const name of await caches.keys()) {
    if (!name.startsWith("kept-") || name === PAGES || name === FILES) continue;
    if (!name.startsWith("kept-pages-") || (await renew(0, name))) await caches.delete(name);
  }
}
