// What components keep up with: signals, the clock, the size of an element.

import type { ISignal } from '@lumino/signaling';
import React, { useEffect, useReducer, useState } from 'react';

import type { ScheduleWords } from './scheduleWords';
import { useSidebar } from './sidebar';

/** Render anew whenever the signal is emitted. */
export function useSignal(signal: ISignal<unknown, unknown>): void {
  const [, render] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    signal.connect(render);
    return () => {
      signal.disconnect(render);
    };
  }, [signal]);
}

/** The words of schedules, as they are known. */
export function useScheduleWords(): ScheduleWords {
  const { scheduleWords } = useSidebar();
  useSignal(scheduleWords.changed);
  return scheduleWords;
}

/** The time in milliseconds, anew every so many seconds while the page can be seen. */
export function useNow(seconds = 10): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => document.hidden || setNow(Date.now()), seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds]);
  return now;
}

/** The height of an element in pixels, as it changes. */
export function useHeight(ref: React.RefObject<HTMLElement>): number {
  const [height, setHeight] = useState(0);
  useEffect(() => {
    const element = ref.current;
    if (!element) {
      return;
    }
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref]);
  return height;
}
