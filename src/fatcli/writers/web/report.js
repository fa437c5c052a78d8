"use strict";

// The table of violations: filtered, sorted and shown a step at a time, from the data beside it.
{
  const holder = document.getElementById("data");
  if (holder) start(JSON.parse(holder.textContent));

  function start({ step, fields, texts }) {
    const byId = (id) => document.getElementById(id);
    const [form, search, status, body, more, template] = ["filters", "search", "status", "rows", "more", "row"].map(byId);
    const language = document.documentElement.lang;
    const collator = new Intl.Collator(language, { numeric: true });
    const number = new Intl.NumberFormat(language === "sv" ? "sv-SE" : "en-GB");
    const everything = fields.rule.at.map((_, row) => row);
    const selects = [...form.querySelectorAll("[data-filter]")];
    const headings = [...document.querySelectorAll("th[data-sort]")];
    const text = (field, row) => fields[field].values[fields[field].at[row]];

    let haystack; // made when it is first searched: most readers never do
    let sorting = { by: "place", turn: 1 };
    let found = everything;
    let shown = body.children.length;

    const fill = (template, values) => template.replace(/\{(\w+)\}/g, (_, name) => number.format(values[name]));

    function matching() {
      const words = search.value.toLocaleLowerCase(language).split(/\s+/).filter(Boolean);
      if (words.length && !haystack) {
        haystack = everything.map((row) => Object.keys(fields).map((field) => text(field, row)).join("\n").toLocaleLowerCase(language));
      }
      const wanted = selects.filter((select) => select.value).map((select) => [fields[select.dataset.filter].at, Number(select.value)]);
      return everything.filter((row) => wanted.every(([at, value]) => at[row] === value) && words.every((word) => haystack[row].includes(word)));
    }

    // Each different value is ranked once; rows that are alike keep the order of their places.
    function ranks(field) {
      const grades = ["error", "warning", "info"];
      const compare = field === "severity" ? (a, b) => grades.indexOf(a) - grades.indexOf(b) : collator.compare;
      const { values, at } = fields[field];
      const order = values.map((_, place) => place).sort((a, b) => !values[a] - !values[b] || compare(values[a], values[b]));
      const rank = [];
      order.forEach((place, position) => { rank[place] = position; });
      return at.map((place) => rank[place]);
    }

    function sorted(rows) {
      if (sorting.by === "place") return sorting.turn > 0 ? rows : rows.toReversed();
      const rank = ranks(sorting.by);
      return rows.toSorted((a, b) => sorting.turn * (rank[a] - rank[b]) || a - b);
    }

    function element(row) {
      const copy = template.content.firstElementChild.cloneNode(true);
      copy.dataset.severity = text("severity", row);
      for (const part of copy.querySelectorAll("[data-field]")) part.textContent = text(part.dataset.field, row);
      return copy;
    }

    function append(from) {
      const page = document.createDocumentFragment();
      for (const row of found.slice(from, shown)) page.append(element(row));
      body.append(page);
    }

    function tell() {
      const left = found.length - shown;
      const counts = { found: found.length, all: everything.length, shown, next: Math.min(step, left) };
      status.textContent = found.length ? fill(left ? texts.part : texts.all, counts) : texts.none;
      more.textContent = fill(texts.more, counts);
      more.hidden = !left;
    }

    function show() {
      found = sorted(matching());
      shown = Math.min(step, found.length);
      body.replaceChildren();
      append(0);
      tell();
    }

    function sortBy(field) {
      sorting = { by: field, turn: sorting.by === field ? -sorting.turn : 1 };
      for (const heading of headings) {
        const turned = heading.dataset.sort === field;
        heading.setAttribute("aria-sort", turned ? (sorting.turn > 0 ? "ascending" : "descending") : "none");
      }
      show();
    }

    for (const heading of headings) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = heading.dataset.printed = heading.textContent;
      button.addEventListener("click", () => sortBy(heading.dataset.sort));
      heading.replaceChildren(button);
      heading.setAttribute("aria-sort", heading.dataset.sort === sorting.by ? "ascending" : "none");
    }
    let waiting;
    search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(show, 120); });
    for (const select of selects) select.addEventListener("change", show);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(show));
    more.addEventListener("click", () => {
      const from = shown;
      shown = Math.min(shown + step, found.length);
      append(from);
      tell();
      body.children[from].querySelector("summary").focus();
    });
    for (const link of document.querySelectorAll("[data-pick]")) {
      link.addEventListener("click", () => {
        form.reset(); // which shows the table anew, when the choice below is made
        selects.find((select) => select.dataset.filter === link.dataset.pick).value = link.dataset.at;
      });
    }
    form.hidden = false;
    tell();
  }
}
