import { Sanitizer } from '@jupyterlab/apputils';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import React, { useEffect, useRef } from 'react';

import { useSidebar } from '../sidebar';

const MARKDOWN = 'text/markdown';

// Nothing that is fetched when it is shown, as a picture is.
const TAGS =
  'a b blockquote br code dd del dl dt em h1 h2 h3 h4 h5 h6 hr i li ol p pre s strong table tbody td th thead tr ul';
const sanitizer = new Sanitizer();
const textOnly = {
  allowNamedProperties: false,
  sanitize: (dirty: string): string => sanitizer.sanitize(dirty, { allowedTags: TAGS.split(' ') })
};

/** Markdown of somebody else's, by JupyterLab's own renderer and sanitizer, and never trusted. */
export function Markdown({ source }: { source: string }): JSX.Element {
  const { rendermime } = useSidebar();
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const renderer = rendermime.clone({ sanitizer: textOnly }).createRenderer(MARKDOWN);
    const model = rendermime.createModel({ data: { [MARKDOWN]: source }, trusted: false });
    void renderer.renderModel(model);
    MessageLoop.sendMessage(renderer, Widget.Msg.BeforeAttach);
    host.current?.appendChild(renderer.node);
    MessageLoop.sendMessage(renderer, Widget.Msg.AfterAttach);
    return () => {
      renderer.node.remove();
      renderer.dispose();
    };
  }, [rendermime, source]);
  return <div ref={host} />;
}
