"use strict";
// Draws GET /_headroom/view once a second. Nodes are made once and changed in place: nothing jumps, nothing is read
// twice, and a second without a change costs no write.

const POLL_MS = 1000, SLOWEST_MS = 5000, PATIENCE_MS = 5000;
// With many services: rows filled in one update beside those on the screen, and how many may be open.
const ROUND = 40, OPEN_MAX = 30, OPEN_BY_ITSELF_MAX = 8;
// So many alarms are listed one by one.
const ALARMS_LISTED = 9;
// A line of a notice that is longer is folded.
const LINE_MAX = 160;
const SVG = "http://www.w3.org/2000/svg";
const STAGES = ["healthy", "running", "starting", "pending", "draining", "failed"];
const METERS = [
  ["cpu", "CPU", (v) => v.toFixed(1) + " %", 100],
  ["requests", "Requests per target", (v) => grouped(v) + " /min", 1],
  ["p95", "Response p95", (v) => (v < 1 ? Math.round(v * 1000) + " ms" : v.toFixed(2) + " s"), 0.2],
  ["errors", "Errors", (v) => v.toFixed(2) + " %", 1],
];

const by = (id) => document.getElementById(id);
const grouped = (n) => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ",");
const iso = (s) => new Date(s * 1000).toISOString();
const clock = (s) => iso(s).slice(11, 19);
const minute = (s) => iso(s).slice(11, 16);
const plural = (n, one, many) => (n === 1 ? one : many);

function length(s) {
  if (s < 60) return s + " s";
  if (s < 3600) return Math.round(s / 60) + " min";
  const m = Math.round(s / 60);
  return Math.floor(m / 60) + " h" + (m % 60 ? " " + (m % 60) + " min" : "");
}

function make(tag, name, ...kids) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  node.append(...kids);
  return node;
}

function mark(id, name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", name);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", "#" + id);
  svg.append(use);
  return svg;
}

// Writes only what differs.
function text(node, value) {
  if (node.firstChild && node.firstChild === node.lastChild && node.firstChild.nodeType === 3) {
    if (node.firstChild.data !== value) node.firstChild.data = value;
  } else if (node.textContent !== value) node.textContent = value;
}
function attr(node, name, value) {
  if (value === null) { if (node.hasAttribute(name)) node.removeAttribute(name); }
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}
function css(node, name, value) {
  if (node.style.getPropertyValue(name) !== value) node.style.setProperty(name, value);
}
function show(node, yes) { if (node.hidden === yes) node.hidden = !yes; }

// One child per item, kept by key, in the items' order.
function list(parent, items, key, create, fill) {
  const old = parent.kept || new Map(), kept = new Map(items.map((item) => [key(item), item]));
  for (const [k, node] of old) if (!kept.has(k)) node.remove();
  let at = parent.firstChild;
  for (const [k, item] of kept) {
    const node = old.get(k) || create(item);
    if (node === at) at = at.nextSibling; else parent.insertBefore(node, at);
    if (fill) fill(node, item);
    kept.set(k, node);
  }
  return (parent.kept = kept);
}

// ---- services

const open = new Map(); // id -> "hand" or "itself"
const shut = new Set(); // closed by hand while in need
const onScreen = new Set();
let rows = new Map(), many = false, turn = 0, drawn = null;

const watcher = new IntersectionObserver((seen) => {
  for (const one of seen) {
    if (one.isIntersecting) onScreen.add(one.target); else onScreen.delete(one.target);
    if (one.isIntersecting && one.target.due) fillRow(one.target);
  }
});

function createRow(s) {
  const card = make("article", "card");
  const button = make("button", "", s.name);
  button.type = "button";
  const name = make("h4", "", button), brief = make("p", "brief"), state = make("span", "state");
  for (const part of ["ran", "bounds", "load"]) { card[part] = make("span"); brief.append(card[part]); }
  card.append(make("div", "head", name, brief, state));
  Object.assign(card, { button, state, key: s.id });
  button.addEventListener("click", () => toggle(card));
  watcher.observe(card);
  return card;
}

