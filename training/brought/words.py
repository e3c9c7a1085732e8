"""Words of which the benchmark's texts are made (bench/classify/texts.ts), so that they are tokens and not letters."""

WORDS = (
    "a about after all an and answer apple are as at autumn bench bird book bread brief bring by can cellar chair clear "
    "coffee colour day describe door draft evening explain field find first for friend from garden give glass green "
    "hill house how in into is it kitchen lake letter light list long make market meadow meeting month morning "
    "mountain music my name night of old on one or over paint paper path plan please poem question quiet rain read "
    "recipe river road room school sea short show small song soup spring stone story street summer table tea tell "
    "that the this three to town train translate tree two under village walk wall water weather week what where which "
    "wind window winter with word work write year yellow you your , . ?"
).split()
