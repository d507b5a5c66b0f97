// A deployment's parameters on a page: fields by their kinds. The kernel says what is wrong with what is typed.

const LOCAL_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
let named = 0; // ids must differ on the whole page

function render({ model, el }) {
  const typed = model.get('typed');
  const fields = model.get('fields').map(field => fieldOf(model, field, typed[field.name], () => field.name, changed));
  const run = element('button', 'perijove-button perijove-main', ['Run']);
  run.type = 'submit';
  const busy = element('span', 'perijove-quiet');
  busy.setAttribute('role', 'status');
  const problem = problemLine();
  const root = element('form', 'perijove-view perijove-form', [
    element('b', 'perijove-name', [model.get('title')]),
    ...fields.map(each => each.root),
    problem,
    element('div', 'perijove-tools', [run, busy])
  ]);
  root.noValidate = true;
  root.setAttribute('aria-label', `Parameters of ${model.get('title')}`);
  root.addEventListener('keydown', event => event.stopPropagation()); // else it is the notebook's
  root.addEventListener('submit', event => {
    event.preventDefault();
    model.send({ type: 'run' });
  });
  el.append(root);

  function changed() {
    model.set('typed', valuesOf(fields));
    model.save_changes();
  }

  function show() {
    const problems = model.get('problems');
    fields.forEach(field => field.show(problems));
    problem.textContent = problems[''] ?? '';
    run.disabled = model.get('is_busy') || Object.keys(problems).length > 0;
    busy.textContent = model.get('is_busy') ? 'Starting…' : '';
  }
  const told = appearing(root, () => {});
  model.on('msg:custom', told);
  model.on('change:problems', show);
  model.on('change:is_busy', show);
  show();
  model.send({ type: 'attach' });
  return () => {
    model.off('msg:custom', told);
    model.off('change:problems', show);
    model.off('change:is_busy', show);
  };
}

/** A field: `read()` gives what is typed, `show(problems)` says what is wrong with it, `rename(title)` is for another
 * place in a list, and `place()` says where it now is. */
function fieldOf(model, field, typed, place, changed) {
  switch (field.kind) {
    case 'group':
      return groupOf(model, field, typed, place, changed);
    case 'list':
      return listOf(model, field, typed, place, changed);
    case 'secret':
      return secretOf(model, field, place);
    case 'moment':
      return momentOf(field, typed, place, changed);
    default:
      return simpleOf(field, typed, place, changed);
  }
}

function valuesOf(fields) {
  return Object.fromEntries(fields.map(field => [field.name, field.read()]));
}

// -- fields of one value ---------------------------------------------------------------------------------------------

function simpleOf(field, typed, place, changed) {
  const input = inputOf(field);
  const isFlag = field.kind === 'flag';
  if (isFlag) {
    input.checked = typed;
  } else {
    input.value = typed;
  }
  input.addEventListener('input', changed);
  return labelled(field, place, input, () => (isFlag ? input.checked : input.value));
}

function inputOf({ kind, choices, is_required }) {
  if (kind === 'choice') {
    const input = element('select', '', choices.map((words, number) => option(number, words)));
    input.prepend(option('', is_required ? 'choose…' : '–'));
    return input;
  }
  if (kind === 'json') {
    const input = element('textarea');
    input.rows = 3;
    input.spellcheck = false;
    return input;
  }
  const input = element('input');
  input.type = { flag: 'checkbox', date: 'date', time: 'time', secret: 'password' }[kind] ?? 'text';
  input.step = kind === 'time' ? 1 : 'any';
  input.inputMode = { integer: 'numeric', number: 'decimal' }[kind] ?? '';
  input.autocomplete = kind === 'secret' ? 'new-password' : 'off';
  return input;
}

/** What is typed goes to the kernel alone: the widget's state is saved with the notebook. */
function secretOf(model, field, place) {
  const input = inputOf(field);
  input.placeholder = field.is_set ? 'kept as it is' : '';
  input.addEventListener('input', () => model.send({ type: 'secret', place: place(), text: input.value }));
  return labelled(field, place, input, () => '');
}

function momentOf(field, typed, place, changed) {
  const input = element('input');
  input.type = 'datetime-local';
  input.step = 1;
  input.value = typed.local;
  const zone = element('input');
  zone.value = typed.zone;
  zone.placeholder = 'timezone';
  zone.setAttribute('aria-label', `Timezone of ${field.title}`);
  const zones = element('datalist', '', ['UTC', LOCAL_ZONE, ...Intl.supportedValuesOf('timeZone')].map(each => option(each, each)));
  zones.id = `perijove-zones-${named++}`;
  zone.setAttribute('list', zones.id);
  input.addEventListener('input', changed);
  zone.addEventListener('input', changed);
  const made = labelled(field, place, input, () => ({ local: input.value, zone: zone.value }), [zone, zones]);
  return {
    ...made,
    rename(title) {
      made.rename(title);
      zone.setAttribute('aria-label', `Timezone of ${title}`);
    }
  };
}

