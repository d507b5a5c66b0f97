// A docstring's sections, as Google's style has them, as Markdown: else their lines run together.

const HEAD = /^(Args|Arguments|Attributes|Examples?|Notes?|Raises|Returns|Warnings?|Warns|Yields):\s*$/;
const FENCE = /^\s*(```|~~~)/;
const ENTRY = /^(\*{0,2}\w+(?: \([^)]*\))?):\s*(.*)$/;

/** The text with each such section as a heading and a list; anything else as it is. */
export function docstringAsMarkdown(docstring: string): string {
  const lines = docstring.split('\n');
  const written: string[] = [];
  let isCode = false;
  for (let place = 0; place < lines.length; place++) {
    const line = lines[place];
    isCode = FENCE.test(line) ? !isCode : isCode;
    const [, title] = (!isCode && HEAD.exec(line)) || [];
    if (!title) {
      written.push(line);
      continue;
    }
    const block = blockAfter(lines, place);
    written.push('', `**${title}**`, '', ...entries(block), '');
    place += block.length;
  }
  return written.join('\n').trim();
}

/** The indented lines below a heading, with the blank ones among them. */
function blockAfter(lines: readonly string[], head: number): string[] {
  let end = head + 1;
  while (end < lines.length && (!lines[end].trim() || /^\s/.test(lines[end]))) {
    end++;
  }
  return lines.slice(head + 1, end);
}

function entries(block: readonly string[]): string[] {
  const said = block.filter(line => line.trim());
  const least = Math.min(...said.map(depth));
  return said.map(line => {
    const [, name, text] = (depth(line) === least && ENTRY.exec(line.trim())) || [];
    if (name) {
      return `- \`${name}\`: ${text}`;
    }
    return depth(line) === least ? `- ${line.trim()}` : `  ${line.slice(least)}`;
  });
}

function depth(line: string): number {
  return line.length - line.trimStart().length;
}
