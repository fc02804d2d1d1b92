const KEY = "automl_gpt_magic";
const PUSH_DELAY = 400;
const NOTHING = { cells: [], inserted: [], written: [], refused: [] };

const tag = (cell) => cell.getMetadata(KEY) ?? {};
const byId = (shared, id) => shared.cells.find((cell) => cell.id === id);

// Not crypto.randomUUID: it is missing where the page is served over plain http.
function newPlan() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// A magic cell that was cut and pasted has a new id: the plan of the last answer still finds it.
function findAnchor(shared, id, plan) {
  const isMagic = (cell) => plan && tag(cell).plan === plan && !tag(cell).stage;
  return byId(shared, id) ?? shared.cells.find(isMagic);
}

// The first task of a magic cell writes nothing of its place: notebooks from before there were more have none.
const placeOf = (own) => own.task ?? 0;

// Of two cells with the same task and stage, the first below the anchor is ours.
function ownCells(shared, plan, task, anchor) {
  const start = shared.cells.indexOf(anchor);
  const ordered = [...shared.cells.slice(start + 1), ...shared.cells.slice(0, Math.max(start, 0))];
  const own = new Map();
  for (const cell of ordered) {
    const { plan: other, stage } = tag(cell);
    const isOurs = cell.cell_type === "code" && other === plan && placeOf(tag(cell)) === task;
    if (isOurs && stage && !own.has(stage)) own.set(stage, cell);
  }
  return own;
}

function tasksOf(shared, plan) {
  return new Set(shared.cells.filter((cell) => tag(cell).plan === plan).map((cell) => placeOf(tag(cell))));
}

// A magic cell whose recorded id is another cell's is a copy and gets a plan of its own; otherwise it was moved.
function identify(shared, anchor) {
  const known = tag(anchor);
  if (known.plan && known.anchor === anchor.id) return known.plan;
  const copied = !known.plan || known.stage || byId(shared, known.anchor);
  const plan = copied ? newPlan() : known.plan;
  anchor.setMetadata(KEY, { plan, anchor: anchor.id });
  for (const task of tasksOf(shared, plan)) {
    for (const cell of ownCells(shared, plan, task, anchor).values()) {
      cell.setMetadata(KEY, { ...tag(cell), anchor: anchor.id });
    }
  }
  return plan;
}

// The cells of a task stand below those of the tasks before it.
function lastBefore(shared, plan, task, anchor) {
  const earlier = [...tasksOf(shared, plan)].filter((other) => other < task);
  const cells = earlier.flatMap((other) => [...ownCells(shared, plan, other, anchor).values()]);
  const places = [anchor, ...cells].map((cell) => shared.cells.indexOf(cell));
  return shared.cells[Math.max(...places)];
}

function insertMissing(shared, plan, task, anchor, cells) {
  const own = ownCells(shared, plan, task, anchor);
  const inserted = [];
  // `shared.cells` does not change before the transaction ends.
  const order = [...shared.cells];
  let previous = lastBefore(shared, plan, task, anchor);
  for (const { stage, source, metadata } of cells) {
    if (!own.has(stage)) {
      const data = { plan, anchor: anchor.id, ...(task ? { task } : {}), stage, ...metadata };
      const cell = { cell_type: "code", source, metadata: { trusted: false, [KEY]: data } };
      const place = order.indexOf(previous) + 1;
      own.set(stage, shared.insertCell(place, cell));
      order.splice(place, 0, own.get(stage));
      inserted.push(stage);
    }
    previous = own.get(stage);
  }
  return inserted;
}

const isPending = (cell) => cell.executionState !== "idle";

function mayWrite(cell, { expected, source }) {
  if (!cell || cell.getSource() !== expected || cell.getMetadata("editable") === false) return false;
  return source === expected || !isPending(cell);
}

function write(cell, { expected, source, metadata }) {
  if (source !== expected) {
    // The outputs go first, so that no moment shows them beside a source that did not produce them.
    cell.setOutputs([]);
    cell.execution_count = null;
    cell.deleteMetadata("execution");
    cell.setSource(source);
  }
  const { plan, anchor, task, stage } = tag(cell);
  cell.setMetadata(KEY, { plan, anchor, ...(task ? { task } : {}), stage, ...metadata });
}

function applyWrites(shared, plan, task, anchor, writes) {
  const own = ownCells(shared, plan, task, anchor);
  const written = [];
  const refused = [];
  for (const item of writes) {
    const allowed = mayWrite(own.get(item.stage), item);
    if (allowed) write(own.get(item.stage), item);
    (allowed ? written : refused).push(item.stage);
  }
  return { written, refused };
}

