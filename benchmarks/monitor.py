"""What it costs to watch a large run: the kernel's processor time, the delay of news, frames while the log scrolls."""

import argparse
import asyncio
import json
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from perijove import clock, deployments, embed
from perijove.widgets import showing
from perijove.widgets.known import Known, News
from perijove.widgets.watching import Watch

FLOW = """
import time

from perijove import flow, get_run_logger, task


@task
def step(number: int, lines: int) -> None:
    log = get_run_logger()
    for line in range(lines):
        log.info("line %d of step %d", line, number)


@flow
def large(tasks: int, lines: int, seconds: float) -> None:
    for number in range(tasks):
        step(number, lines // tasks)
        time.sleep(seconds / tasks)
"""

PAGE = """async ([code, style, messages]) => {
  const sheet = document.createElement('style');
  sheet.textContent = style;
  document.head.append(sheet);
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
  const { default: view } = await import(url);
  let hear;
  const model = {
    get: () => true, set() {}, save_changes() {}, off() {}, send() {},
    on(name, act) { if (name === 'msg:custom') { hear = act; } }
  };
  view.render({ model, el: document.body });
  const began = performance.now();
  messages.forEach(hear);
  const log = document.querySelector('[role=log]');
  log.getBoundingClientRect();
  const drawn = performance.now() - began;
  const frames = [];
  let last = await new Promise(requestAnimationFrame);
  for (let step = 0; step < 300; step++) {
    log.scrollTop = log.scrollHeight * step / 300;
    const now = await new Promise(requestAnimationFrame);
    frames.push(now - last);
    last = now;
  }
  return { drawn, frames };
}"""


def main() -> None:
    """Run a large flow on a server of its own, watch it, and draw it in Chromium."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--tasks", type=int, default=1_000)
    words.add_argument("--lines", type=int, default=10_000)
    words.add_argument("--seconds", type=float, default=60.0, help="How long the run takes at least.")
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        os.environ["PERIJOVE_HOME"] = f"{directory}/home"
        try:
            known = _watch(Path(directory), asked)
        finally:
            embed.stop()
    _draw(known)


def _watch(directory: Path, asked: argparse.Namespace) -> Known:
    file = directory / "flows.py"
    file.write_text(FLOW)
    deployments.deploying.deploy_file(file, "large", deployments.define.Wishes(name="prod"))
    run = deployments.run_deployment("large/prod", vars(asked), timeout=0)
    delays: list[float] = []

    def tell(news: News) -> None:
        json.dumps(news.json())  # as it goes to the page
        now = clock.now()
        delays.extend((now - log.timestamp).total_seconds() for log in news.logs)

    watch = Watch(run, run.target, tell)
    began, used = time.perf_counter(), time.process_time()
    asyncio.run(watch.follow())
    whole = time.perf_counter() - began
    share = (time.process_time() - used) / whole
    late = statistics.quantiles(delays, n=20)
    print(f"watched {len(watch.known.task_runs):,} task runs and {len(watch.known.logs):,} lines for {whole:.0f} s")
    print(f"processor of the kernel   {share:7.1%}")
    print(f"delay of a line, median   {statistics.median(delays) * 1000:5.0f} ms, 95 % within {late[-1] * 1000:.0f} ms")
    return watch.known


def _draw(known: Known) -> None:
    code, style = showing.script("monitor"), showing.style("monitor")
    messages: list[Any] = [{"type": "all", "of_what": "large/prod"}, {"type": "news", **known.all().json()}]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        seen = page.evaluate(PAGE, [code, style, messages])
        browser.close()
    frames = sorted(seen["frames"])
    print(f"drawn at once in          {seen['drawn']:5.0f} ms")
    print(f"frame while scrolling     {statistics.median(frames):5.1f} ms median, 95 % within {frames[-15]:.1f} ms")


if __name__ == "__main__":
    main()
