// The live lane board: begins with the state in the page, and keeps it current from the port's
// events. Every message may come twice; none may be missed: the stream goes on from its last id.
(() => {
  "use strict";
  const board = document.getElementById("board");
  const live = document.getElementById("live");
  const state = JSON.parse(document.getElementById("board-state").textContent);
  const STALE_MS = 6000;
  const RENDER_MS = 60;
  const SHOWN_IN_LANE = 6;
  const SHOWN_ARRIVALS = 20;
  const KEPT = 600;
  const KINDS = ["arrival.received", "arrival.assigned", "arrival.passed",
    "arrival.overridden", "arrival.override_requested",
    "alarm.raised", "alarm.closed", "lane.state_changed", "lane.changed"];
  const arrivals = new Map();
  let lanes = new Map();
  let place = state.place;
  let heard = Date.now();
  let timer = 0;
  let source = null;

  const make = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);
  // As every page of a port: by the port's clock, wherever this screen stands.
  const port = new Intl.DateTimeFormat("en-GB", { timeZone: board.dataset.zone, timeStyle: "medium" });
  const clock = (when) => port.format(new Date(when));

  function note(arrival) {
    if (!arrival) return;
    arrivals.set(arrival.id, arrival);
    if (arrivals.size <= KEPT) return;
    for (const [id, old] of arrivals) {
      if (old.passed || !old.lane) { arrivals.delete(id); break; }
    }
  }

  function name(element, arrival) {
    element.textContent = arrival.name;
    if (board.dataset.arrival) {
      element.href = board.dataset.arrival.replace("00000000-0000-0000-0000-000000000000", arrival.id);
    }
  }

  // The first reasons in words, the others as a number: the truck's page has them all.
  function why(element, arrival, shown) {
    let reasons = arrival.route === "inspection" ? arrival.reasons : [];
    if (arrival.overridden) reasons = [{ text: arrival.overridden }];
    element.textContent = reasons.slice(0, shown).map((reason) => reason.text).join(" ");
    element.title = reasons.map((reason) => reason.text).join(" ");
    if (reasons.length > shown) element.append(` +${reasons.length - shown}`);
  }

  function renderLane(element) {
    const code = element.dataset.lane;
    const known = lanes.get(code);
    if (known) {
      element.dataset.state = known.state;
      element.dataset.route = known.route;
      element.className = `tt-lane tt-lane--${known.route}`;
      element.querySelector(".tt-lane__name").textContent = known.name;
      element.querySelector(".tt-lane__queue").textContent = known.queue;
      const seconds = known.expected_wait_seconds;
      element.querySelector(".tt-lane__wait").textContent =
        seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
    }
    const here = [...arrivals.values()].filter((one) => one.lane === code && !one.passed);
    here.sort((a, b) => (a.decided_at < b.decided_at ? -1 : 1));
    const list = element.querySelector(".tt-lane__trucks");
    list.replaceChildren(...here.slice(0, SHOWN_IN_LANE).map((one) => {
      const row = make("truck");
      row.dataset.arrivalId = one.id;
      name(row.querySelector("a"), one);
      row.querySelector(".tt-truck__carrier").textContent = one.carrier;
      why(row.querySelector(".tt-truck__why"), one, 1);
      return row;
    }));
    const more = element.querySelector(".tt-lane__more");
    more.hidden = here.length <= SHOWN_IN_LANE;
    more.textContent = document.getElementById("more").innerHTML
      .replace("{n}", String(here.length - SHOWN_IN_LANE));
  }

  function renderArrivals() {
    const newest = [...arrivals.values()].sort((a, b) => (a.received_at < b.received_at ? 1 : -1));
    const list = document.getElementById("arrivals");
    list.replaceChildren(...newest.slice(0, SHOWN_ARRIVALS).map((one) => {
      const row = make("arrival");
      row.dataset.arrivalId = one.id;
      row.dataset.route = one.route || "waiting";
      const time = row.querySelector("time");
      time.textContent = clock(one.received_at);
      time.dateTime = one.received_at;
      name(row.querySelector("a"), one);
      row.querySelector(".tt-truck__carrier").textContent = one.carrier;
      row.querySelector("strong").textContent = one.lane || "";
      why(row.querySelector(".tt-truck__why"), one, 2);
      return row;
    }));
    document.getElementById("no-arrivals").hidden = newest.length > 0;
  }

  function render() {
    timer = 0;
    // Whoever reads with the keyboard must not lose the place.
    const focused = document.activeElement;
    const id = focused && focused.closest("[data-arrival-id]")?.dataset.arrivalId;
    const within = focused && focused.closest("#arrivals") ? "#arrivals" : "#lanes";
    document.querySelectorAll("[data-lane]").forEach(renderLane);
    renderArrivals();
    if (id) document.querySelector(`${within} [data-arrival-id="${id}"] a`)?.focus();
  }

  function soon() {
    if (!timer) timer = setTimeout(render, RENDER_MS);
  }

  function alarm(message) {
    const id = message.subject.id;
    const shown = document.querySelector(`[data-alarm="${CSS.escape(id)}"]`);
    if (message.action === "alarm.closed") {
      shown?.remove();
    } else if (!shown) {
      const element = make("alarm");
      element.dataset.alarm = id;
      const link = element.querySelector("a");
      link.href = board.dataset.alarms;
      link.textContent = `${clock(message.at)} ${message.text}`;
      document.getElementById("alarms").prepend(element);
    }
  }

  function request(message) {
    const id = message.subject.id;
    const shown = document.querySelector(`[data-request="${CSS.escape(id)}"]`);
    if (message.action === "arrival.overridden") {
      shown?.remove();
    } else if (!shown) {
      const element = make("request");
      element.dataset.request = id;
      if (message.data.expires_at) element.dataset.until = message.data.expires_at;
      const link = element.querySelector("a");
      if (message.arrival) name(link, message.arrival);
      link.textContent = `${clock(message.at)} ${message.text}`;
      document.getElementById("requests").prepend(element);
    }
  }

  // A request that nobody approved in time is none any more.
  function expire() {
    for (const shown of document.querySelectorAll("[data-request][data-until]")) {
      if (new Date(shown.dataset.until) < new Date()) shown.remove();
    }
  }

  function sign() {
    const old = Date.now() - heard > STALE_MS;
    const now = old ? "stale" : source && source.readyState === 1 ? "live" : "starting";
    if (live.dataset.state === now) return;
    live.dataset.state = now;
    board.classList.toggle("tt-board--stale", old);
    document.getElementById("last-news").textContent = clock(heard);
  }

  function listen() {
    source = new EventSource(`${board.dataset.events}?after=${encodeURIComponent(place)}`);
    const on = (kind, act) => source.addEventListener(kind, (event) => {
      heard = Date.now();
      if (event.lastEventId) place = event.lastEventId;
      act(JSON.parse(event.data));
      sign();
    });
    on("hello", () => {});
    on("heartbeat", () => {});
    on("reset", () => location.reload());
    on("lanes", (found) => { lanes = new Map(found.map((lane) => [lane.code, lane])); soon(); });
    for (const kind of KINDS) {
      on(kind, (message) => {
        note(message.arrival);
        if (kind.startsWith("alarm.")) alarm(message);
        if (kind.startsWith("arrival.overrid")) request(message);
        soon();
      });
    }
    source.onerror = () => {
      sign();
      // A refusal ends an EventSource for good: come back oneself, with the place.
      if (source.readyState === 2) setTimeout(listen, 1500 + Math.random() * 1500);
    };
  }

  document.getElementById("lanes").addEventListener("keydown", (event) => {
    const cards = [...document.querySelectorAll("[data-lane]")];
    const at = cards.indexOf(event.target);
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1,
      Home: 0, End: cards.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    cards[Math.max(0, Math.min(cards.length - 1, to))].focus();
  });

  // On a truck: R refers it, F asks for the fast lane, H holds it. Only with a truck's link in
  // focus, so that no letter typed elsewhere does anything; the page there asks for the reason.
  const ORDERS = { r: "refer_reason", f: "ask_reason", h: "hold_note" };
  board.addEventListener("keydown", (event) => {
    const link = event.target.closest("a.tt-truck__name[href]");
    const field = ORDERS[event.key.toLowerCase()];
    if (!link || !field || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    location.assign(`${link.href}#${field}`);
  });

  state.arrivals.forEach(note);
  render();
  listen();
  setInterval(sign, 500);
  setInterval(expire, 5000);
  window.addEventListener("pagehide", () => source.close());
})();