function answer(shared, request, lastPlan) {
  const anchor = findAnchor(shared, request.anchor, lastPlan);
  if (!anchor) throw new Error("the magic cell is not in this notebook");
  const task = placeOf(request);
  let result;
  shared.transact(() => {
    const plan = identify(shared, anchor);
    const inserted = insertMissing(shared, plan, task, anchor, request.cells);
    const { written, refused } = applyWrites(shared, plan, task, anchor, request.writes);
    result = { ok: true, plan, anchor: anchor.id, inserted, written, refused };
  });
  return result;
}

function describe([stage, cell]) {
  const source = cell.getSource();
  return { stage, id: cell.id, source, metadata: tag(cell), pending: isPending(cell) };
}

function reachable(model) {
  const notebook = model.widget_manager?.context?.model;
  if (!notebook?.sharedModel?.cells) throw new Error("this frontend gives no access to the notebook's cells");
  if (notebook.readOnly) throw new Error("the notebook is read-only");
  return notebook.sharedModel;
}

const theme = () => (document.body.dataset.jpThemeLight === "false" ? "dark" : "light");

function connect(model, shared) {
  let state = model.get("state");
  let watched = [];
  let timer = null;

  function send(changes) {
    state = { ...state, ...changes };
    model.set("state", state);
    model.save_changes();
  }

  function ownNow() {
    const anchor = findAnchor(shared, state.anchor, state.plan);
    return [...ownCells(shared, state.plan, placeOf(model.get("request")), anchor)];
  }

  function watch() {
    for (const cell of watched) cell.changed.disconnect(onCell);
    watched = ownNow().map(([, cell]) => cell);
    for (const cell of watched) cell.changed.connect(onCell);
  }

  function push() {
    watch();
    const cells = ownNow().map(describe);
    // Metadata and pending change with every answer and run: only what the user did is news.
    const content = (list) => JSON.stringify(list.map(({ stage, id, source }) => [stage, id, source]));
    if (content(cells) !== content(state.cells)) send({ cells });
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(push, PUSH_DELAY);
  }

  const onCell = (_, change) => change.sourceChange && later();
  const onNotebook = (_, change) => change.cellsChange && state.ok && later();

  function onRequest() {
    const request = model.get("request");
    if (!(request.seq > (state.seq ?? 0))) return;
    try {
      const result = answer(shared, request, state.plan);
      state = { ...NOTHING, ...result, seq: request.seq };
      watch();
      send({ cells: ownNow().map(describe) });
    } catch (error) {
      send({ ...NOTHING, seq: request.seq, ok: false, error: error.message });
    }
  }

  model.on("change:request", onRequest);
  shared.changed.connect(onNotebook);
  if (state.ok) push();
  onRequest();
  return () => {
    clearTimeout(timer);
    shared.changed.disconnect(onNotebook);
    for (const cell of watched) cell.changed.disconnect(onCell);
  };
}

function refuse(model, error) {
  const onRequest = () => {
    const seq = model.get("request").seq ?? 0;
    model.set("state", { ...NOTHING, seq, ok: false, error: error.message });
    model.save_changes();
  };
  model.on("change:request", onRequest);
  onRequest();
}

function watchTheme(model) {
  // Saved with the first answer: a message of its own would make that answer wait for the kernel.
  model.set("theme", theme());
  const observer = new MutationObserver(() => {
    if (model.get("theme") === theme()) return;
    model.set("theme", theme());
    model.save_changes();
  });
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  return () => observer.disconnect();
}

// While an answer arrives the kernel is busy and reads no message: only an interrupt reaches it.
function watchStop(model) {
  const onClick = (event) => {
    const name = model.get("stop_class");
    const button = name && event.target?.closest?.(`.${CSS.escape(name)}`);
    if (!button) return;
    const kernel = model.widget_manager?.kernel;
    if (!kernel?.interrupt) {
      button.textContent = "Interrupt the kernel to stop";
      return;
    }
    // A second interrupt would hit whatever the kernel does after the first.
    button.disabled = true;
    kernel.interrupt().catch(() => (button.disabled = false));
  };
  document.addEventListener("click", onClick);
  return () => document.removeEventListener("click", onClick);
}

function initialize({ model }) {
  const stops = [watchTheme(model), watchStop(model)];
  try {
    stops.push(connect(model, reachable(model)));
  } catch (error) {
    refuse(model, error);
  }
  return () => stops.forEach((stop) => stop());
}

export default { initialize };
