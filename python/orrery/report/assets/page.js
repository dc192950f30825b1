"use strict";
// The page's behaviour: draws charts when they come into view, switches between cases and between
// light and dark, copies tables and saves charts. Everything it needs is in the page itself.
(function () {
  const report = JSON.parse(document.getElementById("report-data").textContent);
  const root = document.documentElement;
  const status = document.getElementById("status");
  const chooser = document.getElementById("group");
  const views = new Map(); // figure id -> vega view
  const drawings = new Map(); // figure id -> promise of the drawing that is under way
  const seen = new Set(); // figures that have been in view

  const say = (text) => { status.textContent = text; };
  const group = () => (chooser ? report.groups[chooser.selectedIndex] : report.groups[0]);
  const tablesOf = (id) => report.figures[id].data[group()] || report.figures[id].data["*"] || {};
  const isEmpty = (id) => !Object.values(tablesOf(id)).some((table) => rowsOf(table).length);

  // Columns to rows. What repeats is kept as indexes into a list, what is always the same once.
  function rowsOf(table) {
    const names = Object.keys(table);
    const columns = names.map((name) => {
      const column = table[name];
      if (Array.isArray(column)) return column;
      return column.at ? column.at.map((i) => column.of[i]) : Array(column.count).fill(column.all);
    });
    const count = columns.length ? columns[0].length : 0;
    return Array.from({ length: count }, (_, i) =>
      Object.fromEntries(names.map((name, c) => [name, columns[c][i]])));
  }

  function specOf(id) {
    const spec = JSON.parse(JSON.stringify(report.specs[report.figures[id].spec]));
    const datasets = {};
    for (const [name, table] of Object.entries(tablesOf(id))) datasets[name] = rowsOf(table);
    spec.datasets = Object.assign({}, spec.datasets, datasets);
    const config = JSON.parse(JSON.stringify(report.themes[root.dataset.theme]));
    const width = document.getElementById(id).clientWidth;
    config.legend.columns = Math.max(2, Math.floor(width / 135));
    if (width < 420) {
      config.axisY = Object.assign({}, config.axisY, { labelLimit: 96 });
      config.legend.labelLimit = 105;
    }
    const rows = spec.usermeta && spec.usermeta.rowHeight;
    if (rows) {
      const named = datasets.rows.map((row) => row[spec.usermeta.rowField]);
      spec.height = rows * Math.max(1, new Set(named).size);
    }
    spec.config = Object.assign({}, spec.config, config);
    return spec;
  }

  async function drawNow(id) {
    const figure = document.getElementById(id);
    const place = figure.querySelector(".chart");
    figure.hidden = isEmpty(id); // this case has nothing of it
    if (figure.hidden) {
      figure.dataset.drawn = group() + "|" + root.dataset.theme;
      return;
    }
    try {
      const result = await vegaEmbed(place, specOf(id), { actions: false, renderer: "svg" });
      if (views.has(id)) views.get(id).finalize();
      views.set(id, result.view);
      // One picture with one description: its parts say nothing to a screen reader.
      place.removeAttribute("aria-roledescription");
      for (const svg of place.querySelectorAll("svg")) svg.setAttribute("aria-hidden", "true");
      figure.dataset.drawn = group() + "|" + root.dataset.theme;
      const details = figure.querySelector("details");
      if (details.open) fillTable(figure);
    } catch (error) {
      place.textContent = "This chart could not be drawn: " + error.message;
      console.error(id, error);
    }
  }

  // Drawings of one figure come one after the other: the last one wins.
  function draw(id) {
    seen.add(id);
    const last = (drawings.get(id) || Promise.resolve()).then(() => drawNow(id));
    drawings.set(id, last);
    return last;
  }
  const drawAll = () => Promise.all(Object.keys(report.figures).map(draw));
  const redraw = () => Promise.all([...seen].map(draw));

  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting || seen.has(entry.target.id)) continue;
      draw(entry.target.id);
    }
  }, { rootMargin: "500px 0px" });
  for (const id of Object.keys(report.figures)) observer.observe(document.getElementById(id));

  // The data behind a chart, for those who cannot see it.
  function fillTable(figure) {
    const place = figure.querySelector("details .scroll");
    const rows = rowsOf(Object.values(tablesOf(figure.id))[0]);
    const columns = rows.length ? Object.keys(rows[0]).filter((name) => name !== "order") : [];
    const step = Math.max(1, Math.ceil(rows.length / 120));
    const table = document.createElement("table");
    const caption = table.createCaption();
    caption.className = "visually-hidden";
    caption.textContent = figure.querySelector("h3").textContent + ", data";
    const head = table.createTHead().insertRow();
    for (const name of columns) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = name.replace(/_/g, " ");
      head.append(cell);
    }
    const body = table.createTBody();
    for (let i = 0; i < rows.length; i += step) {
      const line = body.insertRow();
      for (const name of columns) {
        const value = rows[i][name];
        const cell = line.insertCell();
        cell.textContent = value === null ? "–" : String(value);
        if (typeof value === "number") cell.className = "number";
      }
    }
    place.replaceChildren(table);
    figure.querySelector("details .thinned").hidden = step === 1;
  }

  // Cases
  function showGroup() {
    for (const body of document.querySelectorAll("tbody[data-group]")) {
      body.hidden = body.dataset.group !== group() && body.dataset.group !== "*";
    }
    for (const place of document.querySelectorAll(".group-name")) place.textContent = group();
    return redraw();
  }
  if (chooser) {
    chooser.addEventListener("change", () => { showGroup(); say("Showing " + group()); });
    for (const button of document.querySelectorAll("[data-step]")) {
      button.addEventListener("click", () => {
        const count = chooser.options.length;
        chooser.selectedIndex = (chooser.selectedIndex + Number(button.dataset.step) + count) % count;
        showGroup();
        say("Showing " + group());
      });
    }
  }

  // Light and dark
  const theme = document.getElementById("theme");
  function setTheme(name) {
    root.dataset.theme = name;
    theme.setAttribute("aria-pressed", String(name === "dark"));
    return redraw();
  }
  theme.addEventListener("click", () => {
    const name = root.dataset.theme === "dark" ? "light" : "dark";
    try { localStorage.setItem("orrery-theme", name); } catch (_) { /* not remembered then */ }
    setTheme(name);
  });
  theme.setAttribute("aria-pressed", String(root.dataset.theme === "dark"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => {
    let chosen = null;
    try { chosen = localStorage.getItem("orrery-theme"); } catch (_) { /* nothing chosen */ }
    if (!chosen) setTheme(event.matches ? "dark" : "light");
  });

  // Saving and copying
  function save(name, content, type) {
    const link = document.createElement("a");
    link.download = name;
    link.href = type ? URL.createObjectURL(new Blob([content], { type })) : content;
    link.click();
    if (type) setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    say("Saved " + name);
  }
  async function saveChart(id, kind) {
    if (!views.has(id)) await draw(id);
    const view = views.get(id);
    if (kind === "svg") save(id + ".svg", await view.toSVG(), "image/svg+xml");
    else save(id + ".png", await view.toImageURL("png", 2));
  }
  async function copy(text, what) {
    try {
      await navigator.clipboard.writeText(text);
    } catch (_) { // pages opened from a file may not be allowed to: the old way
      const area = document.createElement("textarea");
      area.value = text;
      area.style.position = "fixed";
      area.style.opacity = "0";
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    say("Copied as " + what);
  }
  function linesOf(table) {
    const text = (cell) => cell.textContent.trim();
    const rows = [...table.querySelectorAll("tbody:not([hidden]) tr")];
    return {
      head: [...table.querySelectorAll("thead th")].map(text),
      right: [...table.querySelectorAll("thead th")].map((c) => c.classList.contains("number")),
      rows: rows.map((row) => [...row.cells].map(text)),
    };
  }
  function markdownOf(table) {
    const { head, right, rows } = linesOf(table);
    const line = (cells) => "| " + cells.map((c) => c.replace(/\|/g, "\\|")).join(" | ") + " |";
    const rule = "|" + right.map((is) => (is ? "---:" : ":---")).join("|") + "|";
    return [line(head), rule, ...rows.map(line)].join("\n") + "\n";
  }
  function latexOf(table) {
    const { head, right, rows } = linesOf(table);
    const marks = { "…": "\\ldots{}", "–": "--", "−": "$-$", "<": "$<$", ">": "$>$", "∞": "$\\infty$",
      "\u202f": "\\,", "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}" };
    const cell = (text) => text.replace(/[_%&#${}]/g, "\\$&").replace(/[…–−<>∞\u202f~^]/g, (c) => marks[c]);
    const line = (cells) => cells.map(cell).join(" & ") + " \\\\";
    return ["\\begin{tabular}{" + right.map((is) => (is ? "r" : "l")).join("") + "}", "\\toprule",
      line(head), "\\midrule", ...rows.map(line), "\\bottomrule", "\\end{tabular}"].join("\n") + "\n";
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-save],button[data-copy],button[data-document]");
    if (!button) return;
    if (button.dataset.save) saveChart(button.closest("figure").id, button.dataset.save);
    if (button.dataset.document) {
      const text = document.getElementById(button.dataset.document).textContent;
      if (button.dataset.name) save(button.dataset.name, text, "application/json");
      else copy(text, "text");
    }
    if (button.dataset.copy) {
      const table = button.closest(".table").querySelector("table");
      const is_latex = button.dataset.copy === "latex";
      copy(is_latex ? latexOf(table) : markdownOf(table), is_latex ? "LaTeX" : "Markdown");
    }
  });
  for (const details of document.querySelectorAll("figure details")) {
    details.addEventListener("toggle", () => { if (details.open) fillTable(details.closest("figure")); });
  }

  // Where the reader is
  const links = new Map([...document.querySelectorAll("nav.contents a")].map((a) => [a.hash.slice(1), a]));
  const sections = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const link of links.values()) link.removeAttribute("aria-current");
      const link = links.get(entry.target.id);
      if (link) link.setAttribute("aria-current", "true");
    }
  }, { rootMargin: "-10% 0px -75% 0px" });
  for (const section of document.querySelectorAll("main section")) sections.observe(section);
  const contents = document.querySelector("nav.contents details");
  if (contents && matchMedia("(min-width: 1120px)").matches) contents.open = true;

  let width = window.innerWidth;
  window.addEventListener("resize", () => {
    if ((window.innerWidth < 600) !== (width < 600)) redraw();
    width = window.innerWidth;
  });
  window.addEventListener("beforeprint", () => { drawAll(); });
  window.orreryReport = { drawAll, draw, markdownOf, latexOf, figures: Object.keys(report.figures) };
})();
