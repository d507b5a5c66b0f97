// Text with terminal colours as pieces of plain text with a style: nothing else that a terminal obeys is obeyed.

/** A piece of text. `colour` is one of the sixteen by number; other colours are shown as plain text. */
export interface IPiece {
  text: string;
  colour?: number;
  bold?: boolean;
}

type Style = Omit<IPiece, 'text'>;

// Colours (SGR); any other control sequence; operating system commands and other strings; single escapes.
const SEQUENCE =
  // eslint-disable-next-line no-control-regex
  /\x1b\[([0-9;:]*)m|\x1b\[[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b[ -/]*[0-~]?/g;
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** The line's text in pieces of one style each. */
export function pieces(line: string): IPiece[] {
  const found: IPiece[] = [];
  let style: Style = {};
  let last = 0;
  const take = (text: string): void => {
    const clean = text.replace(CONTROLS, '');
    if (clean) {
      found.push({ text: clean, ...style });
    }
  };
  for (const match of line.matchAll(SEQUENCE)) {
    take(line.slice(last, match.index));
    last = match.index + match[0].length;
    if (match[1] !== undefined) {
      style = styled(style, match[1]);
    }
  }
  take(line.slice(last));
  return found;
}

/** The line's text alone. */
export function plain(line: string): string {
  return pieces(line)
    .map(({ text }) => text)
    .join('');
}

function styled(style: Style, codes: string): Style {
  const numbers = codes.split(/[;:]/).map(Number);
  let next = style;
  for (let place = 0; place < numbers.length; place++) {
    const code = numbers[place];
    if (code === 38 || code === 48) {
      place += numbers[place + 1] === 5 ? 2 : 4; // a colour of 256, or of three parts
    } else {
      next = withCode(next, code);
    }
  }
  return next;
}

function withCode(style: Style, code: number): Style {
  if (code === 0) {
    return {};
  }
  if (code === 1 || code === 22) {
    return { ...style, bold: code === 1 };
  }
  if (code >= 30 && code <= 37) {
    return { ...style, colour: code - 30 };
  }
  if (code >= 90 && code <= 97) {
    return { ...style, colour: code - 82 };
  }
  return code === 39 ? { ...style, colour: undefined } : style;
}
