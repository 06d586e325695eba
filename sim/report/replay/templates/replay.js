"use strict";
// Plays the animation of each raid on the page. Without it the page shows how each raid ended.

for (const data of document.querySelectorAll("script.animation")) play(JSON.parse(data.textContent), data.parentElement);

function play(animation, figure) {
  const SECONDS = 24; // of the whole raid at the middle speed
  const STEPS = 24; // where the reader's system asks for less motion
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const drones = animation.drones, n = drones.track.length;
  const states = [...animation.under_way, ...animation.fates];
  const views = [...figure.querySelectorAll("svg.view")];
  const paths = views.map((view) => states.map((state) => view.querySelector(`[data-state="${state}"]`)));
  const counters = states.map((state) => figure.querySelector(`.counts [data-state="${state}"] b`));
  const fires = Array.from({ length: n }, (_, k) => animation.fires[k] || []);
  let shapes = [], now = animation.ends, playing = false, last = 0;

  const bar = document.createElement("div");
  bar.className = "player";
  bar.tabIndex = 0;
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "Player of the raid: space plays and stops, arrows move");
  bar.innerHTML =
    '<button type="button">Play</button><input type="range" min="0" step="any" aria-label="Minutes after the start">' +
    '<output></output><label>Speed <select><option value="0.25">¼</option><option value="0.5">½</option>' +
    '<option value="1" selected>1</option><option value="2">2</option><option value="4">4</option></select></label>' +
    "<small></small>";
  figure.prepend(bar);
  const [button, slider, clock, speed, hint] =
    ["button", "input", "output", "select", "small"].map((tag) => bar.querySelector(tag));
  slider.max = animation.ends;

  function size() { // marks keep their size on a phone, where the picture is smaller
    shapes = views.map((view) => {
      const wide = view.viewBox.baseVal.width, shown = view.clientWidth || wide;
      const radius = animation.radius * Math.min(Math.max(wide / shown, 1), 1.7);
      return states.map((state) => {
        const at = animation.shapes[state];
        let x = 0, y = 0, path = "";
        for (let k = 0; k < at.length; k += 2) {
          path += `${k ? "l" : "m"}${(radius * (at[k] - x)).toFixed(2)} ${(radius * (at[k + 1] - y)).toFixed(2)}`;
          x = at[k]; y = at[k + 1];
        }
        return path + "z";
      });
    });
  }

  function stateOf(k) { // -1 before the start, else a place in states
    if (now < drones.starts[k]) return -1;
    if (now >= drones.ends[k]) return animation.under_way.length + drones.fate[k];
    const shots = fires[k];
    for (let i = 0; i < shots.length; i += 2) if (now >= shots[i] && now < shots[i + 1]) return 2;
    return drones.seen[k] !== null && now >= drones.seen[k] ? 1 : 0;
  }

  function placeOf(k) {
    const track = animation.tracks[drones.track[k]], steps = (track.length - 1) / 2 - 1;
    const flies = drones.flies[k], flown = Math.min(now, drones.ends[k]) - drones.starts[k];
    const part = flies > 0 ? Math.min(flown / flies, 1) : 0;
    const at = Math.min(Math.floor(part * steps), steps - 1), rest = part * steps - at, i = 1 + 2 * at;
    const ahead = [track[i + 2] - track[i], track[i + 3] - track[i + 1]];
    const bow = drones.aside[k] * Math.min(1, 6 * Math.min(part, 1 - part)) / (Math.hypot(...ahead) || 1);
    const crowd = flies > 0 ? part ** 6 : 1;
    return [track[i] + rest * ahead[0] - bow * ahead[1] + crowd * drones.dx[k],
      track[i + 1] + rest * ahead[1] + bow * ahead[0] + crowd * drones.dy[k]];
  }

  function draw() {
    const marks = views.map(() => states.map(() => "")), counts = states.map(() => 0);
    for (let k = 0; k < n; k++) {
      const state = stateOf(k);
      if (state < 0) continue;
      if (k < animation.count) counts[state]++;
      const view = animation.tracks[drones.track[k]][0], [x, y] = placeOf(k);
      marks[view][state] += `M${x.toFixed(1)} ${y.toFixed(1)}${shapes[view][state]}`;
    }
    marks.forEach((view, v) => view.forEach((path, s) => paths[v][s].setAttribute("d", path)));
    counts.forEach((count, s) => { if (counters[s]) counters[s].textContent = count; });
    slider.value = now;
    clock.textContent = words(now);
    slider.setAttribute("aria-valuetext", words(now));
    button.textContent = playing ? "Stop" : "Play";
  }

  function words(minutes) {
    if (animation.ends < 60) return `${minutes.toFixed(1)} of ${animation.ends.toFixed(1)} min`;
    const whole = Math.round(minutes);
    return `${whole} of ${Math.round(animation.ends)} min (${Math.floor(whole / 60)} h ${String(whole % 60).padStart(2, "0")})`;
  }

  function perSecond() { return animation.ends / SECONDS * Number(speed.value); }

  function tell() {
    const rate = perSecond(), said = rate < 10 ? rate.toPrecision(2) : Math.round(rate);
    hint.textContent = `Minutes after the start of the raid. A second shows ${said} min` +
      (still.matches ? ", in steps, as your system asks for less motion." : ".") +
      " Space plays and stops, arrows move, Home and End jump.";
  }

  function frame(time) {
    if (!playing) return;
    const passed = Math.min((time - last) / 1000, 0.25), pause = SECONDS / STEPS / Number(speed.value);
    if (!still.matches || (time - last) / 1000 >= pause) {
      last = time;
      go(now + (still.matches ? animation.ends / STEPS : passed * perSecond()));
    }
    requestAnimationFrame(frame);
  }

  function go(minutes) {
    now = Math.min(Math.max(minutes, 0), animation.ends);
    if (now >= animation.ends) playing = false;
    draw();
  }

  function toggle() {
    playing = !playing;
    if (playing && now >= animation.ends) now = 0;
    last = performance.now();
    draw();
    if (playing) requestAnimationFrame(frame);
  }

  button.addEventListener("click", toggle);
  speed.addEventListener("change", tell);
  slider.addEventListener("input", () => { playing = false; go(Number(slider.value)); });
  still.addEventListener("change", tell);
  bar.addEventListener("keydown", (event) => {
    if (event.target === speed || event.altKey || event.ctrlKey || event.metaKey) return;
    const step = animation.ends / (event.shiftKey ? 20 : 100);
    const moves = { ArrowRight: now + step, ArrowUp: now + step, ArrowLeft: now - step, ArrowDown: now - step,
      Home: 0, End: animation.ends };
    if (event.key === " " && event.target !== button) toggle();
    else if (event.key in moves) { playing = false; go(moves[event.key]); }
    else return;
    event.preventDefault();
  });
  addEventListener("resize", () => { size(); draw(); });
  addEventListener("beforeprint", () => { playing = false; go(animation.ends); });

  size();
  tell();
  draw();
}
