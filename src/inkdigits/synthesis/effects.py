"""What may happen to a page, by name, and which of it goes together."""

from itertools import chain

from .papers import Random

EFFECTS: dict[str, tuple[str, ...]] = {
    "ink": ("blue ink", "red ink", "pencil", "chalk"),
    "pen": ("hairline", "thick pen"),
    "spacing": ("wide", "close", "touching"),
    "baseline": ("slanted", "jumping", "uneven sizes"),
    "paper": ("tinted", "textured", "ruled", "graph paper", "show-through"),
    "form": ("cells", "boxed", "underlined"),
    "light": ("soft shadow", "hard shadow", "vignette", "gradient"),
    "view": ("perspective", "turned", "paper edge"),
    "camera": ("blurred", "noisy", "jpeg", "low resolution", "low contrast"),
    "dirt": ("specks",),
}
LEFT_OUT = {"none": ("pen", "spacing", "baseline", "form"), "singles": ("spacing", "baseline")}
# Both at once would leave nothing that a human could be sure of.
NEVER_BOTH = (
    {"hairline", "pencil"},
    {"hairline", "blurred"},
    {"hairline", "low resolution"},
    {"hairline", "low contrast"},
    {"pencil", "low contrast"},
    {"pencil", "noisy"},
    {"chalk", "paper edge"},
    {"cells", "touching"},
    {"uneven sizes", "touching"},
    {"jumping", "touching"},
    {"show-through", "low contrast"},
)


def choose_effects(kind: str, number: int, random: Random) -> tuple[str, ...]:
    """Return what happens to page `number` of a kind: one effect alone, or several."""
    groups = [names for group, names in EFFECTS.items() if group not in LEFT_OUT.get(kind, ())]
    every = ("plain", *chain(*groups))
    if number % 2 == 0:
        return (every[number // 2 % len(every)],)
    chosen: list[str] = []
    for names in groups:
        name = names[random.integers(len(names))]
        if random.random() < 0.4 and not any(
            name in pair and pair & set(chosen) for pair in NEVER_BOTH
        ):
            chosen.append(name)
    return tuple(chosen) or ("plain",)
