// The viewer of a scan: size, place, contrast, brightness, inversion. Without it the picture stands
// whole on the page, with its marks.
(() => {
  "use strict";
  const MIN = 1, MAX = 16, STEP = 1.25, MOVE = 60;
  for (const viewer of document.querySelectorAll("[data-viewer]")) {
    const view = viewer.querySelector(".tt-viewer__window");
    const picture = viewer.querySelector(".tt-viewer__picture");
    const image = picture.querySelector("img");
    const marks = picture.querySelector("svg");
    const start = { scale: 1, x: 0, y: 0, contrast: 100, brightness: 100, invert: false, marks: true };
    let now = { ...start };

    const draw = () => {
      const box = view.getBoundingClientRect();
      const width = box.width * now.scale, height = picture.offsetHeight * now.scale;
      now.x = Math.min(0, Math.max(box.width - width, now.x));
      now.y = Math.min(0, Math.max(Math.min(0, box.height - height), now.y));
      picture.style.transform = `translate(${now.x}px, ${now.y}px) scale(${now.scale})`;
      image.style.filter =
        `invert(${now.invert ? 1 : 0}) contrast(${now.contrast}%) brightness(${now.brightness}%)`;
      marks.style.visibility = now.marks ? "visible" : "hidden";
      viewer.dataset.scale = now.scale.toFixed(2);
      for (const button of viewer.querySelectorAll("[aria-pressed]")) {
        button.setAttribute("aria-pressed", String(now[button.dataset.do]));
      }
      for (const range of viewer.querySelectorAll("[data-range]")) range.value = now[range.dataset.range];
    };

    // What lies under the pointer stays under it.
    const zoom = (factor, px = view.clientWidth / 2, py = view.clientHeight / 2) => {
      const scale = Math.min(MAX, Math.max(MIN, now.scale * factor));
      const ratio = scale / now.scale;
      now.x = px - (px - now.x) * ratio;
      now.y = py - (py - now.y) * ratio;
      now.scale = scale;
      draw();
    };
    const move = (dx, dy) => { now.x += dx; now.y += dy; draw(); };
    const actions = {
      in: () => zoom(STEP),
      out: () => zoom(1 / STEP),
      invert: () => { now.invert = !now.invert; draw(); },
      marks: () => { now.marks = !now.marks; draw(); },
      reset: () => { now = { ...start }; draw(); },
    };
    const keys = {
      "+": actions.in, "=": actions.in, "-": actions.out, i: actions.invert, m: actions.marks,
      0: actions.reset, ArrowLeft: () => move(MOVE, 0), ArrowRight: () => move(-MOVE, 0),
      ArrowUp: () => move(0, MOVE), ArrowDown: () => move(0, -MOVE),
    };

    viewer.querySelector(".tt-viewer__tools").hidden = false;
    for (const button of viewer.querySelectorAll("[data-do]")) {
      button.addEventListener("click", actions[button.dataset.do]);
    }
    for (const range of viewer.querySelectorAll("[data-range]")) {
      range.addEventListener("input", () => { now[range.dataset.range] = Number(range.value); draw(); });
    }
    view.addEventListener("keydown", (event) => {
      const action = keys[event.key];
      if (action && !event.ctrlKey && !event.metaKey && !event.altKey) { event.preventDefault(); action(); }
    });
    view.addEventListener("wheel", (event) => {
      event.preventDefault();
      const box = view.getBoundingClientRect();
      zoom(event.deltaY < 0 ? STEP : 1 / STEP, event.clientX - box.left, event.clientY - box.top);
    }, { passive: false });

    // One finger or the mouse moves, two fingers change the size.
    const fingers = new Map();
    let spread = 0;
    const distance = () => {
      const [a, b] = [...fingers.values()];
      return Math.hypot(a.x - b.x, a.y - b.y);
    };
    view.addEventListener("pointerdown", (event) => {
      view.setPointerCapture(event.pointerId);
      fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (fingers.size === 2) spread = distance();
    });
    view.addEventListener("pointermove", (event) => {
      const before = fingers.get(event.pointerId);
      if (!before) return;
      fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (fingers.size === 1) move(event.clientX - before.x, event.clientY - before.y);
      if (fingers.size === 2) {
        const wide = distance();
        if (spread > 0) zoom(wide / spread);
        spread = wide;
      }
    });
    for (const end of ["pointerup", "pointercancel"]) {
      view.addEventListener(end, (event) => fingers.delete(event.pointerId));
    }
    window.addEventListener("resize", draw);
    draw();
  }
})();
