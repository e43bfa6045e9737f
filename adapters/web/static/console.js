// The console's script. Every page works without it; with it pages keep
// themselves up to date, buttons answer in place, and the phone is heard.
"use strict";
(() => {
  const body = document.body;
  const title = document.title;
  const shown = new Map(); // region id -> the server's HTML in it
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];

  // A region in which somebody types or has chosen something stays as it is.
  const busy = (region) => region.hasAttribute("data-touched") ||
    region.querySelector(":is(input, select, textarea):focus") !== null;
  document.addEventListener("input", (event) => event.target.closest("[data-live]")?.setAttribute("data-touched", ""));

  const handles = (region) => all("a, button, summary", region);

  function swap(doc) {
    for (const region of all("[data-live]")) {
      const next = doc.getElementById(region.id);
      if (!next || next.innerHTML === (shown.get(region.id) ?? region.innerHTML) || busy(region)) continue;
      shown.set(region.id, next.innerHTML);
      const open = new Set(all("details[open]", region).map((d) => d.id || d.textContent));
      const at = handles(region).indexOf(document.activeElement);
      region.replaceChildren(...next.childNodes);
      all("details", region).forEach((d) => { d.open ||= open.has(d.id || d.textContent); });
      if (at >= 0) (handles(region)[at] ?? document.getElementById("main")).focus();
    }
    ringing();
    speak();
  }

  const parse = (html) => new DOMParser().parseFromString(html, "text/html");

  let loading = false, again = false;
  async function refresh() {
    again = true;
    if (loading) return;
    loading = true;
    try {
      while (again) {
        again = false;
        const answer = await fetch(location.href);
        if (answer.redirected) return location.assign(answer.url); // to the login
        if (answer.ok) swap(parse(await answer.text()));
      }
    } catch { /* the stream tells when the server is back */ } finally { loading = false; }
  }

  // A form marked so is sent without leaving the page.
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-quick]")) return;
    event.preventDefault();
    const button = event.submitter;
    if (button?.getAttribute("aria-busy")) return;
    button?.setAttribute("aria-busy", "true");
    globalThis.speechSynthesis?.cancel();
    try {
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body: new URLSearchParams(new FormData(form, button)) });
      const url = new URL(answer.url);
      if (!answer.ok || url.pathname !== location.pathname) return location.assign(answer.ok ? url : location.href);
      history.replaceState(null, "", url);
      form.reset();
      form.closest("[data-live]")?.removeAttribute("data-touched");
      swap(parse(await answer.text()));
    } catch { offline(true); } finally { button?.removeAttribute("aria-busy"); }
  });

  // News
  const offline = (yes) => { const p = document.getElementById("offline"); if (p) p.hidden = !yes; };
  // A browser has few connections to one server, so a page that nobody sees
  // gives its own back; one of them stays to ring.
  let stream, late, bearer = !navigator.locks;
  function connect() {
    stream = new EventSource(body.dataset.events);
    stream.addEventListener("open", () => { clearTimeout(late); late = undefined; offline(false); });
    stream.addEventListener("change", refresh);
    stream.addEventListener("error", () => { late ??= setTimeout(offline, 3000, true); });
  }
  function settle() {
    if (!document.hidden || bearer) return stream ?? connect();
    stream?.close();
    stream = undefined;
  }
  if (body.dataset.events) {
    settle();
    document.addEventListener("visibilitychange", settle);
    navigator.locks?.request("tebiki-bell", () => { bearer = true; settle(); return new Promise(() => {}); });
    addEventListener("pagehide", () => stream?.close());
    addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  }

  // Sound: a browser lets a page be heard only after somebody asked for it.
  const sound = document.getElementById("sound");
  let audio, bell, flash;
  const wanted = () => localStorage.getItem("sound") === "on";
  function tellSound() {
    const on = wanted() && audio?.state === "running";
    sound.textContent = on ? sound.dataset.on : sound.dataset.off;
    sound.classList.toggle("on", on);
    sound.setAttribute("aria-pressed", on);
  }
  async function wake() {
    audio ??= new AudioContext();
    await Promise.race([audio.resume(), new Promise((done) => setTimeout(done, 300))]);
    tellSound();
  }
  if (sound && "AudioContext" in globalThis) {
    sound.hidden = false;
    sound.addEventListener("click", () => {
      const on = wanted() && audio?.state === "running";
      localStorage.setItem("sound", on ? "off" : "on");
      if (on) tellSound(); else wake().then(() => beat(0.15));
    });
    tellSound();
    if (wanted()) {
      wake();
      for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, wake, { once: true });
    }
  }

  // Two tones that beat against each other, as an old bell does.
  function beat(length) {
    if (!wanted() || audio?.state !== "running") return;
    const gain = audio.createGain(), now = audio.currentTime;
    gain.gain.setValueAtTime(0, now);
    gain.gain.linearRampToValueAtTime(0.16, now + 0.02);
    gain.gain.setValueAtTime(0.16, now + length);
    gain.gain.linearRampToValueAtTime(0, now + length + 0.05);
    gain.connect(audio.destination);
    for (const hertz of [400, 416]) {
      const tone = audio.createOscillator();
      tone.frequency.value = hertz;
      tone.connect(gain);
      tone.start(now);
      tone.stop(now + length + 0.1);
    }
  }

  function ringing() {
    const call = document.querySelector("[data-ring=mine]") ?? document.querySelector("[data-ring=other]");
    if (!call === !flash) return;
    clearInterval(flash); clearInterval(bell);
    flash = bell = undefined;
    document.title = title;
    if (!call) return;
    const text = "☎ " + call.dataset.flash;
    document.title = text;
    flash = setInterval(() => { document.title = document.title === text ? title : text; }, 1000);
    const ring = () => { if (document.querySelector("[data-ring=mine]")) beat(1); };
    ring();
    bell = setInterval(ring, 3000);
  }

  // Speech: what is new in a call is spoken once, whatever is loaded again.
  function speak() {
    const voice = globalThis.speechSynthesis, call = document.querySelector("[data-call]");
    if (!voice || !call) return voice?.cancel();
    const sentences = all("li", call), key = "said:" + call.dataset.call;
    const before = Number(sessionStorage.getItem(key));
    sessionStorage.setItem(key, sentences.length);
    for (const sentence of sentences.slice(before)) {
      const words = new SpeechSynthesisUtterance(sentence.textContent);
      words.lang = call.lang === "ja" ? "ja-JP" : "en-US";
      voice.speak(words);
    }
    call.scrollTop = call.scrollHeight;
  }

  // Completion of hosts from the inventory
  let typing;
  for (const field of all("[data-hosts]")) {
    field.addEventListener("input", () => {
      clearTimeout(typing);
      typing = setTimeout(async () => {
        const answer = await fetch(field.dataset.hosts + "?part=" + encodeURIComponent(field.value)).catch(() => null);
        if (answer?.ok) field.list.replaceChildren(...(await answer.json()).map((name) => new Option(name, name)));
      }, 150);
    });
  }

  ringing();
  speak();
})();
