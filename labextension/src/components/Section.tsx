import React from 'react';

interface ISectionProps {
  title: string;
  /** What stands at the right of the title. */
  tools?: React.ReactNode;
  className?: string;
  children: React.ReactNode;
}

/** A titled part of a page. */
export function Section({ title, tools, className = '', children }: ISectionProps): JSX.Element {
  return (
    <section className={`jp-Perijove-section ${className}`} aria-label={title}>
      <div className="jp-Perijove-sectionHead">
        <h3>{title}</h3>
        {tools}
      </div>
      {children}
    </section>
  );
}
