// Deployments on a page: a table to search in, some rows at a time; one of them can be open.

const STATUSES = [['', 'any status'], ['active', 'active'], ['paused', 'paused'], ['running', 'running'], ['failed', 'with failures']];
const COLUMNS = ['Deployment', 'Schedule', 'Next run', 'Last runs', 'Took', 'Tags'];

function render({ model, el }) {
  let before = []; // where the pages before this one began
  let cursor = {};
  let next = null;
  const tools = toolsOf(model, () => (before = []));
  const table = tableOf(model);
  const problem = problemOf(model);
  const count = element('span', 'perijove-quiet');
  count.setAttribute('role', 'status');
  const back = button('Previous', () => turn(before.pop()));
  const forth = button('Next', () => {
    before.push(cursor);
    turn(next);
  });
  const pages = element('div', 'perijove-tools', [back, forth]);
  const head = element('header', 'perijove-tools', [element('b', '', ['Deployments']), ...tools, count]);
  const root = element('section', 'perijove-view perijove-explorer', [head, problem.root, table.root, pages]);
  root.setAttribute('aria-label', 'Deployments');
  keepKeys(root);
  el.append(root);

  function turn(to) {
    root.setAttribute('aria-busy', 'true');
    model.send({ type: 'turn', cursor: to });
  }

  function showPage(page) {
    ({ cursor, next } = page);
    root.setAttribute('aria-busy', 'false');
    table.show(page);
    count.textContent = page.rows.length
      ? `${page.rows.length.toLocaleString()} of ${page.total.toLocaleString()} deployments`
      : isAll(model.get('wanted')) ? 'There are none yet: %deploy FLOW makes one.' : 'None is like that.';
    pages.hidden = !before.length && !next;
    back.disabled = !before.length;
    forth.disabled = !next;
  }

  function hear(message) {
    switch (message.type) {
      case 'page':
        return showPage(message);
      case 'strips':
        return table.showStrips(message.strips);
      case 'history':
        return table.showHistory(message);
      case 'problem':
        return problem.show(message.message);
    }
  }

  const clock = setInterval(table.tick, 15000);
  const told = appearing(root, hear);
  model.on('msg:custom', told);
  model.send({ type: 'attach' });
  return () => {
    clearInterval(clock);
    model.off('msg:custom', told);
  };
}

function isAll({ search, tags, status }) {
  return !search && !tags?.length && !status;
}

/** What chooses rows; `changed` is called before others are asked for. */
function toolsOf(model, changed) {
  const { search, tags, status } = model.get('wanted');
  const text = searchOf('Search deployments');
  text.value = search ?? '';
  const tagged = searchOf('Tags, with commas');
  tagged.value = (tags ?? []).join(', ');
  const choice = element('select', '', STATUSES.map(each => option(...each)));
  choice.setAttribute('aria-label', 'Status');
  choice.value = status ?? '';

  function choose() {
    changed();
    const words = tagged.value.split(',').map(each => each.trim()).filter(Boolean);
    model.set('wanted', { ...model.get('wanted'), search: text.value, tags: words, status: choice.value || null });
    model.save_changes();
  }
  text.addEventListener('input', afterwards(choose));
  tagged.addEventListener('input', afterwards(choose));
  choice.addEventListener('change', choose);
  return [text, tagged, choice];
}