function createBody(card) {
  const body = make("div", "body");
  const groups = make("div", "groups"), said = make("p");
  const tasks = make("div", "tasks", groups, said);
  const bar = make("progress"), told = make("p"), because = make("p", "quiet");
  bar.setAttribute("aria-label", "Healthy tasks of the new revision");
  const deploy = make("div", "deploy", told, bar, because);
  const range = make("div", "range");
  range.setAttribute("role", "img");
  const part = (name) => { const i = make("i", name); range.append(i); return i; };
  const [ceil, span, floor, slots] = ["ceil", "span", "floor", "slots"].map(part);
  const want = make("b");
  range.append(want);
  const why = make("dl", "why"), lines = {};
  for (const which of ["min", "max"]) {
    lines[which] = [make("dt"), make("dd")];
    why.append(...lines[which]);
  }
  const meters = make("dl", "meters"), of = {};
  for (const [key, label] of METERS) {
    const value = make("b"), sub = make("div", "sub"), svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 59 34");
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    const paths = ["area", "base", "aim", "line"].map((name) => {
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("class", name);
      svg.append(path);
      return path;
    });
    paths[1].setAttribute("d", "M0 34H59");
    meters.append(make("div", "", make("dt", "", label), make("dd", "", value, sub, svg)));
    of[key] = { value, sub, area: paths[0], aim: paths[2], line: paths[3] };
  }
  body.append(tasks, make("div", "", range, why), deploy, meters);
  card.append(body);
  card.body = { body, groups, said, deploy, bar, told, because, range, ceil, span, floor, slots, want, lines, of };
}

function toggle(card) {
  if (!many) return;
  if (open.has(card.key)) { open.delete(card.key); shut.add(card.key); } else openUp(card.key, "hand");
  fillRow(card);
  wake();
}

// The one that was opened first makes room.
function openUp(key, how) {
  if (open.size >= OPEN_MAX) open.delete(open.keys().next().value);
  open.set(key, how);
  shut.delete(key);
}

function drawServices(view) {
  many = !view.detailed;
  const places = by("places"), all = view.places.flatMap((p) => p.services);
  places.className = many ? "many" : "few";
  show(by("find"), many);
  if (many) openThoseInNeed(all);
  rows = new Map();
  list(places, view.places, (p) => p.name + p.account + p.region, createPlace, (node, p) => {
    text(node.name, p.name);
    text(node.more, [p.mode, p.region, p.account].filter(Boolean).join(" · "));
    for (const [key, row] of list(node.list, p.services, (s) => s.id, createRow)) rows.set(key, row);
  });
  for (const s of all) { const row = rows.get(s.id); row.service = s; row.due = true; }
  const every = [...rows.values()], near = every.filter((row) => !many || onScreen.has(row) || open.has(row.key));
  for (const row of near) fillRow(row);
  for (let i = 0; many && i < Math.min(ROUND, every.length); i++) fillRow(every[turn++ % every.length]);
  if (many) sift(all);
}

function createPlace() {
  const name = make("span"), more = make("span", "quiet"), inside = make("div", "services");
  const place = make("section", "place", make("h3", "", name, more), inside);
  return Object.assign(place, { name, more, list: inside });
}

function openThoseInNeed(all) {
  let itself = 0;
  for (const s of all) {
    if (!s.needs) { shut.delete(s.id); if (open.get(s.id) === "itself") open.delete(s.id); }
    else if (open.get(s.id) === "itself") itself++;
  }
  for (const s of all) {
    if (s.needs && itself < OPEN_BY_ITSELF_MAX && !open.has(s.id) && !shut.has(s.id)) { openUp(s.id, "itself"); itself++; }
  }
}

function sift(all) {
  const wanted = by("filter").value.trim().toLowerCase(), only = by("only").checked;
  let found = 0;
  for (const s of all) {
    const fits = (!only || s.needs) && (s.label + " " + s.id + " " + s.state).toLowerCase().includes(wanted);
    show(rows.get(s.id), fits);
    found += fits;
  }
  for (const place of by("places").children) show(place, [...place.list.children].some((row) => !row.hidden));
  text(by("found"), grouped(found) + " of " + grouped(all.length) + " shown");
}

