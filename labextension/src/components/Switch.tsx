import React from 'react';

interface ISwitchProps {
  /** What a click does. */
  label: string;
  isOn: boolean;
  onClick: () => void;
}

/** A switch that is on or off. */
export function Switch({ label, isOn, onClick }: ISwitchProps): JSX.Element {
  return (
    <button
      className="jp-Perijove-switch"
      role="switch"
      aria-checked={isOn}
      aria-label={label}
      title={label}
      onClick={onClick}
    >
      <span className="jp-Perijove-switchTrack">
        <span className="jp-Perijove-switchThumb" />
      </span>
    </button>
  );
}