function tableOf(model) {
  let rows = new Map();
  let open = null; // the id of the one that is open
  const body = element('tbody');
  const head = element('thead', '', [element('tr', '', COLUMNS.map(columnOf))]);
  const table = element('table', 'perijove-table', [head, body]);
  const details = detailsOf(model);

  function toggle(row) {
    open = open === row.id ? null : row.id;
    model.set('selected', open ? row.words : '');
    model.save_changes();
    model.send(open ? { type: 'open', id: open } : { type: 'close' });
    details.show(open ? row : null);
    place();
  }

  /** Put the details below the row that is open. */
  function place() {
    rows.forEach(row => row.toggle.setAttribute('aria-expanded', String(row.id === open)));
    const row = rows.get(open);
    row ? row.root.after(details.root) : details.root.remove();
  }

  function show(page) {
    const focused = [...rows.values()].find(row => row.toggle === document.activeElement)?.id;
    rows = new Map(page.rows.map(each => [each.id, rowOf(each, toggle)]));
    body.replaceChildren(...[...rows.values()].map(row => row.root));
    table.hidden = !rows.size;
    showStrips(page.strips);
    details.show(rows.get(open) ?? null);
    place();
    rows.get(focused)?.toggle.focus();
  }

  function showStrips(strips) {
    Object.entries(strips).forEach(([id, { flow_runs }]) => rows.get(id)?.showRuns(flow_runs));
  }

  return {
    root: element('div', 'perijove-scroll', [table]),
    show,
    showStrips,
    showHistory: message => message.id === open && details.showHistory(message),
    tick: () => rows.forEach(row => row.tick())
  };
}

function rowOf(deployment, open) {
  const words = `${deployment.flow_name}/${deployment.name}`;
  const toggle = button(words, () => open(row));
  toggle.className = 'perijove-toggle perijove-name';
  const schedules = deployment.schedules.map(({ words: own, active }) => element('div', '', [own, active ? '' : ' (paused)']));
  const next = element('td');
  const strip = element('td');
  const took = element('td', 'perijove-took');
  const root = element('tr', '', [
    element('td', '', [toggle]),
    element('td', '', schedules),
    next,
    strip,
    took,
    element('td', 'perijove-quiet', [deployment.tags.join(', ')])
  ]);
  COLUMNS.forEach((name, number) => (root.children[number].dataset.column = name));

  function tick() {
    const zone = deployment.schedules.find(each => each.active)?.schedule.timezone ?? 'UTC';
    next.textContent = deployment.paused ? 'paused' : deployment.next_run ? away(deployment.next_run) : '';
    next.title = deployment.next_run ? inBothZones(deployment.next_run, zone) : '';
  }
  const row = {
    id: deployment.id,
    deployment,
    words,
    root,
    toggle,
    tick,
    showRuns(runs) {
      strip.replaceChildren(...(runs.length ? [stripOf(runs)] : []));
      took.textContent = runs.length ? tookOf(runs.at(-1)) : '';
    }
  };
  tick();
  return row;
}

/** What is told of the open one. */
function detailsOf(model) {
  let id = null;
  const title = element('b', 'perijove-name');
  const act = type => () => model.send({ type, id });
  const buttons = { run: button('Run now', act('run')), pause: button('Pause', act('pause')), resume: button('Resume', act('resume')) };
  const coming = element('ol', 'perijove-coming');
  const history = element('div');
  const cell = element('td', '', [
    element('div', 'perijove-tools', [title, ...Object.values(buttons)]),
    element('h4', '', ['Next runs']), coming,
    element('h4', '', ['Run history']), history
  ]);
  cell.colSpan = COLUMNS.length;
  const root = element('tr', 'perijove-open', [cell]);

  return {
    root,
    show(row) {
      if (row?.id !== id) {
        coming.replaceChildren();
        history.replaceChildren();
      }
      id = row?.id ?? null;
      title.textContent = row?.words ?? '';
      buttons.pause.hidden = Boolean(row?.deployment.paused);
      buttons.resume.hidden = !row?.deployment.paused;
    },
    showHistory({ flow_runs, coming: instants }) {
      const lines = instants.map(({ instant, zone }) => element('li', '', [inBothZones(instant, zone)]));
      coming.replaceChildren(...(lines.length ? lines : [element('li', '', ['none: it has no schedule, or is paused'])]));
      if (!flow_runs.length) {
        history.replaceChildren('It has not run yet.');
        return;
      }
      const list = element('details', '', [element('summary', '', ['As a table']), runsTableOf(flow_runs)]);
      list.open = history.querySelector('details')?.open ?? false;
      history.replaceChildren(stripOf(flow_runs), durationsOf(flow_runs), list);
    }
  };
}

export default { render };