/** A label, the input, its help, and a line for what is wrong; `beside`: what belongs to the input. */
function labelled(field, place, input, read, beside = []) {
  const label = labelOf(field);
  const help = element('div', 'perijove-quiet', [field.help]);
  const problem = problemLine();
  input.id = `perijove-field-${named++}`;
  label.htmlFor = input.id;
  help.id = `${input.id}-help`;
  problem.id = `${input.id}-problem`;
  help.hidden = !field.help;
  input.setAttribute('aria-describedby', `${help.id} ${problem.id}`);
  input.required = field.is_required;
  return {
    name: field.name,
    root: element('div', 'perijove-field', [label, element('div', 'perijove-inputs', [input, ...beside]), help, problem]),
    read,
    rename: title => (label.firstChild.data = title),
    show(problems) {
      const own = Object.keys(problems).find(each => each === place() || each.startsWith(`${place()}.`));
      problem.textContent = own ? problems[own] : '';
      input.setAttribute('aria-invalid', String(Boolean(own)));
    }
  };
}

function labelOf(field) {
  return element('label', 'perijove-label', [field.title, field.is_required ? ' *' : '']);
}

function problemLine() {
  const line = element('div', 'perijove-problem');
  line.setAttribute('role', 'alert');
  return line;
}

// -- fields of several -----------------------------------------------------------------------------------------------

function groupOf(model, field, typed, place, changed) {
  const fields = field.fields.map(each => fieldOf(model, each, typed[each.name], () => `${place()}.${each.name}`, changed));
  return framed(field, place, fields.map(each => each.root), {
    read: () => valuesOf(fields),
    show: problems => fields.forEach(each => each.show(problems))
  });
}

function listOf(model, field, typed, place, changed) {
  const rows = element('div');
  let { title } = field;
  let items = [];
  let known = {};

  function append(value) {
    const item = {};
    const shape = { ...field.item, title, name: '', is_required: false };
    const inner = fieldOf(model, shape, value, () => `${place()}.${items.indexOf(item)}`, changed);
    const remove = button('Remove', () => take(item));
    items.push(Object.assign(item, { inner, remove, root: element('div', 'perijove-item', [inner.root, remove]) }));
    rows.append(item.root);
    number();
    inner.show(known);
  }

  /** The others stay what they are: a secret that is typed in one is nowhere else to be had from. */
  function take(item) {
    model.send({ type: 'removed', place: place(), number: items.indexOf(item) });
    items = items.filter(each => each !== item);
    item.root.remove();
    number();
    changed();
    add.focus();
  }

  function number() {
    items.forEach(({ inner, remove }, index) => {
      inner.rename(`${title} ${index + 1}`);
      remove.setAttribute('aria-label', `Remove ${title} ${index + 1}`);
    });
    add.setAttribute('aria-label', `Add to ${title}`);
  }

  const add = button('Add', () => {
    append(emptyOf(field.item));
    changed();
    rows.lastChild.querySelector('input, select, textarea')?.focus();
  });
  typed.forEach(append);
  number();
  const made = framed(field, place, [rows, add], {
    read: () => items.map(({ inner }) => inner.read()),
    show(problems) {
      known = problems;
      items.forEach(({ inner }) => inner.show(problems));
    }
  });
  return {
    ...made,
    rename(words) {
      made.rename(words);
      title = words;
      number();
    }
  };
}

/** What stands in a field that nobody has touched. */
function emptyOf(field) {
  switch (field.kind) {
    case 'flag':
      return false;
    case 'moment':
      return { local: '', zone: LOCAL_ZONE };
    case 'list':
      return [];
    case 'group':
      return Object.fromEntries(field.fields.map(each => [each.name, emptyOf(each)]));
    default:
      return '';
  }
}

function framed(field, place, inner, { read, show }) {
  const problem = problemLine();
  const help = element('div', 'perijove-quiet', [field.help]);
  help.hidden = !field.help;
  const title = element('legend', 'perijove-label', [field.title, field.is_required ? ' *' : '']);
  return {
    name: field.name,
    root: element('fieldset', 'perijove-group', [title, help, ...inner, problem]),
    read,
    rename: words => (title.firstChild.data = words),
    show(problems) {
      problem.textContent = problems[place()] ?? '';
      show(problems);
    }
  };
}

export default { render };