function fillRow(card) {
  const s = card.service, wide = !many || open.has(card.key);
  card.due = false;
  attr(card, "class", wide ? "card open" : "card");
  attr(card, "data-tone", s.tone);
  attr(card, "data-id", s.id);
  attr(card.button, "aria-expanded", many ? String(wide) : null);
  attr(card.button, "tabindex", many ? null : "-1");
  text(card.state, s.state);
  attr(card.state, "data-tone", s.tone);
  text(card.ran, s.healthy + "/" + s.desired + " healthy");
  text(card.bounds, s.scalable ? s.min + ".." + s.max : "not scaled");
  text(card.load, s.cpu === null ? "no CPU data" : "CPU " + METERS[0][2](s.cpu));
  if (wide && !card.body) createBody(card);
  if (card.body) show(card.body.body, wide);
  if (wide) { fillTasks(card.body, s); fillDeployment(card.body, s); fillRange(card.body, s); fillMeters(card.body, s); }
}

function fillTasks(b, s) {
  const revisions = new Map();
  for (const [stage, revision] of s.tasks) {
    if (!revisions.has(revision)) revisions.set(revision, []);
    revisions.get(revision).push(stage);
  }
  const groups = [...revisions].sort((one, other) => one[0] - other[0]);
  const group = () => { const p = make("p", "rev"), ul = make("ul"); return Object.assign(make("div", "", p, ul), { p, ul }); };
  list(b.groups, groups, ([revision]) => revision, group, (node, [revision, stages]) => {
    text(node.p, s.revisions[revision] || "");
    show(node.p, groups.length > 1 || Boolean(s.deployment));
    list(node.ul, stages.map((stage, i) => [stage, i]), ([, i]) => i, () => make("li", "", mark("", "")), (li, [stage]) => {
      attr(li.firstChild, "class", stage);
      attr(li.firstChild.firstChild, "href", "#g-" + stage);
    });
  });
  const count = (stage) => s.tasks.filter((t) => t[0] === stage).length;
  const others = STAGES.slice(1).filter(count).map((stage) => count(stage) + " " + stage);
  if (s.tasks_more) others.push(s.tasks_more + " more");
  text(b.said, [s.healthy + " of " + s.desired + " healthy", ...others].join(", "));
}

function fillDeployment(b, s) {
  const d = s.deployment;
  show(b.deploy, Boolean(d || s.failed));
  show(b.bar, Boolean(d && !d.over));
  const words = [];
  if (d) {
    words.push((d.back ? "Back to " : "Deployment of ") + d.to + ": " + d.status.toLowerCase().replaceAll("_", " "));
    if (!d.over) words.push(d.healthy + " of " + d.of + " healthy" + (d.stage ? ", stage " + d.stage : ""));
    words.push(d.over ? minute(d.began) + " to " + minute(d.ended) : "since " + minute(d.began));
    if (d.failures) words.push(d.failures + plural(d.failures, " task", " tasks") + " failed, " + (d.breaker ? "the circuit breaker trips at " + d.breaker : "no circuit breaker"));
    if (d.paused) words.push("waits for ContinueServiceDeployment");
    attr(b.bar, "max", Math.max(d.of, 1));
    attr(b.bar, "value", Math.min(d.healthy, d.of));
  }
  text(b.told, words.join(" · "));
  text(b.because, [d && d.reason, s.failed && "Last failed task, " + minute(s.failed.at) + ": " + s.failed.why].filter(Boolean).join(" "));
}

