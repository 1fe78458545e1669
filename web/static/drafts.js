// What is being written is kept on this device while one types, so that a power cut costs nothing.
// For forms and text areas with data-keep-draft="name"; never a password, a file or a hidden field.
// It is gone once it was sent, thrown away, or left for a week. The words stand in _draft.html.
"use strict";
(() => {
  const PAUSE_MS = 400; // after the last letter
  const WEEK_MS = 7 * 24 * 3600 * 1000;
  const SENT = "draft-sent"; // for this tab: what was sent, until an answer shows that it arrived
  const KINDS = "textarea, select, input:is([type=text], [type=search], [type=number], :not([type]))";
  const waiting = new Map(); // areas with something not yet written, and the timers for it
  try {
    localStorage.length;
  } catch {
    return; // this browser keeps nothing
  }

  const nameOf = (area) => `draft:${area.dataset.keepDraft}`;
  const areaOf = (element) => element.closest?.("[data-keep-draft]");
  const fieldsOf = (area) => (area.matches(KINDS) ? [area] : [...area.querySelectorAll(KINDS)]);
  const chosen = ({ options }) => [...options].find((one) => one.defaultSelected) ?? options[0];
  const first = (field) => (field.options ? chosen(field).value : field.defaultValue);
  const changed = (area) => fieldsOf(area).filter((field) => field.name && field.value !== first(field));

  // What the form was opened with: what somebody else saved since is not overwritten unseen.
  const versionOf = (area) => (area.closest("form") ?? area).querySelector?.("input[name=version]");

  function read(area) {
    try {
      const { when, values, version } = JSON.parse(localStorage.getItem(nameOf(area)));
      return Date.now() - when < WEEK_MS ? { values, version } : {};
    } catch {
      return {}; // nothing there, or nothing may be kept
    }
  }

  function write(area) {
    clearTimeout(waiting.get(area));
    waiting.delete(area);
    const values = Object.fromEntries(changed(area).map((field) => [field.name, field.value]));
    const draft = JSON.stringify({ when: Date.now(), values, version: versionOf(area)?.value });
    try {
      if (Object.keys(values).length) localStorage.setItem(nameOf(area), draft);
      else localStorage.removeItem(nameOf(area));
    } catch {} // the device is full or keeps nothing: writing goes on
  }

  function forget(area) {
    clearTimeout(waiting.get(area));
    waiting.delete(area);
    localStorage.removeItem(nameOf(area));
  }

  function restore(area) {
    const { values, version } = read(area);
    if (!values) return forget(area);
    const sent = sessionStorage.getItem(SENT) === nameOf(area);
    sessionStorage.removeItem(SENT);
    // The answer shows what was sent: it arrived. An empty form again: it did not.
    const arrived = (field) => field.name in values && first(field).trim() === values[field.name].trim();
    if (sent && fieldsOf(area).some(arrived)) return forget(area);
    const untouched = fieldsOf(area).filter((field) => field.value === first(field));
    const lost = untouched.filter(({ name, value }) => name in values && value !== values[name]);
    for (const field of lost) field.value = values[field.name];
    if (lost.length && version) versionOf(area).value = version;
    if (lost.length) tell(area, lost);
  }

  function tell(area, fields) {
    const note = (area.closest("form") ?? area.parentElement).querySelector("[data-draft-note] p");
    if (!note) return;
    setTimeout(() => (note.hidden = false), 100); // the live region stood there before its words
    note.querySelector("button").addEventListener("click", () => {
      for (const field of fields) field.value = first(field);
      const version = versionOf(area);
      if (version) version.value = version.defaultValue;
      forget(area);
      note.hidden = true;
      fields[0].focus();
    });
  }

  const within = (part) =>
    [part, ...part.querySelectorAll("[data-keep-draft]")].filter((one) => one.dataset?.keepDraft);
  const writeAll = () => [...waiting.keys()].forEach(write);

  document.addEventListener("input", ({ target }) => {
    const area = areaOf(target);
    if (!area || !target.matches(KINDS)) return;
    clearTimeout(waiting.get(area));
    waiting.set(area, setTimeout(() => write(area), PAUSE_MS));
  });
  addEventListener("pagehide", writeAll);
  document.addEventListener("visibilitychange", writeAll);
  document.addEventListener("submit", ({ target }) => {
    for (const area of [areaOf(target), ...within(target)].filter(Boolean)) {
      write(area);
      sessionStorage.setItem(SENT, nameOf(area));
    }
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.successful && detail.requestConfig.verb === "post") within(detail.requestConfig.elt).forEach(forget);
  });
  document.addEventListener("htmx:load", ({ detail }) => within(detail.elt).forEach(restore));
  const areas = within(document);
  areas.forEach(restore);
  const arrived = sessionStorage.getItem(SENT); // on a page without such a form
  if (arrived && !areas.some((area) => nameOf(area) === arrived)) {
    localStorage.removeItem(arrived);
    sessionStorage.removeItem(SENT);
  }
})();
