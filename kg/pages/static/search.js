// Completes names while they are typed: the combobox of https://www.w3.org/WAI/ARIA/apg/patterns/combobox/, list only.
// A box that says what it is of (data-complete) is filled with the chosen name; the search box leads to its page.
"use strict";

const HEADINGS = {
  condition: "Conditions",
  drug: "Drugs",
  class: "Drug classes",
  sponsor: "Sponsors",
  country: "Countries",
  trial: "Trials",
};
const PAUSE_MS = 90;

class Completion {
  constructor(box, number) {
    this.box = box;
    this.kind = box.dataset.complete || "";
    this.leads = box.closest("form.find") !== null;
    this.id = `complete-${number}`;
    this.found = [];
    this.active = -1;
    this.asking = null;
    this.make();
    box.addEventListener("input", () => this.wait());
    box.addEventListener("keydown", (event) => this.key(event));
    box.addEventListener("blur", () => this.close());
    box.addEventListener("focus", () => this.isOfText() && this.found.length && this.open());
  }

  make() {
    this.list = document.createElement("ul");
    this.list.id = this.id;
    this.list.className = "suggestions";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "Suggestions");
    this.list.hidden = true;
    this.said = document.createElement("span");
    this.said.className = "unseen";
    this.said.setAttribute("role", "status");
    const around = document.createElement("span");
    around.className = "completed";
    this.box.replaceWith(around);
    around.append(this.box, this.list, this.said);
    for (const [name, value] of Object.entries({
      role: "combobox",
      autocomplete: "off",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.id,
    })) {
      this.box.setAttribute(name, value);
    }
  }

  // The list may be of a text that was typed before: nothing of it is chosen by key then.
  isOfText() {
    return this.box.value === this.shown;
  }

  wait() {
    this.mark(-1);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE_MS);
  }

  async ask() {
    const text = this.box.value;
    clearTimeout(this.timer);
    if (this.asking) this.asking.abort();
    if (text.trim().length < 2) {
      this.found = [];
      this.shown = text;
      this.close();
      return;
    }
    this.asking = new AbortController();
    const address = new URL(document.body.dataset.complete, document.baseURI);
    address.search = new URLSearchParams({ q: text, kind: this.kind });
    try {
      const answer = await fetch(address, { signal: this.asking.signal, headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.statusText);
      this.found = (await answer.json()).suggestions;
    } catch (error) {
      if (error.name === "AbortError") return;
      this.found = [];
    }
    this.shown = text;
    this.show();
  }

  show() {
    this.mark(-1);
    const rows = [];
    let kind = this.kind;
    this.found.forEach((each, place) => {
      if (each.kind !== kind) {
        kind = each.kind;
        const heading = document.createElement("li");
        heading.className = "suggestions-heading";
        heading.setAttribute("role", "presentation");
        heading.textContent = HEADINGS[kind];
        rows.push(heading);
      }
      rows.push(this.row(each, place));
    });
    this.list.replaceChildren(...rows);
    const count = this.found.length;
    this.said.textContent = count === 1 ? "1 suggestion" : `${count || "No"} suggestions`;
    if (count && document.activeElement === this.box) this.open();
    else this.close();
  }

  row(each, place) {
    const row = document.createElement("li");
    row.id = `${this.id}-${place}`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", "false");
    const name = document.createElement("span");
    name.className = "suggestion-name";
    name.append(...marked(each.label || each.matched, this.shown));
    row.append(name);
    if (each.matched && each.label) row.append(small(each.matched));
    if (each.trials) row.append(small(`${each.trials.toLocaleString("en")} ${each.trials === 1 ? "trial" : "trials"}`, "count"));
    // Before the box loses the focus.
    row.addEventListener("mousedown", (event) => {
      event.preventDefault();
      if (event.button === 0) this.choose(place);
    });
    return row;
  }

  key(event) {
    if (event.isComposing) return;
    const isOpen = !this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      this.move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && isOpen && this.active >= 0) {
      event.preventDefault();
      this.choose(this.active);
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      this.close();
    }
  }

  // One place more than there are suggestions: the text as it was typed.
  async move(step) {
    if (!this.isOfText()) await this.ask();
    if (!this.isOfText() || !this.found.length || document.activeElement !== this.box) return;
    this.open();
    const places = this.found.length + 1;
    this.mark(((this.active + 1 + step + places) % places) - 1);
  }

  mark(active) {
    this.active = active;
    this.list.querySelectorAll("[role=option]").forEach((row, place) => {
      row.setAttribute("aria-selected", String(place === this.active));
      if (place === this.active) row.scrollIntoView({ block: "nearest" });
    });
    if (this.active < 0) this.box.removeAttribute("aria-activedescendant");
    else this.box.setAttribute("aria-activedescendant", `${this.id}-${this.active}`);
  }

  choose(place) {
    const chosen = this.found[place];
    if (this.leads) {
      window.location.assign(chosen.href);
      return;
    }
    this.box.value = this.shown = chosen.value;
    this.found = [];
    this.close();
    this.box.dispatchEvent(new Event("change", { bubbles: true }));
  }

  open() {
    this.list.hidden = false;
    this.box.setAttribute("aria-expanded", "true");
  }

  close() {
    this.list.hidden = true;
    this.mark(-1);
    this.box.setAttribute("aria-expanded", "false");
  }
}

function small(text, name = "also") {
  const span = document.createElement("span");
  span.className = name;
  span.textContent = text;
  return span;
}

// The label in pieces, what was typed in <mark>.
function marked(label, typed) {
  const words = typed.trim().split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  if (!words.length) return [label];
  const begun = new RegExp(`(?<![\\p{L}\\p{N}])(${words.join("|")})`, "giu");
  return label.split(begun).map((piece, n) => {
    if (n % 2 === 0) return piece;
    const mark = document.createElement("mark");
    mark.textContent = piece;
    return mark;
  });
}

document.querySelectorAll("form.find input[type=search], input[data-complete]").forEach((box, number) => {
  new Completion(box, number);
});