function fillRange(b, s) {
  const top = Math.max(s.ceiling || 0, s.max, s.desired, 1), at = (n) => ((n / top) * 100).toFixed(2) + "%";
  const place = (node, from, to) => { css(node, "left", at(from)); css(node, "width", at(Math.max(0, to - from))); };
  place(b.floor, 0, s.min);
  place(b.span, s.min, s.max);
  place(b.ceil, s.max, s.ceiling || s.max);
  attr(b.floor, "data-kind", s.why_min.kind);
  css(b.slots, "--n", String(top));
  show(b.slots, top <= 40);
  css(b.want, "left", at(Math.max(0, s.desired - 0.5)));
  text(b.want, String(s.desired));
  const above = s.ceiling ? ", ceiling " + s.ceiling : "";
  attr(b.range, "aria-label", "desired " + s.desired + (s.scalable ? ", min " + s.min + ", max " + s.max + above : ", no scalable target"));
  for (const which of ["min", "max"]) {
    const why = s["why_" + which], [dt, dd] = b.lines[which];
    text(dt, which + (s.scalable ? " " + s[which] : ""));
    const hold = which === "min" && s.scale_in_suspended ? "; scale-in suspended" : "";
    text(dd, why.text + hold + (which === "max" && s.ceiling ? "; ceiling " + s.ceiling + ", above max" : ""));
    attr(dd, "data-kind", why.kind);
  }
}

function fillMeters(b, s) {
  for (const [key, , say, least] of METERS) {
    const meter = b.of[key], hour = (s.hour && s.hour[key]) || [], known = hour.filter((v) => v !== null);
    const aim = s.targets[key], peak = known.length ? Math.max(...known) : null;
    text(meter.value, s[key] === null ? "no data" : say(s[key]));
    const parts = [];
    if (aim !== undefined) parts.push("target " + (key === "cpu" ? aim + " %" : grouped(aim)));
    if (peak !== null) parts.push("peak " + (key === "requests" ? grouped(peak) : say(peak)));
    text(meter.sub, parts.join(" · ") || "\u00a0");
    const top = Math.max(least, peak || 0, (aim || 0) * 1.1), y = (v) => (33 - (v / top) * 32).toFixed(1);
    const [line, area] = curve(hour, y);
    attr(meter.line, "d", line);
    attr(meter.area, "d", area);
    attr(meter.aim, "d", aim === undefined ? "" : "M0 " + y(aim) + "H59");
  }
}

// A line with gaps where nothing was published: silence is no zero.
function curve(values, y) {
  let line = "", area = "", from = null;
  values.forEach((v, x) => {
    if (v === null) from = null;
    else {
      line += (from === null ? "M" : "L") + x + " " + y(v);
      if (from === null) from = x;
      const past = values.slice(from, x + 1).map((w, i) => "L" + (from + i) + " " + y(w));
      if ((values[x + 1] ?? null) === null) area += "M" + from + " 34" + past.join("") + "L" + x + " 34Z";
    }
  });
  return [line, area];
}

// ---- lists

function item(...names) {
  const node = make("li", "item"), parts = {};
  const top = make("div", "top");
  for (const [tag, name, where] of names) {
    parts[name] = make(tag, name);
    (where === "top" ? top : node).append(parts[name]);
  }
  node.prepend(top);
  return Object.assign(node, { parts, top });
}

function drawLeases(view) {
  const create = () => item(["b", "what", "top"], ["span", "end", "top"], ["p", "who"], ["p", "say"], ["p", "next"]);
  list(by("leases").querySelector("ul"), view.leases, (l) => l.id + l.granted, create, (node, l) => {
    const p = node.parts;
    attr(node, "class", l.live ? "item live" : "item");
    attr(node, "data-id", l.id);
    text(p.what, l.label + " " + l.what);
    text(p.who, l.owner + " · " + l.id);
    const left = l.until - view.now;
    text(p.end, l.live ? (l.until ? (left > 0 ? length(left) + " left" : "being looked at") : "") : "ended " + minute(l.ended));
    text(p.say, l.why ? "Why: " + l.why + (l.decision === l.id ? "" : " (" + l.decision + ")") : "");
    text(p.next, l.next || (l.live ? "Since " + minute(l.granted) + "; until " + minute(l.until) + ", then while needed; at the latest " + iso(l.hard_end).slice(5, 16).replace("T", " ")
      : "Was held " + length(l.ended - l.granted) + ": " + l.end));
  });
}

