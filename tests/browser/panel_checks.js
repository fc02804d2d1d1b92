// What can be measured of a panel in the page: whether it fits, whether it can be read, and whether it keeps its place.
// Evaluates to an object of functions; the panel is the page's last one.
(() => {
  const panel = () => [...document.querySelectorAll(".ag-panel")].at(-1);
  const named = (node) => {
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    return `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""} ${element.textContent.trim().slice(0, 40)}`;
  };
  const isShown = (element) =>
    element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !element.closest(".ag-vh, .ag-lock span, style");
  // Of a drawing only its texts are looked at: its lines are cut at the axis.
  const elements = () => [...panel().querySelectorAll("*")].filter((one) => isShown(one) && !one.closest("svg *"));
  const scrolls = (element) => element.closest(".ag-scroll, pre");

  // Every line of every text, and every field, with where it stands.
  function pieces() {
    const walker = document.createTreeWalker(panel(), NodeFilter.SHOW_TEXT);
    const found = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (!node.data.trim() || !isShown(node.parentElement) || scrolls(node.parentElement)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const rect of range.getClientRects()) found.push({ node, rect });
    }
    for (const field of panel().querySelectorAll("input, select")) {
      if (isShown(field)) found.push({ node: field, rect: field.getBoundingClientRect() });
    }
    return found.filter(({ rect }) => rect.width > 1 && rect.height > 1);
  }

  function beyond() {
    const { left, right } = panel().getBoundingClientRect();
    const out = ({ rect }) => rect.right > right + 1 || rect.left < left - 1;
    const boxes = elements().filter((one) => !scrolls(one) || one.matches(".ag-scroll, pre"));
    const rects = boxes.map((node) => ({ node, rect: node.getBoundingClientRect() }));
    return [...rects, ...pieces()].filter(out).map(({ node }) => named(node));
  }

  // Cut and without a title that has the whole text.
  function cutOff() {
    const isCut = (one) =>
      !one.matches(".ag-scroll, pre") &&
      getComputedStyle(one).overflowX !== "visible" &&
      one.scrollWidth > one.clientWidth + 1 &&
      !one.closest("[title]:not([title=''])");
    return elements().filter(isCut).map(named);
  }

  function overlapping() {
    const all = pieces();
    const found = [];
    for (const [index, one] of all.entries()) {
      for (const other of all.slice(index + 1)) {
        if (one.node === other.node || one.node.contains(other.node) || other.node.contains(one.node)) continue;
        const width = Math.min(one.rect.right, other.rect.right) - Math.max(one.rect.left, other.rect.left);
        const height = Math.min(one.rect.bottom, other.rect.bottom) - Math.max(one.rect.top, other.rect.top);
        if (width > 2 && height > 3) found.push(`${named(one.node)} | ${named(other.node)}`);
      }
    }
    return found;
  }

  // As the page paints it: the canvas understands every way to write a colour.
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  function painted(colours) {
    context.clearRect(0, 0, 1, 1);
    for (const colour of colours) {
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
    }
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  }
  function luminance(rgb) {
    const [r, g, b] = rgb.map((one) => one / 255).map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }
  function contrast(element) {
    const behind = [];
    for (let one = element; one; one = one.parentElement) behind.unshift(getComputedStyle(one).backgroundColor);
    const style = getComputedStyle(element);
    const ink = element.closest("svg") ? style.fill : style.color;
    const [dark, light] = [painted(behind), painted([...behind, ink])].map(luminance).sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  }
  // WCAG 2.2, 1.4.3: 4.5 for text; what is switched off is exempt.
  function faint() {
    const texts = pieces().map(({ node }) => (node.nodeType === Node.TEXT_NODE ? node.parentElement : node));
    const isOff = (one) => one.closest(":disabled, .ag-waiting") || (one.matches("label") && one.control?.disabled);
    const bad = [...new Set(texts)].filter((one) => !isOff(one) && contrast(one) < 4.5);
    return bad.map((one) => `${contrast(one).toFixed(2)} ${named(one)}`);
  }

  // Where the parts stand in the panel, at every frame until it is stopped; and what the browser calls a layout shift.
  function watch(parts) {
    const seen = Object.fromEntries(parts.map((part) => [part, new Set()]));
    const kept = { seen, shifts: [], frames: 0, stopped: false };
    const hear = (list) => {
      for (const entry of list.getEntries()) {
        const own = entry.sources.filter(({ node }) => node && panel()?.contains(node));
        if (own.length && !entry.hadRecentInput) kept.shifts.push([entry.value, own.map(({ node }) => named(node))]);
      }
    };
    const observer = new PerformanceObserver(hear);
    observer.observe({ type: "layout-shift" });
    function look() {
      if (kept.stopped) return;
      const top = panel()?.getBoundingClientRect().top;
      for (const part of parts) {
        const found = panel()?.querySelector(part);
        if (found) seen[part].add(Math.round(found.getBoundingClientRect().top - top));
      }
      kept.frames += 1;
      requestAnimationFrame(look);
    }
    look();
    return () => {
      kept.stopped = true;
      hear({ getEntries: () => observer.takeRecords() });
      observer.disconnect();
      const places = Object.fromEntries(parts.map((part) => [part, [...seen[part]]]));
      return { places, shifts: kept.shifts, frames: kept.frames };
    };
  }

  return { beyond, cutOff, overlapping, faint, watch, panel };
})()
