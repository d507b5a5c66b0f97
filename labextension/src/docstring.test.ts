import assert from 'node:assert/strict';
import { test } from 'node:test';

import { docstringAsMarkdown } from './docstring';

test('the entries of a section are a list, and an entry may go on in further lines', () => {
  const docstring = `Sums orders.

Args:
    region: where the orders
        come from
    *top (int): how many

Returns:
    The sum.`;
  assert.equal(
    docstringAsMarkdown(docstring),
    `Sums orders.


**Args**

- \`region\`: where the orders
      come from
- \`*top (int)\`: how many


**Returns**

- The sum.`
  );
});

test('Markdown without sections, and code that looks like one, stay as they are', () => {
  const text = 'Does **much**:\n\n- one\n- two\n\n```\nArgs:\n    x: 1\n```';
  assert.equal(docstringAsMarkdown(text), text);
});
