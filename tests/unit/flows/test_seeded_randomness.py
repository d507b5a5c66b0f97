"""What an author has seeded stays as it was: nothing of ours draws from it."""

import random

from perijove import flow, task


def test_a_retry_with_jitter_draws_nothing_from_the_authors_generator() -> None:
    @task(retries=2, retry_delay_seconds=0.001, retry_jitter_factor=1.0)
    def fails_twice(tries: list[int]) -> float:
        tries.append(1)
        if len(tries) < 3:
            raise ValueError("not yet")
        return random.random()

    @flow
    def seeded() -> float:
        random.seed(7)
        return fails_twice([])

    drawn = seeded()
    random.seed(7)
    assert drawn == random.random()