// A few are all shown in their order; of more, those in ALARM, and the others where they can be unfolded.
function drawAlarms(view) {
  const box = by("alarms"), rest = box.querySelector("details"), few = view.alarms.length <= ALARMS_LISTED;
  const create = () => {
    const node = item(["b", "name", "top"], ["span", "end now", "top"], ["p", "watches"]);
    node.top.prepend(mark("m-none", "mark-svg"));
    return node;
  };
  const fill = (node, a) => {
    attr(node, "class", "item alarm-" + a.state);
    attr(node.top.firstChild.firstChild, "href", a.state === "ALARM" ? "#m-alarm" : a.state === "OK" ? "#m-ok" : "#m-none");
    text(node.parts.name, a.name);
    text(node.parts["end now"], a.state === "INSUFFICIENT_DATA" ? "no data" : a.state);
    text(node.parts.watches, a.watches + (a.since ? "; " + a.state + " since " + minute(a.since) : ""));
  };
  const key = (a) => a.label + a.name, firing = (a) => a.state === "ALARM";
  list(box.querySelector("ul"), few ? view.alarms : view.alarms.filter(firing), key, create, fill);
  list(rest.querySelector("ul"), few ? [] : view.alarms.filter((a) => !firing(a)), key, create, fill);
  const others = view.alarms_all - view.summary.in_alarm;
  show(rest, !few || view.alarms_all > view.alarms.length);
  text(rest.firstChild, grouped(others) + plural(others, " other alarm, ", " other alarms, ") + grouped(view.alarms_ok) + " of them OK");
}

function drawDecisions(view) {
  const create = () => {
    const node = item(["b", "who", "top"], ["span", "id", "top"], ["time", "end", "top"], ["p", "say"]);
    const verdict = make("span", "verdict"), said = make("span"), say = node.parts.say;
    say.append(verdict, " ", said);
    return Object.assign(node, { verdict, said, id2: node.parts.id });
  };
  list(by("decisions").querySelector("ol"), view.decisions, (d) => d.id + d.at, create, (node, d) => {
    const p = node.parts;
    text(node.verdict, d.verdict);
    attr(node.verdict, "data-v", d.verdict);
    text(node.id2, d.id);
    text(p.who, d.label + " " + d.remedy);
    text(p.end, clock(d.at));
    text(node.said, d.text + (d.helped ? " (" + d.helped + ")" : ""));
  });
}

// A command of many lines is there when it is wanted.
function folded(line) {
  if (line.length <= LINE_MAX) return line;
  const head = line.slice(0, line.lastIndexOf(" ", LINE_MAX - 40)) + " …";
  return make("details", "", make("summary", "", head), make("p", "say", line));
}

function drawNotices(view) {
  const box = by("notices").querySelector("ol");
  const create = (n) => {
    const node = item(["span", "severity", "top"], ["span", "id", "top"], ["time", "end", "top"], ["p", "say"], ["dl", "lines"]);
    text(node.parts.severity, n.severity);
    attr(node.parts.severity, "data-v", n.severity);
    text(node.parts.id, n.decision || "");
    text(node.parts.end, n.at ? clock(n.at) : "");
    text(node.parts.say, n.title);
    for (const [label, line] of n.lines) {
      node.parts.lines.append(make("dt", "", label), make("dd", "", folded(line)));
    }
    return node;
  };
  list(box, view.notices, (n) => n.key, create);
  // What was there before this page is no news.
  attr(box, "aria-live", "polite");
}

function drawTimeline(view) {
  const create = (t) => {
    const kind = make("span", "kind", t.kind);
    kind.dataset.v = t.kind;
    return make("li", "", make("time", "", clock(t.at)), kind, make("span", "about", t.label), make("span", "text", t.text));
  };
  const seen = new Map();
  const key = (t) => {
    const k = t.at + t.kind + t.label + t.text, n = (seen.get(k) || 0) + 1;
    seen.set(k, n);
    return k + "#" + n;
  };
  list(by("timeline").querySelector("ol"), view.timeline, key, create);
}

// ---- head

// A list is cut there by the server.
const most = (list, n) => list.length + (list.length < n ? "" : "+");

