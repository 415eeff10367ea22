"use strict";
// Finds routes, signs in and sends requests. Everything shown is set as text, never as HTML; the
// token lives in this page alone and is gone with it.

const $ = (id) => document.getElementById(id);
const routes = [...document.querySelectorAll("details.route")];

function make(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  Object.assign(made, attributes);
  return made;
}

function find() {
  const words = $("find").value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const route of routes) {
    const text = route.querySelector("summary").textContent.toLowerCase();
    route.hidden = !words.every((word) => text.includes(word));
    count += route.hidden ? 0 : 1;
  }
  for (const section of document.querySelectorAll("section")) {
    section.hidden = !section.querySelector("details.route:not([hidden])");
  }
  $("found").textContent = `${count} of ${routes.length} routes`;
}

function credentials() {
  const told = $("token").value.trim();
  if (!told) return {};
  return told.split(".").length === 3 ? { Authorization: `Bearer ${told}` } : { "X-API-Key": told };
}

async function ask(method, path, body) {
  const headers = credentials();
  if (body) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method, headers, body: body || undefined });
  const kind = answer.headers.get("content-type") || "";
  if (!kind.includes("json") && !kind.startsWith("text/")) {
    const bytes = (await answer.blob()).size;
    return { answer, text: bytes ? `${kind}, ${bytes} bytes` : "" };
  }
  return { answer, text: await answer.text() };
}

function pretty(text) {
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  // Written anew only with blanks, so that 19.90 stays 19.90.
  let depth = 0;
  return text.replace(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+|\s+/g, (part) => {
    const line = () => "\n" + "  ".repeat(depth);
    if (/^\s+$/.test(part)) return "";
    if (part === "{" || part === "[") return depth++, part + line();
    if (part === "}" || part === "]") return depth--, line() + part;
    return part === "," ? part + line() : part === ":" ? ": " : part;
  });
}

let secondLeg = null;

async function signIn(event) {
  event.preventDefault();
  const told = { username: $("user").value, password: $("password").value };
  if ($("code").value) Object.assign(told, { twoFactorToken: secondLeg, twoFactorCode: $("code").value });
  try {
    $("token").value = "";
    const { answer, text } = await ask("POST", "/api/Auth/login", JSON.stringify(told));
    const said = JSON.parse(text);
    $("token").value = said.accessToken || "";
    secondLeg = said.twoFactorToken || null;
    if (secondLeg) $("signed").textContent = "Type the code, too, and the password again.";
    else $("signed").textContent = answer.ok ? `Signed in as ${told.username}.` : said.error || text;
  } catch (error) {
    $("signed").textContent = `The server does not answer: ${error.message}`;
  }
  $("password").value = $("code").value = "";
}

function address(route) {
  let path = route.dataset.path;
  const query = new URLSearchParams();
  for (const input of route.querySelectorAll("input[data-in]")) {
    const value = input.value.trim();
    if (input.dataset.in === "path") {
      if (!value) throw new Error(`${input.name} is missing.`);
      path = path.replace(`{${input.name}}`, encodeURIComponent(value));
    } else if (value) {
      query.append(input.name, value);
    }
  }
  const asked = query.toString();
  return asked ? `${path}?${asked}` : path;
}

async function send(event, route) {
  event.preventDefault();
  const { method } = route.dataset;
  const shown = route.querySelector(".answer");
  const body = route.querySelector("textarea");
  try {
    const path = address(route);
    if (method !== "GET" && !confirm(`${method} ${path} is done on this server. Send it?`)) return;
    shown.textContent = "…";
    const { answer, text } = await ask(method, path, body && body.value);
    shown.textContent = `${answer.status} ${answer.statusText}\n${pretty(text)}`;
  } catch (error) {
    shown.textContent = `Not sent, or no answer: ${error.message}`;
  }
}

function prepare(route) {
  if (route.querySelector("form")) return;
  const form = make("form", "", { id: `try-${route.id}` });
  for (const row of route.querySelectorAll("tr[data-in]")) {
    if (row.dataset.in === "header") continue;
    const input = make("input", "", { name: row.dataset.name, placeholder: row.dataset.value });
    input.dataset.in = row.dataset.in;
    input.setAttribute("aria-label", row.dataset.name);
    input.setAttribute("form", form.id);
    row.append(make("td", ""));
    row.lastChild.append(input);
  }
  const body = route.querySelector("pre.body");
  if (body) {
    const text = make("textarea", "", { value: body.textContent, rows: 8, name: "body" });
    text.setAttribute("aria-label", "Body");
    form.append(text);
  }
  form.append(make("button", "Send"), make("pre", "", { className: "answer" }));
  form.lastChild.setAttribute("role", "status");
  form.addEventListener("submit", (event) => send(event, route));
  route.append(form);
}

$("tools").hidden = false;
$("find").addEventListener("input", find);
$("sign-in").addEventListener("submit", signIn);
for (const route of routes) {
  if ("try" in route.dataset) {
    route.addEventListener("toggle", () => route.open && prepare(route));
  }
}
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !/INPUT|TEXTAREA/.test(document.activeElement.tagName)) {
    event.preventDefault();
    $("find").focus();
  }
});
if (location.hash) {
  const route = document.getElementById(location.hash.slice(1));
  if (route) route.open = true;
}
find();
