package io.github.peft4j.jinja.internal.value;

/** Python's None. */
public enum None {
    NONE
}
