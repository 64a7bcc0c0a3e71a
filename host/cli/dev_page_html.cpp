// SPDX-License-Identifier: MIT
//
// The page of `bourse dev`: one file, without anything from elsewhere.
#include "host/cli/dev_page.hpp"

namespace bourse::host {

std::string_view dev_page_html() noexcept {
  return R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>bourse dev</title>
<link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark; --line: #8884; --dim: #777; --bad: #c62828; --good: #2e7d32; --wait: #b26a00; }
@media (prefers-color-scheme: dark) { :root { --dim: #aaa; --bad: #ff8a80; --good: #81c784; --wait: #ffb74d; } }
* { box-sizing: border-box; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 0; padding: 0 1rem 2rem; }
header { display: flex; gap: .8rem; align-items: baseline; flex-wrap: wrap; padding: .8rem 0; border-bottom: 1px solid var(--line); }
h1 { font-size: 1.1rem; margin: 0; }
h2 { font-size: 1rem; margin: 1rem 0 .3rem; }
#headline { font-weight: 600; }
#headline.failed { color: var(--bad); } #headline.good { color: var(--good); } #headline.building { color: var(--wait); }
pre { margin: 0; padding: .6rem; border: 1px solid var(--line); border-radius: 4px; overflow: auto; max-height: 28rem;
  font: 13px/1.4 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 4; }
pre.failed { border-color: var(--bad); }
form { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .5rem 1rem; align-items: start; }
#route { margin-bottom: .8rem; }
label { display: block; } label span { color: var(--dim); font-size: .85em; display: block; }
input, select, button { font: inherit; width: 100%; padding: .25rem .4rem; }
button { width: auto; }
#panes { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(34rem, 100%), 1fr)); gap: 1rem; margin-top: 1rem; }
section h3 { font-size: .9rem; margin: 0 0 .3rem; display: flex; gap: .6rem; align-items: baseline; }
section h3 a { font-weight: 400; overflow-wrap: anywhere; }
section h3 .status { color: var(--dim); font-weight: 400; white-space: nowrap; } section.bad .status { color: var(--bad); }
iframe, img { width: 100%; border: 1px solid var(--line); border-radius: 4px; background: #fff; }
iframe { height: 28rem; } details { margin-top: 1rem; }
[hidden] { display: none !important; }
</style>
</head>
<body>
<header><h1>bourse dev</h1><span id="headline" class="building" role="status">building</span></header>
<main>
<div id="built" hidden><h2>What the build says</h2><pre id="output" tabindex="0"></pre></div>
<div id="found" hidden><h2>What validation finds</h2><pre id="findings" tabindex="0"></pre></div>
<h2><label for="route">Route</label></h2>
<select id="route"></select>
<form id="form"></form>
<div id="panes"></div>
<details><summary>What the server says</summary><pre id="log" tabindex="0"></pre></details>
</main>
<script>
"use strict";
const at = id => document.getElementById(id);
let state = {version: 0, routes: []}, round = 0;
const kept = new URLSearchParams(location.hash.slice(1));  // the route and what was asked, over reloads of this page

function show(id, text, failed) {
  at(id).textContent = text;
  at(id).className = failed ? "failed" : "";
  at(id).parentElement.hidden = !text;
}
function routeOf() { return state.routes.find(r => r.path === at("route").value); }

function drawRoutes() {
  const wanted = at("route").value || kept.get("") || "";
  at("route").replaceChildren(...state.routes.filter(r => r.analyses.length).map(r => new Option(r.path + (r.title ? " \u2014 " + r.title : ""), r.path)));
  if ([...at("route").options].some(o => o.value === wanted)) at("route").value = wanted;
  drawForm();
}
function drawForm() {
  const route = routeOf(), form = at("form");
  form.replaceChildren();
  if (!route) return;
  for (const p of onePerName(route.parameters)) {
    const label = document.createElement("label"), hint = document.createElement("span");
    let input;
    const choices = p.type === "boolean" ? ["true", "false"] : p.choices;
    if (choices && p.type !== "list") {
      input = document.createElement("select");
      input.append(new Option(p.default === undefined ? "" : "(" + p.default + ")", ""), ...choices.map(c => new Option(c, c)));
    } else {
      input = document.createElement("input");
      input.placeholder = p.default === undefined ? (p.required ? "required" : "") : p.default;
    }
    input.name = p.name;
    input.value = kept.get(p.name) || "";
    label.append(p.label ? p.label + " (" + p.name + ")" : p.name, input, hint);
    const ranged = ["integer", "real", "decimal"].includes(p.type) && p.min !== undefined && p.max !== undefined;
    hint.textContent = [p.doc, ranged ? p.min + " to " + p.max + "." : ""].filter(Boolean).join(" ");
    form.append(label);
  }
}
// What several take (`theme` of two formats) is one field, with the choices of all of them.
function onePerName(parameters) {
  const byName = new Map();
  for (const p of parameters) {
    if (p.in !== "query" && p.in !== "path") continue;
    const first = byName.get(p.name);
    if (!first) byName.set(p.name, {...p});
    else if (first.choices && p.choices) first.choices = [...new Set([...first.choices, ...p.choices])];
  }
  return byName.values();
}
function addressOf(route, format) {
  let path = route.path;
  const query = new URLSearchParams();
  for (const input of at("form").elements) {
    if (!input.name || !input.value) continue;
    if (path.includes("{" + input.name + "}")) path = path.replace("{" + input.name + "}", encodeURIComponent(input.value));
    else if (belongs(route, input.name, format)) query.append(input.name, input.value);
  }
  if (route.formats.length > 1) query.set("format", format);
  return path + (query.size || query.toString() ? "?" + query : "");
}
// A parameter of one format is no parameter of the others.
function belongs(route, name, format) {
  const of = route.parameters.filter(p => p.name === name).flatMap(p => p.of);
  return of.some(who => who === format || !route.formats.includes(who));
}
async function drawPanes() {
  const route = routeOf(), mine = ++round;
  if (!route || state.phase !== "good") return;
  const panes = route.formats.map(format => {
    const pane = document.createElement("section"), head = document.createElement("h3");
    const link = document.createElement("a"), status = document.createElement("span");
    link.href = addressOf(route, format); link.textContent = link.getAttribute("href"); link.target = "_blank";
    status.className = "status";
    head.append(format, link, status); pane.append(head);
    return {pane, status, url: link.getAttribute("href")};
  });
  for (const p of panes) await fill(p);
  if (mine === round) at("panes").replaceChildren(...panes.map(p => p.pane));
}
async function fill({pane, status, url}) {
  const began = performance.now();
  try {
    const answer = await fetch(url, {cache: "no-store"});
    const bytes = await answer.blob(), type = (answer.headers.get("Content-Type") || "").split(";")[0];
    status.textContent = answer.status + ", " + bytes.size + " bytes, " + Math.round(performance.now() - began) + " ms";
    pane.classList.toggle("bad", !answer.ok);
    let view;
    if (answer.ok && type === "text/html") {
      view = document.createElement("iframe"); view.title = url; view.src = url;
    } else if (answer.ok && type.startsWith("image/")) {
      view = document.createElement("img"); view.alt = url; view.src = "data:" + type + ";base64," + btoa(Array.from(new Uint8Array(await bytes.arrayBuffer()), b => String.fromCharCode(b)).join(""));
    } else {
      view = document.createElement("pre"); view.tabIndex = 0;
      const text = await bytes.text();
      view.textContent = text.length > 200000 ? text.slice(0, 200000) + "\n..." : text;
    }
    pane.append(view);
  } catch (error) { status.textContent = String(error); pane.classList.add("bad"); }
}
function remember() {
  const all = new URLSearchParams({"": at("route").value});
  for (const input of at("form").elements) if (input.name && input.value) all.set(input.name, input.value);
  for (const name of [...kept.keys()]) kept.delete(name);
  for (const [name, value] of all) kept.set(name, value);
  history.replaceState(null, "", "#" + all);
}
at("route").addEventListener("change", () => { remember(); drawForm(); drawPanes(); });
at("form").addEventListener("change", () => { remember(); drawPanes(); });
at("form").addEventListener("submit", event => { event.preventDefault(); remember(); drawPanes(); });
async function follow() {
  for (;;) {
    try {
      const next = await (await fetch("/-/state?after=" + state.version)).json();
      const isNew = next.version !== state.version, before = JSON.stringify(state.routes);
      state = next;
      at("log").textContent = state.log;
      if (!isNew) continue;
      at("headline").textContent = state.headline;
      at("headline").className = state.phase;
      document.title = (state.phase === "good" ? "" : state.phase + ": ") + "bourse dev";
      if (state.phase === "building") continue;
      show("output", state.phase === "failed" ? state.output : "", state.phase === "failed");
      show("findings", state.findings, state.phase === "failed");
      if (JSON.stringify(state.routes) !== before) drawRoutes();
      drawPanes();
    } catch (error) {
      at("headline").textContent = "bourse dev has ended"; at("headline").className = "failed";
      await new Promise(go => setTimeout(go, 1000));
    }
  }
}
follow();
</script>
</body>
</html>
)html";
}

}  // namespace bourse::host