function drawHead(view) {
  const s = view.summary;
  text(by("fleet"), view.fleet);
  text(by("time"), clock(view.now));
  text(by("date"), iso(view.now).slice(0, 10));
  const pace = view.speed === 0 ? "standing still" : view.speed === 1 ? "in real time" : view.speed + " times as fast";
  text(by("run"), "· " + pace + " · seed " + view.seed);
  document.title = (s.in_alarm ? "\u25b2 " + s.in_alarm + " · " : "") + view.fleet + " · headroom local";
  const stats = [
    ["services", grouped(s.services), plural(s.services, "service", "services"), ""],
    ["services", grouped(s.healthy) + "/" + grouped(s.desired), "tasks healthy", ""],
    ["alarms", s.in_alarm, "in ALARM", s.in_alarm ? "bad" : ""],
    ["leases", s.leases, plural(s.leases, "lease", "leases"), s.leases ? "lease" : ""],
    ["decisions", most(view.decisions, 40), plural(view.decisions.length, "decision", "decisions"), ""],
    ["notices", most(view.notices, 20), plural(view.notices.length, "notice", "notices"), ""],
  ];
  list(by("summary"), stats, (x) => x[2][0] + x[0], () => make("a", "", make("b"), " ", make("span")), (a, [to, n, word, tone]) => {
    attr(a, "href", "#" + to);
    attr(a, "data-tone", tone);
    text(a.firstChild, String(n));
    text(a.lastChild, word);
  });
}

function drawLegend() {
  by("legend").append(...STAGES.map((stage) => make("li", "", mark("g-" + stage, stage), stage)));
}

function draw(view) {
  drawn = view;
  drawHead(view);
  const none = view.summary.services === 0;
  show(by("blank"), none);
  if (none) text(by("blank"), "This world has no services yet. Create one through the ECS protocol of this port, or start with --fleet FILE.");
  drawServices(view);
  drawLeases(view);
  drawAlarms(view);
  drawDecisions(view);
  drawNotices(view);
  drawTimeline(view);
}

// ---- the connection

let etag = null, asked = "", wait = POLL_MS, timer = 0, busy = false, lostSince = null;

function linked(yes) {
  const link = by("link");
  lostSince = yes ? null : lostSince || new Date();
  attr(link, "data-link", yes ? "live" : "lost");
  const as = drawn ? ", shown as of " + clock(drawn.now) : "";
  text(link.firstChild, yes ? "live" : "connection lost" + as + "; trying again");
  attr(document.body, "data-state", yes ? "live" : "lost");
  if (!yes && !drawn) text(by("blank"), "No answer from this server yet; trying again.");
}

async function poll() {
  if (busy || document.hidden) return;
  busy = true;
  clearTimeout(timer);
  const query = many && open.size ? "?" + new URLSearchParams([...open.keys()].map((k) => ["open", k])) : "";
  try {
    const headers = etag && query === asked ? { "If-None-Match": etag } : {};
    const answer = await fetch("/_headroom/view" + query, { headers, cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.status !== 304) {
      if (!answer.ok) throw new Error("answer " + answer.status);
      const view = await answer.json();
      etag = answer.headers.get("etag");
      asked = query;
      draw(view);
    }
    linked(true);
    wait = POLL_MS;
  } catch (problem) {
    // Our own mistakes are told; a server that is away is shown.
    if (!(problem instanceof TypeError && /fetch|network/i.test(problem.message)) && problem.name !== "TimeoutError") console.error(problem);
    linked(false);
    wait = Math.min(wait * 2, SLOWEST_MS);
  } finally {
    busy = false;
    timer = setTimeout(poll, wait);
  }
}

function wake() { wait = POLL_MS; poll(); }

document.addEventListener("visibilitychange", () => { if (!document.hidden) wake(); });
by("find").addEventListener("submit", (event) => event.preventDefault());
by("filter").addEventListener("input", () => drawn && sift(drawn.places.flatMap((p) => p.services)));
by("only").addEventListener("change", () => drawn && sift(drawn.places.flatMap((p) => p.services)));
drawLegend();
poll();
