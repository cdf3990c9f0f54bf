// The editor page: YASGUI's editor (Yasqe) and its table of results (Yasr), set up for this graph alone.
"use strict";

const place = document.getElementById("editor");
const facts = {
  sparql: new URL(place.dataset.sparql, document.baseURI).href,
  examples: new URL(place.dataset.examples, document.baseURI).href,
  prefixes: JSON.parse(place.dataset.prefixes),
  terms: JSON.parse(place.dataset.terms),
};
const FIRST = `PREFIX tg: <${facts.prefixes.tg}>
PREFIX rdfs: <${facts.prefixes.rdfs}>

# Trials that recruit, and what they study.
SELECT ?trial ?title ?condition WHERE {
  ?trial a tg:Study ;
    tg:overallStatus/rdfs:label "Recruiting"@en ;
    tg:briefTitle ?title ;
    tg:condition/rdfs:label ?condition .
}
ORDER BY ?trial
LIMIT 20
`;
// Longer addresses are refused by some servers and proxies.
const MAX_ADDRESS = 6000;

const NAMES = {
  ".tableSizer": "Rows of a page",
  ".tableFilter": "Filter rows",
  ".yasr_external_ref_btn": "Documentation of YASGUI",
};

const { Yasqe, Yasr } = Yasgui;

// What may be completed is known here: nobody else is asked.
function complete() {
  const { prefixes, property, class: classes, variables } = Yasqe.Autocompleters;
  prefixes.get = () => Promise.resolve(Object.entries(facts.prefixes).map(([name, iri]) => `${name}: <${iri}>`));
  for (const completer of [property, classes]) {
    completer.get = (_, token) =>
      Promise.resolve(facts.terms.filter((iri) => iri.startsWith((token && token.autocompletionString) || "")));
  }
  for (const completer of [prefixes, property, classes, variables]) completer.persistenceId = null;
}

// A problem of the service (RFC 9457) in its own words.
async function problem(error) {
  let told;
  try {
    told = JSON.parse(error.text);
  } catch {
    return undefined;
  }
  const box = document.createElement("div");
  const title = document.createElement("strong");
  title.textContent = told.title;
  const detail = document.createElement("p");
  detail.textContent = told.detail;
  box.append(title, detail);
  return box;
}

function address(query) {
  const found = new URL(window.location.href);
  found.hash = "";
  found.search = new URLSearchParams({ query });
  return found.href;
}

function start() {
  complete();
  const plain = place.querySelector("form");
  const given = new URLSearchParams(window.location.search).get("query");
  const editing = document.getElementById("editing");
  const answer = document.getElementById("answer");
  const ask = document.getElementById("ask");
  const state = document.getElementById("state");
  plain.hidden = true;
  document.getElementById("with-script").hidden = false;

  const yasqe = new Yasqe(editing, {
    value: FIRST,
    persistenceId: "trialgraph",
    consumeShareLink: null,
    showQueryButton: false,
    createShareableLink: () => address(yasqe.getValue()),
    requestConfig: { endpoint: facts.sparql, method: "POST" },
    screenReaderLabel: "SPARQL query; Escape leaves it",
    editorHeight: "22rem",
  });
  if (given) yasqe.setValue(given);
  yasqe.getInputField().setAttribute("aria-label", "SPARQL query; Escape leaves it");
  const yasr = new Yasr(answer, {
    persistenceId: null,
    prefixes: () => ({ ...facts.prefixes, ...yasqe.getPrefixesFromQuery() }),
    errorRenderers: [problem],
  });

  // Its own controls are without names for who hears the page.
  const nameControls = () => {
    for (const [selector, name] of Object.entries(NAMES)) {
      for (const control of answer.querySelectorAll(selector)) control.setAttribute("aria-label", name);
    }
  };
  nameControls();
  yasr.on("drawn", nameControls);

  ask.addEventListener("click", () => {
    if (ask.dataset.asking) yasqe.abortQuery();
    else yasqe.query().catch(() => {});
  });
  yasqe.on("query", () => {
    ask.dataset.asking = "yes";
    ask.textContent = "Stop";
    state.textContent = "Asking…";
    const now = address(yasqe.getValue());
    if (now.length <= MAX_ADDRESS) window.history.replaceState(null, "", now);
  });
  const rest = (text) => {
    delete ask.dataset.asking;
    ask.textContent = "Ask";
    state.textContent = text;
  };
  yasqe.on("queryAbort", () => rest("Stopped."));
  yasqe.on("queryResponse", (_, response, duration) => {
    yasr.setResponse(response, duration);
    rest(told(yasr, duration));
    place.dataset.answered = String(Number(place.dataset.answered || 0) + 1);
  });
  examples(yasqe);
}

function told(yasr, duration) {
  const results = yasr.results;
  if (!results || results.getError()) return "No answer; the reason stands below.";
  const rows = results.getBindings();
  const took = duration === undefined ? "" : ` in ${Math.max(1, Math.round(duration)).toLocaleString("en")} ms`;
  if (!rows) return `Answered${took}.`;
  return `${rows.length.toLocaleString("en")} ${rows.length === 1 ? "row" : "rows"}${took}.`;
}

// The saved queries, with the values of their examples, as the service tells them to any client.
async function examples(yasqe) {
  const response = await fetch(facts.examples, { headers: { Accept: "application/ld+json" } });
  if (!response.ok) return;
  const found = (await response.json())["@graph"]
    .map((node) => ({ name: named(node), text: first(node["rdfs:comment"] ?? node.comment), query: first(node["sh:select"]) }))
    .filter((each) => each.query)
    .sort((one, other) => one.text.localeCompare(other.text));
  const select = document.getElementById("example");
  for (const each of found) {
    const option = new Option(each.text, each.name);
    select.append(option);
  }
  select.addEventListener("change", () => {
    const chosen = found.find((each) => each.name === select.value);
    if (chosen) yasqe.setValue(chosen.query);
  });
  select.closest("p").hidden = found.length === 0;
}

const named = (node) => node.id ?? node["@id"];

function first(value) {
  const one = Array.isArray(value) ? value[0] : value;
  return (one && typeof one === "object" ? one["@value"] : one) ?? "";
}

start();
