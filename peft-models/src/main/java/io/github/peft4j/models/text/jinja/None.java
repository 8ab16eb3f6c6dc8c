package io.github.peft4j.models.text.jinja;

/** Python's None. */
enum None {
    NONE
}
