// What a person with a ruler and a colour meter would find wrong. Evaluates to an object of functions.
(() => {
  const number = (text) => text.match(/[\d.]+/g).map(Number);
  const colour = (text) => {
    if (text === "transparent") return [0, 0, 0, 0];
    const parts = number(text);
    return [...parts.slice(0, 3), parts.length > 3 ? parts[3] : 1];
  };
  const over = (top, under) => under.map((u, i) => (i === 3 ? 1 : top[i] * top[3] + u * (1 - top[3])));
  const luminance = ([r, g, b]) => {
    const linear = (c) => ((c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  };
  const contrast = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const grey = ([r, g, b, a]) => { const v = 0.2126 * r + 0.7152 * g + 0.0722 * b; return [v, v, v, a]; };

  function texts() {
    const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement, style = getComputedStyle(parent);
      if (!node.data.trim() || ["SCRIPT", "STYLE", "NOSCRIPT"].includes(parent.tagName)) continue;
      // What is folded away has boxes and is not seen.
      if (!parent.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }) || parent.closest(".skip")) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const boxes = [...range.getClientRects()].filter((box) => box.width > 0 && box.height > 0);
      if (boxes.length) found.push({ node, parent, style, boxes, words: node.data.trim().slice(0, 60) });
    }
    return found;
  }

  // Grounds from the outermost to the element's own, each over the one before.
  function ground(element) {
    const chain = [];
    for (let e = element; e; e = e.parentElement) chain.unshift(e);
    let under = [255, 255, 255, 1];
    for (const e of chain) {
      const style = getComputedStyle(e);
      if (style.backgroundImage !== "none") return null;
      under = over(colour(style.backgroundColor), under);
    }
    return under;
  }

  function faint(least) {
    const problems = [];
    for (const { parent, style, words } of texts()) {
      let under = ground(parent), ink = colour(style.color), opacity = 1;
      for (let e = parent; e; e = e.parentElement) opacity *= Number(getComputedStyle(e).opacity);
      if (!under) { problems.push(words + ": on a picture"); continue; }
      ink = over([...ink.slice(0, 3), ink[3] * opacity], under);
      for (let e = parent; e; e = e.parentElement) {
        if (getComputedStyle(e).filter === "grayscale(1)") { ink = grey(ink); under = grey(under); }
      }
      const found = contrast(ink, under);
      if (found < least) problems.push(`${words}: contrast ${found.toFixed(2)}, ${style.color} on ${under}`);
    }
    return problems;
  }

  function cut() {
    const problems = [], wide = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > wide) problems.push(`the page is ${document.documentElement.scrollWidth} wide, the window ${wide}`);
    for (const { parent, boxes, words } of texts()) {
      if (boxes.some((box) => box.left < -0.5 || box.right > wide + 0.5)) problems.push(words + ": outside of the window");
      for (let e = parent; e && e !== document.body; e = e.parentElement) {
        const style = getComputedStyle(e), box = e.getBoundingClientRect();
        if (style.overflowX === "visible" || e.tagName === "PROGRESS") continue;
        if (boxes.some((b) => b.left < box.left - 1 || b.right > box.right + 1)) problems.push(words + ": cut by " + e.tagName);
      }
    }
    return problems;
  }

  function overlapping() {
    const all = texts().flatMap((t) => t.boxes.map((box) => ({ ...t, box }))).sort((a, b) => a.box.top - b.box.top);
    const problems = [];
    all.forEach((one, i) => {
      for (let k = i + 1; k < all.length && all[k].box.top < one.box.bottom; k++) {
        const other = all[k];
        if (other.node === one.node) continue;
        const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        // Boxes of lines that follow each other closely touch; letters overlap only when boxes do by more.
        if (across > 1 && down > 4) problems.push(`${one.words} | ${other.words}`);
      }
    });
    return problems;
  }

  function outline() {
    const problems = [], ids = new Set();
    let level = 0;
    for (const h of document.querySelectorAll("h1, h2, h3, h4")) {
      const now = Number(h.tagName[1]);
      if (now > level + 1) problems.push(`${h.textContent}: h${now} under h${level}`);
      level = now;
    }
    for (const e of document.querySelectorAll("[id]")) { if (ids.has(e.id)) problems.push("twice: " + e.id); ids.add(e.id); }
    for (const e of document.querySelectorAll("a, button, input")) {
      const name = e.textContent.trim() || (e.labels && e.labels[0] && e.labels[0].textContent.trim());
      if (!name) problems.push("without a name: " + e.outerHTML.slice(0, 80));
    }
    for (const e of document.querySelectorAll("[role=img], progress")) if (!e.getAttribute("aria-label")) problems.push("without a label: " + e.className);
    const live = [...document.querySelectorAll("[aria-live=polite]")].map((e) => e.closest("section").id).join();
    if (live !== "notices") problems.push("announced: " + live);
    return problems;
  }

  const say = (card, what) => card.querySelector(what).textContent;
  const cards = () => [...document.querySelectorAll(".card")].map((card) => ({
    id: card.dataset.id,
    state: say(card, ".state"),
    tasks: [...card.querySelectorAll(".tasks svg")].map((svg) => svg.getAttribute("class")),
    said: say(card, ".tasks > p"),
    desired: say(card, ".range b"),
    label: card.querySelector(".range").getAttribute("aria-label"),
    why: [...card.querySelectorAll(".why > *")].map((e) => e.textContent),
    meters: [...card.querySelectorAll(".meters b")].map((e) => e.textContent),
    deploy: card.querySelector(".deploy").hidden ? null : say(card, ".deploy"),
    top: card.getBoundingClientRect().top + scrollY,
  }));
  const items = (where) => [...document.querySelectorAll(`#${where} .item`)].map((e) => e.innerText.replace(/\s+/g, " "));

  // Writes to the document until a condition, or for a time.
  function writes(milliseconds) {
    return new Promise((done) => {
      let n = 0;
      const observer = new MutationObserver((records) => { n += records.length; });
      observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
      setTimeout(() => { n += observer.takeRecords().length; observer.disconnect(); done(n); }, milliseconds);
    });
  }

  // How different the element looks when it has the focus.
  function ring() {
    const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
    const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    const clear = contrast(colour(style.outlineColor), ground(e.parentElement)) >= 3;
    return { name: e.textContent.trim() || e.id || e.tagName, seen: (seen && clear) || e.classList.contains("skip"), inside: box.width > 0 && box.left >= 0 };
  }

  return { faint, cut, overlapping, outline, cards, items, writes, ring };
})()
