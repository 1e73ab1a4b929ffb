// Keeps the parts of a page that are marked data-live as the server has them. Without it the page is what it was when it
// was loaded.
"use strict";
(() => {
  const PAUSE_MS = 2000; // between two refreshes
  const line = document.getElementById("live");
  const parts = () => [...document.querySelectorAll("[data-live]")];
  if (!line || !window.EventSource || parts().length === 0) return;

  let busy = false;
  let again = false;

  const tell = (text) => {
    if (line.textContent !== text) line.textContent = text;
  };

  // Whether somebody is writing in it.
  const isEdited = (part) =>
    [...part.querySelectorAll("input:not([type=hidden]), textarea, select")].some(
      (field) => field === document.activeElement || (field.defaultValue ?? field.value) !== field.value,
    );

  function replace(fresh) {
    let held = false;
    for (const old of parts()) {
      const now = fresh.getElementById(old.id);
      if (!now || now.isEqualNode(old)) continue;
      if (isEdited(old)) {
        held = true;
        continue;
      }
      const active = old.contains(document.activeElement) ? document.activeElement : null;
      const place = active && (active.id ? `#${CSS.escape(active.id)}` : `a[href="${CSS.escape(active.getAttribute("href") ?? "")}"]`);
      const open = [...old.querySelectorAll("details[open][id]")].map((it) => it.id);
      const next = document.importNode(now, true);
      for (const details of next.querySelectorAll("details[id]")) details.open = open.includes(details.id);
      old.replaceWith(next);
      if (place) next.querySelector(place)?.focus();
    }
    const news = document.querySelector("[data-announce]")?.textContent.trim();
    tell(held ? line.dataset.held : [line.dataset.on, news].filter(Boolean).join(" – "));
  }

  async function refresh() {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" }, redirect: "manual" });
      if (answer.status === 401 || answer.type === "opaqueredirect") return location.reload();
      if (answer.ok) replace(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      tell(line.dataset.off);
    }
    setTimeout(() => {
      busy = false;
      if (again) {
        again = false;
        refresh();
      }
    }, PAUSE_MS);
  }

  const events = new EventSource("/board/events");
  events.addEventListener("changed", refresh);
  events.addEventListener("error", () => tell(line.dataset.off));
})();
